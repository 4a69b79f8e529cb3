// `npm test`: tap over test/**/*.test.ts, its passing assertions folded away, and the closing line `N passed, N failed`.
// Arguments are tap's own: file names, `--jobs=1`, `--bail`. For tap's coloured report of one file: `npx tap test/x.test.ts`.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism, constants, tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startEmbeddedPostgres } from '../src/db/embedded.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { resolve } = createRequire(import.meta.url)
const tap = fileURLToPath(import.meta.resolve('tap')).replace(/index\.js$/, 'run.mjs')

let running
/** What the test files learn of the PostgreSQL server that they share (test/harness.ts). */
const shared = {}
let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true
    running?.kill(signal)
  })
}

/** Runs tap, hands each line of its output to `onLine`, and resolves to its exit code. */
const runTap = (args, onLine) =>
  new Promise((done, fail) => {
    running = spawn(process.execPath, [tap, ...args], {
      cwd: root,
      env: { ...process.env, ...shared },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    createInterface({ input: running.stdout }).on('line', onLine)
    running.on('error', fail)
    running.on('close', (code, signal) => done(code ?? 128 + constants.signals[signal]))
  })

/** The first tap run after `npm ci` fails unless tap has been built for the plugins of package.json, which leave TypeScript to tsx. */
const isBuilt = async () => !/^exports\.signature = `[^`]*@tapjs\/typescript/m.test(await readFile(resolve('@tapjs/test/built'), 'utf8'))

const point = /^( *)(not )?ok\b/
const folded = /^ *(\d+\.\.\d+( #.*)?|\}|TAP version 14)?$|^ +# (Subtest: |time=)|^# (No coverage generated|time=.*)$/

/** Prints failures with their diagnostics, the outcome of each file and each test in it, and whatever a test wrote itself. */
const fold = () => {
  let depth = 0
  let show = false
  let diagnosticEnd = ''
  return (line) => {
    if (diagnosticEnd) {
      if (show) console.log(line)
      if (line === diagnosticEnd) diagnosticEnd = ''
      return
    }
    const [, indent, failed] = point.exec(line) ?? []
    if (indent !== undefined) {
      const isParent = indent.length < depth
      depth = indent.length
      show = Boolean(failed) && (!isParent || depth === 0)
      if (failed || depth <= 4) console.log(line)
    } else if (line === `${' '.repeat(depth + 2)}---`) {
      diagnosticEnd = `${' '.repeat(depth + 2)}...`
      if (show) console.log(line)
    } else if (!folded.test(line)) console.log(line)
  }
}

const totals = { pass: 0, fail: 0, skip: 0, todo: 0 }
const print = fold()
const read = (line) => {
  const empty = /^ok \d+ - (.*) # SKIP no tests found$/.exec(line)
  if (empty) {
    totals.fail++
    totals.skip--
    console.log(`not ok - ${empty[1]} holds no test`)
  } else if (/^ {4}# test count\(\d+\) != plan\(/.test(line)) {
    totals.fail++ // tap's totals leave out a file that was killed between two tests
    console.log('    not ok - ended in the middle of its tests')
  } else if (/^# \{ total: .* \}$/.test(line)) {
    for (const [, name, count] of line.matchAll(/(pass|fail|skip|todo): (\d+)/g)) totals[name] += Number(count)
  } else print(line)
}

let code = (await isBuilt()) ? 0 : await runTap(['build'], console.log)
if (code === 0 && !interrupted) {
  const jobs = Math.min(availableParallelism(), 4)
  const folder = await mkdtemp(path.join(tmpdir(), 'samenspel-tests-'))
  const packageName = process.env.TEST_POSTGRES_PACKAGE
  const server = await startEmbeddedPostgres({
    dataDir: path.join(folder, 'data'),
    durable: false,
    packageName,
    // Together as many locks as a server has that is left as it is, so that what it has no room for shows here.
    settings: { max_connections: '200', max_locks_per_transaction: '32' },
  })
  Object.assign(shared, { SAMENSPEL_TEST_POSTGRES: server.superuserUrl(), SAMENSPEL_TEST_FOLDER: folder })
  try {
    code = await runTap(['run', '--reporter=tap', `--jobs=${jobs}`, ...process.argv.slice(2)], read)
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

if (totals.skip + totals.todo > 0) console.log(`${totals.skip} skipped, ${totals.todo} to do`)
if (totals.pass + totals.fail === 0) console.log('No test was run.')
// A run that was interrupted or never started has failed although no test point says so.
if (totals.fail === 0 && (code !== 0 || interrupted || totals.pass === 0)) totals.fail = 1
process.exitCode = code || (totals.fail > 0 ? 1 : 0)
console.log(`${totals.pass} passed, ${totals.fail} failed`)
