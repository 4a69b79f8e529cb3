const terminator = 1
const header = 5

/** Execute of the unnamed portal, all rows. */
const execute = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0])
const sync = Buffer.from([0x53, 0, 0, 0, 4])

/**
 * The messages of a batch in PostgreSQL's protocol (3.0, all values as text), one behind the other in one buffer: they leave in one write, where a write
 * for each costs more than all else that is done for a small read.
 */
export class Messages {
  #bytes: Buffer = Buffer.allocUnsafe(2048)
  #end = 0
  #start = 0

  close(name: string): this {
    return this.#begin(0x43, name.length + 1 + terminator)
      .#text('S')
      .#string(name)
      .#finish()
  }

  parse(name: string, text: string): this {
    return this.#begin(0x50, name.length + 3 * text.length + 2 * terminator + 2)
      .#string(name)
      .#string(text)
      .#int16(0)
      .#finish()
  }

  /** Binds values to a statement and executes it. */
  run(name: string, values: readonly (string | null)[]): this {
    this.#begin(0x42, name.length + 2 * terminator + 6)
      .#string('')
      .#string(name)
      .#int16(0)
      .#int16(values.length)
    for (const value of values) this.#value(value)
    return this.#int16(0).#finish().#constant(execute)
  }

  /** What was written so far, and the end of it. */
  synced(): Buffer {
    return this.#constant(sync).#bytes.subarray(0, this.#end)
  }

  #begin(type: number, room: number): this {
    this.#reserve(header + room)
    this.#start = this.#end + 1
    this.#bytes[this.#end] = type
    this.#end += header
    return this
  }

  #finish(): this {
    this.#bytes.writeInt32BE(this.#end - this.#start, this.#start)
    return this
  }

  #value(value: string | null): void {
    // A value is at most three bytes for each unit of its text, and behind the last one follow two bytes more.
    this.#reserve(4 + (value === null ? 0 : 3 * value.length) + 2)
    const at = this.#end
    this.#end += 4
    if (value !== null) this.#text(value)
    this.#bytes.writeInt32BE(value === null ? -1 : this.#end - at - 4, at)
  }

  #string(text: string): this {
    this.#text(text)
    this.#bytes[this.#end++] = 0
    return this
  }

  #text(text: string): this {
    this.#end += this.#bytes.write(text, this.#end)
    return this
  }

  #int16(value: number): this {
    this.#end = this.#bytes.writeInt16BE(value, this.#end)
    return this
  }

  #constant(bytes: Buffer): this {
    this.#reserve(bytes.length)
    this.#end += bytes.copy(this.#bytes, this.#end)
    return this
  }

  #reserve(room: number): void {
    if (this.#end + room <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(2 * (this.#end + room))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
  }
}
