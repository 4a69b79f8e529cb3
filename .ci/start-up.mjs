// node .ci/start-up.mjs <folder> <start command>: what a newcomer does in a clean folder after `npm ci`, and what an operator
// and a power cut do after that: start, use, Ctrl-C, start again, SIGTERM, kill -9, start again.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { check, drain, expectNoDatabase, freePort, interrupt, launch, seconds, sweep, untilReady } from './process.mjs'
import { expectReport, pushStatus, throughEveryDoor } from './smoke.mjs'

const [folder, startCommand] = process.argv.slice(2)
const { scripts } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'))
const dataDir = path.resolve(folder, '..', 'data')
const servers = []

const launchServer = async (command) => {
  const port = await freePort()
  const server = launch('sh', ['-c', `exec ${command}`], { cwd: folder, env: { DATA_DIR: dataDir, PORT: String(port) } })
  servers.push(server)
  return { server, base: `http://127.0.0.1:${port}` }
}

const start = async (title, command) => {
  const started = performance.now()
  const { server, base } = await launchServer(command)
  await untilReady(server, base)
  console.log(`ok  ${title}, ${command}: ready after ${seconds(started)}`)
  return { server, base }
}

const readKeys = async () => JSON.parse(await readFile(path.join(dataDir, 'demo-keys.json'), 'utf8'))

const walk = async () => {
  let { server, base } = await start('First start', startCommand)
  const keys = await readKeys()
  const first = await throughEveryDoor(base, keys)
  await interrupt(server, base)
  await expectNoDatabase(dataDir)
  ;({ server, base } = await start('Second start', startCommand))
  check(JSON.stringify(await readKeys()) === JSON.stringify(keys), 'the second start made other demo keys')
  await expectReport(base, keys, first)
  console.log('ok  the report is still there')
  await interrupt(server, base)
  ;({ server, base } = await start('Third start', scripts.start))
  const rival = await launchServer(scripts.start)
  const end = await rival.server.exited
  check(end !== 0 && typeof end === 'number', `a second server on the same DATA_DIR ended with ${end}`)
  console.log(`ok  a second server on the same DATA_DIR is refused: ${rival.server.output().trim().split('\n').at(-1)}`)
  await drain(server)
  await expectNoDatabase(dataDir)
  ;({ server, base } = await start('Fourth start', scripts.start))
  const second = await pushStatus(base, keys, 42)
  server.signal('SIGKILL')
  await server.exited
  console.log('ok  a report was pushed; kill -9')
  ;({ server, base } = await start('Start after kill -9', scripts.start))
  await expectReport(base, keys, second)
  console.log('ok  the report is still there')
  await drain(server)
  await expectNoDatabase(dataDir)
}

const clear = async () => {
  for (const server of servers) server.signalAll('SIGKILL')
  await sweep(dataDir)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, async () => {
    await clear()
    process.exit(1)
  })

try {
  await walk()
} catch (error) {
  console.log(`not ok  ${error.message}`)
  for (const [index, server] of servers.entries()) {
    const output = server.output().trim()
    if (output !== '') console.log(`--- the end of what server ${index + 1} said\n${output.split('\n').slice(-40).join('\n')}`)
  }
  process.exitCode = 1
} finally {
  await clear()
}
