import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { testDatabase } from './harness.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The first block of commands under a heading, as a reader would paste it. */
function commandsOf(heading: string): string {
  const section = readme.slice(readme.indexOf(`## ${heading}`))
  return /```sh\n(.*?)```/s.exec(section)?.[1] as string
}

const withoutShell = ['bash', 'curl'].find((command) => spawnSync(command, ['--version']).status !== 0)
const skip = withoutShell ? `${withoutShell} is not on this machine` : false

/** A reader's shell beside a fresh service, on whatever port that is. */
async function freshShell(t: Test): Promise<(script: string) => Promise<{ said: string; complaints: string }>> {
  const db = await testDatabase(t)
  await db.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = db.app.server.address() as { port: number }
  const folder = mkdtempSync(path.join(tmpdir(), 'samenspel-story-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(path.join(folder, '.data'))
  writeFileSync(path.join(folder, '.data/demo-keys.json'), JSON.stringify(db.keys))
  return async (script) => {
    const shell = spawn('bash', ['-c', script], {
      cwd: folder,
      env: { ...process.env, PORT: String(port), SAMENSPEL: undefined, DATA_DIR: undefined },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [said, complaints] = await Promise.all([text(shell.stdout), text(shell.stderr)])
    return { said, complaints }
  }
}

t.test('S51 the walks of the README go as they are pasted, on another port than 3000', { skip }, async (t) => {
  const run = await freshShell(t)
  const walks = ['Walk 1', 'Walk 2', 'Walk 3'].map(commandsOf)
  // Walk 2 has two blocks: the second adopts.
  const adopt = readme.slice(readme.indexOf('Adopt it, as the programme team')).match(/```sh\n(.*?)```/s)?.[1] as string
  const { said, complaints } = await run([walks[0], walks[1], adopt, walks[2]].join('\n'))
  t.equal(complaints, '')
  for (const told of [/"APPLIED"/, /"UNKNOWN_ACTION"/, /"state":"ADOPTED"/, /"IndicatorCode|"RegionCode":/, /Id;Ref;Title;/])
    t.match(said, told)
  t.notMatch(said, /"errors":\[\{"message"|"type":"https:/, 'nothing was refused but that item')
})

t.test('S51 S52 the story of the README, from adoption to council letter, goes as it is pasted', { skip }, async (t) => {
  const run = await freshShell(t)
  const beginning = commandsOf('Walk 1').split('\n').slice(0, 2)
  const { said, complaints } = await run([...beginning, commandsOf('The whole story')].join('\n'))
  t.equal(complaints, '')
  const answers = said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.match(answers, [
    { planAdopt: { plan: { inForce: { state: 'ADOPTED', effectiveFrom: /^\d{4}-/, contentHash: /^[0-9a-f]{64}$/ } }, userErrors: [] } },
    { milestoneAdd: { milestone: { plannedOn: '2026-03-01' }, userErrors: [] } },
    { contributionRecord: { contribution: { kind: 'STAFF' }, userErrors: [] } },
    { actionRecordStatus: { disposition: 'APPLIED', action: { status: 'FINALISATION', progressPercent: 90 }, userErrors: [] } },
    { action: { status: 'FINALISATION', progressPercent: 90, contributions: { totalCount: 0 } } },
    { councilDigest: { changedActions: { nodes: [{ status: 'FINALISATION' }] } } },
    [{ extensions: { code: 'FORBIDDEN' } }],
    {
      councilNoticeRecord: {
        councilNotice: { kind: 'RIB', duties: [{ state: 'FULFILLED', fulfilledOn: '2025-11-04' }] },
        userErrors: [],
      },
    },
  ])
})
