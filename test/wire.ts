import { createServer, connect as dial } from 'node:net'
import type { Test } from 'tap'

/** A way to the database that counts the Syncs sent over it: each is one round trip. */
export interface Wire {
  through(url: string): string
  syncs: number
}

export async function countingWire(t: Test): Promise<Wire> {
  let target: URL | undefined
  const proxy = createServer((socket) => {
    const server = dial(Number(target?.port), target?.hostname as string)
    let pending = Buffer.alloc(0)
    let started = false
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk])
      // The first message has no type; all others are a type, a length and a body.
      while (pending.length >= 5) {
        const offset = started ? 1 : 0
        const length = pending.readInt32BE(offset) + offset
        if (pending.length < length) break
        if (started && pending[0] === 0x53) wire.syncs++
        started = true
        pending = pending.subarray(length)
      }
    })
    socket.pipe(server).pipe(socket)
    for (const end of [socket, server]) end.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.teardown(() => proxy.close())
  const wire: Wire = {
    syncs: 0,
    through: (url) => {
      target = new URL(url)
      return Object.assign(new URL(url), { port: String((proxy.address() as { port: number }).port) }).href
    },
  }
  return wire
}
