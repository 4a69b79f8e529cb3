import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A process of the measurement: a peer or the load. It ends with the runner, whatever ends the runner, because its channel closes. */
export class Child {
  readonly #process: ChildProcess
  readonly #exited: Promise<never>

  constructor(name: string, command: string, args: readonly string[], env: Record<string, string>) {
    this.#process = spawn(command, args, {
      env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let said = ''
    this.#process.stderr?.on('data', (data) => {
      said = (said + data).slice(-4_000)
    })
    this.#exited = new Promise((_, reject) => {
      this.#process.once('error', reject)
      this.#process.once('exit', (code, signal) => reject(new Error(`${name} ended (${signal ?? code}): ${said.trim()}`)))
    })
    this.#exited.catch(() => undefined)
  }

  get pid(): number {
    return this.#process.pid as number
  }

  /** Sends a message and waits for the one that answers it. */
  async ask<T>(message: unknown): Promise<T> {
    const answer = this.answer<T>()
    this.#process.send(message as object)
    return answer
  }

  answer<T>(): Promise<T> {
    const told = new Promise<T>((resolve) => this.#process.once('message', (message) => resolve(message as T)))
    return Promise.race([told, this.#exited])
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGKILL')
    await gone
  }
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Of /proc/<pid>/stat: the parent and the CPU time used, in ticks of 10 ms. */
function statOf(pid: number | string): { parent: number; used: number; children: number } {
  const text = read(`/proc/${pid}/stat`)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const at = (index: number) => Number(fields[index] ?? 0)
  return { parent: at(1), used: at(11) + at(12), children: at(13) + at(14) }
}

const tick = 10

/** Milliseconds of CPU that a process and its children, living or ended, have used; 0 where there is no /proc. */
export function cpuOf(pid: number): number {
  const own = statOf(pid)
  let ticks = own.used + own.children
  for (const name of listOf('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const { parent, used } = statOf(name)
    if (parent === pid) ticks += used
  }
  return ticks * tick
}

/** Milliseconds of CPU that this process and those of its children that have ended used. */
export function ownCpu(): number {
  const { used, children } = statOf(process.pid)
  return (used + children) * tick
}

/** Milliseconds of CPU that this machine has used on anything. */
export function cpuOfMachine(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] =
    read('/proc/stat').split('\n')[0]?.split(/ +/).map(Number) ?? []
  return (user + nice + system + irq + softirq + steal) * tick
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
