// Starting, watching and stopping a server, for the steps of .ci/run.
import { spawn } from 'node:child_process'
import { readFile, realpath, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

export const check = (condition, message) => {
  if (!condition) throw new Error(message)
}

export const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

const signal = (pid, name) => {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** A child in a process group of its own, with its output kept. */
export const launch = (command, args, { cwd, env }) => {
  // biome-ignore lint/style/noProcessEnv: passed on as a whole, nothing is read from it
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (chunk) => {
    output = (output + chunk).slice(-20_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(code ?? signal))
  })
  return {
    exited,
    output: () => output,
    signal: (name) => signal(child.pid, name),
    /** As the terminal does on Ctrl-C: to the process and all that it started. */
    signalAll: (name) => signal(-child.pid, name),
  }
}

/** Runs a command to its end; its output is shown only when it fails. */
export const complete = async (title, command, args, options) => {
  const started = performance.now()
  const child = launch(command, args, options)
  const end = await child.exited
  if (end !== 0) console.log(child.output())
  check(end === 0, `${title}: ended with ${end}`)
  console.log(`ok  ${title} (${seconds(started)})`)
}

export const isReady = async (base) => {
  try {
    return (await fetch(`${base}/health/ready`, { signal: AbortSignal.timeout(5_000) })).ok
  } catch {
    return false
  }
}

/** Waits until a server answers on /health/ready, and no longer than it lives. */
export const untilReady = async (server, base, limit = 120) => {
  let ended
  server.exited.then((how) => {
    ended = how
  })
  const deadline = performance.now() + limit * 1000
  while (!(await isReady(base))) {
    check(ended === undefined, `the server ended with ${ended} before it was ready`)
    check(performance.now() < deadline, `the server was not ready within ${limit} s`)
    await sleep(50)
  }
}

/** SIGTERM to the server itself (npm would not pass it on): it must drain and exit with 0 within 15 s. */
export const drain = async (server) => {
  const started = performance.now()
  server.signal('SIGTERM')
  const end = await Promise.race([server.exited, sleep(15_000, 'nothing', { ref: false })])
  check(end !== 'nothing', 'SIGTERM: still running after 15 s')
  check(end === 0, `SIGTERM: ended with ${end}, not with exit code 0`)
  console.log(`ok  SIGTERM: exit code 0 (${seconds(started)})`)
}

/** Ctrl-C on `npm start`. */
export const interrupt = async (server, base) => {
  const started = performance.now()
  server.signalAll('SIGINT')
  const end = await Promise.race([server.exited, sleep(15_000, 'nothing', { ref: false })])
  check(end !== 'nothing', 'Ctrl-C: still running after 15 s')
  for (let tries = 0; tries < 300 && (await isListening(base)); tries++) await sleep(50)
  check(!(await isListening(base)), 'Ctrl-C: npm has ended, the server still listens')
  console.log(`ok  Ctrl-C: stopped (${seconds(started)})`)
}

const isListening = (base) =>
  fetch(`${base}/health/live`, { signal: AbortSignal.timeout(5_000) }).then(
    () => true,
    () => false,
  )

const postmasterOf = async (dataDir) => {
  const pid = Number((await readFile(path.join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0])
  if (!(pid > 0)) return undefined
  try {
    process.kill(pid, 0)
    return pid
  } catch {
    return undefined
  }
}

/** A stopped server leaves no database behind. */
export const expectNoDatabase = async (dataDir) => {
  for (let tries = 0; tries < 100; tries++) {
    if ((await postmasterOf(dataDir)) === undefined) return console.log('ok  its database has stopped with it')
    await sleep(50)
  }
  throw new Error('PostgreSQL still runs after the server has stopped')
}

/** Whatever happened: no database of this data directory keeps running, and nothing of it stays on disk. */
export const sweep = async (dataDir) => {
  const pid = await postmasterOf(dataDir)
  if (pid !== undefined) {
    process.kill(pid, 'SIGQUIT')
    for (let tries = 0; tries < 100 && (await postmasterOf(dataDir)) !== undefined; tries++) await sleep(50)
  }
  // Under a path that only root can enter, the database stands elsewhere, in a folder named for this one data directory.
  const cluster = await realpath(path.join(dataDir, 'postgres')).catch(() => undefined)
  const refuge = cluster && path.dirname(cluster)
  if (refuge && path.basename(refuge).startsWith('samenspel-') && !cluster.startsWith(await realpath(dataDir)))
    await rm(refuge, { recursive: true, force: true })
  await rm(dataDir, { recursive: true, force: true })
}
