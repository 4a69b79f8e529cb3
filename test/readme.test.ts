import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { environment, readConfig } from '../src/config.ts'

const textOf = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

t.test('the README tells every variable of the environment with its default, and no other', (t) => {
  const rows = [...textOf('README.md').matchAll(/^\| `([A-Z_]+)` \| (?:`(.+?)`|–) \| (.+) \|$/gm)]
  const told = Object.fromEntries(rows.map(([, name, preset]) => [name, preset]))
  const defaults: Record<string, unknown> = readConfig({})
  const known = Object.keys(environment.shape).map((name) => [name, defaults[name] === undefined ? undefined : String(defaults[name])])
  t.strictSame(told, Object.fromEntries(known))
  for (const [, name, , meaning] of rows) t.match(meaning, /\w/, `${name} has a meaning`)
  t.end()
})

t.test('README and CONTRIBUTING add a concept in the same steps, by files that are there', (t) => {
  const stepsOf = (document: string) => {
    const section = textOf(document)
      .split(/^#+ /m)
      .find((part) => part.startsWith('Adding a concept')) as string
    return [...section.matchAll(/^\d\. (.*(?:\n {3}.*)*)/gm)].map(([, step = '']) =>
      [...step.matchAll(/`([\w/<>.-]+\.(?:ts|graphql))`/g)].map(([, file]) => file),
    )
  }
  const [brief, full] = [stepsOf('README.md'), stepsOf('CONTRIBUTING.md')]
  t.same(
    brief.map(([first]) => first),
    full.map(([first]) => first),
  )
  const fixed = [...brief, ...full].flat().filter((file) => file?.includes('/') && !file.includes('<'))
  t.ok(fixed.length > 5)
  for (const file of fixed) t.ok(existsSync(new URL(`../${file}`, import.meta.url)), `${file} is there`)
  t.end()
})
