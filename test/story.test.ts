import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { testDatabase } from './harness.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The first block of commands under a heading, as a reader would paste it. */
function commandsOf(heading: string): string {
  const section = readme.slice(readme.indexOf(`## ${heading}`))
  return /```sh\n(.*?)```/s.exec(section)?.[1] as string
}

const withoutShell = ['bash', 'curl'].find((command) => spawnSync(command, ['--version']).status !== 0)

t.test(
  'S51 S52 the story of the README, from adoption to council letter, goes as it is pasted',
  { skip: withoutShell ? `${withoutShell} is not on this machine` : false },
  async (t) => {
    const db = await testDatabase(t)
    await db.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = db.app.server.address() as { port: number }
    const folder = mkdtempSync(path.join(tmpdir(), 'samenspel-story-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    mkdirSync(path.join(folder, '.data'))
    writeFileSync(path.join(folder, '.data/demo-keys.json'), JSON.stringify(db.keys))
    const key = commandsOf('Walk 1')
      .split('\n')
      .find((line) => line.startsWith('key()')) as string
    const script = `export SAMENSPEL=http://127.0.0.1:${port}\n${key}\n${commandsOf('The whole story')}`
    const shell = spawn('bash', ['-c', script], { cwd: folder })
    const [said, complaints] = await Promise.all([text(shell.stdout), text(shell.stderr)])
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
  },
)
