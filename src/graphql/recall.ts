import type { PreparedOperation } from './prepare.ts'

/** A longer body is made ready anew each time. */
const longest = 16 * 1024
/** An operation takes up to 200 bytes of heap a byte of its body (measured: 430 a token), so this is about 50 MB at the very most. */
const most = 256 * 1024

/**
 * The same bytes ask the same: an operation that was made ready once, with its variables, is found again by its body. Whether an operation may run depends on
 * its text and variables alone, never on who asks, so it holds for everyone. Bounded in bytes; the one asked longest ago goes first.
 */
export class Recall {
  readonly #operations = new Map<string, PreparedOperation>()
  #bytes = 0

  /** @param make makes a body ready, and throws what refuses it; a refusal is not kept. */
  of(body: Buffer, make: (body: Buffer) => PreparedOperation): PreparedOperation {
    if (body.length > longest) return make(body)
    const key = body.toString('latin1')
    const known = this.#operations.get(key)
    if (known !== undefined) {
      this.#operations.delete(key) // to the young end
      this.#operations.set(key, known)
      return known
    }
    const operation = make(body)
    if (operation.operation.operation === 'query') this.#keep(key, operation)
    return operation
  }

  #keep(key: string, operation: PreparedOperation): void {
    this.#operations.set(key, operation)
    this.#bytes += key.length
    for (const oldest of this.#operations.keys()) {
      if (this.#bytes <= most) break
      this.#operations.delete(oldest)
      this.#bytes -= oldest.length
    }
  }
}
