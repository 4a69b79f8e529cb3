import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'

// The load, in a process of its own: replays a file of requests over kept-alive connections and times each answer. Plain sockets, because on a machine that
// serves and asks at once a dearer client would measure itself.

export interface Request {
  authorization: string | undefined
  body: string
}

export interface Work {
  port: number
  /** A file of requests as JSON. */
  file: string
  connections: number
  milliseconds: number
  /** The length of each right answer, where it is known: another length is an error. */
  lengths: readonly number[] | undefined
}

export interface Measured {
  requests: number
  seconds: number
  /** Milliseconds. */
  p50: number
  p99: number
  bytes: number
  errors: number
}

const files = new Map<string, Buffer[]>()

function requestsOf(file: string): Buffer[] {
  let requests = files.get(file)
  if (requests === undefined) {
    const written = JSON.parse(readFileSync(file, 'utf8')) as Request[]
    requests = written.map(({ authorization, body }) => {
      const who = authorization === undefined ? '' : `authorization: ${authorization}\r\n`
      const head = `POST /graphql HTTP/1.1\r\nhost: bench\r\n${who}accept: application/json\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`
      return Buffer.from(head + body)
    })
    files.set(file, requests)
  }
  return requests
}

const blankLine = Buffer.from('\r\n\r\n')

/** Takes note of an answer and tells whether to ask on. */
type Answered = (index: number, milliseconds: number, length: number, right: boolean) => boolean

/** One connection: asks, reads the answer by its content-length, asks the next. */
class Connection {
  readonly #socket: Socket
  readonly #requests: readonly Buffer[]
  readonly #answered: Answered
  #next: number
  #sent = 0
  #head: Buffer | undefined
  #left = 0
  #length = 0
  #right = true

  constructor(work: Work, requests: readonly Buffer[], first: number, answered: Answered) {
    this.#requests = requests
    this.#next = first
    this.#answered = answered
    this.#socket = connect({ port: work.port, host: '127.0.0.1', noDelay: true }, () => this.#ask())
    this.#socket.on('data', (chunk) => this.#read(chunk))
  }

  onLost(listener: () => void): void {
    this.#socket.on('error', listener)
    this.#socket.on('close', listener)
  }

  #ask(): void {
    this.#sent = performance.now()
    this.#socket.write(this.#requests[this.#next] as Buffer)
  }

  #read(chunk: Buffer): void {
    if (this.#left === 0) {
      const whole = this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk])
      const end = whole.indexOf(blankLine)
      if (end < 0) {
        this.#head = whole
        return
      }
      this.#head = undefined
      const head = whole.toString('latin1', 0, end)
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
      if (length === undefined) throw new Error(`an answer without content-length:\n${head}`)
      this.#right = head.startsWith('HTTP/1.1 200')
      this.#length = Number(length)
      this.#left = this.#length - (whole.length - end - blankLine.length)
    } else {
      this.#left -= chunk.length
    }
    if (this.#left > 0) return
    const goOn = this.#answered(this.#next, performance.now() - this.#sent, this.#length, this.#right)
    this.#next = (this.#next + 1) % this.#requests.length
    if (goOn) this.#ask()
    else this.#socket.destroy()
  }
}

function measure(work: Work): Promise<Measured> {
  const requests = requestsOf(work.file)
  const times: number[] = []
  let bytes = 0
  let errors = 0
  const started = performance.now()
  const deadline = started + work.milliseconds
  return new Promise((resolve) => {
    let open = work.connections
    let last = started
    const answered: Answered = (index, milliseconds, length, right) => {
      const now = performance.now()
      if (now <= deadline) {
        last = now
        times.push(milliseconds)
        bytes += length
        if (!right || (work.lengths !== undefined && work.lengths[index] !== length)) errors++
      }
      return now < deadline
    }
    const closed = () => {
      if (--open > 0) return
      times.sort((a, b) => a - b)
      const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
      resolve({ requests: times.length, seconds: Math.max(last - started, 1) / 1000, p50: at(0.5), p99: at(0.99), bytes, errors })
    }
    for (let number = 0; number < work.connections; number++) {
      const first = Math.floor((number * requests.length) / work.connections)
      let lost = false
      new Connection(work, requests, first, answered).onLost(() => {
        if (!lost) closed()
        lost = true
      })
    }
  })
}

process.on('message', async (work: Work) => {
  const measured = await measure(work)
  process.send?.(measured)
})
process.on('disconnect', () => process.exit(0))
