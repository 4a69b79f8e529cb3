import type { WriteStream } from 'node:tty'
import { SingleBar } from 'cli-progress'
import type { Progress } from './command.ts'

/** A bar for who watches, and a line at every tenth for a log. */
export function showProgress(stream: WriteStream): { progress: Progress; end(): void } {
  return stream.isTTY ? showBar(stream) : showLines(stream)
}

function showBar(stream: WriteStream): { progress: Progress; end(): void } {
  let bar: SingleBar | undefined
  return {
    progress: (done, total, what) => {
      if (bar === undefined) {
        bar = new SingleBar({ stream, format: '{bar} {percentage}% | {value} of {total} {what}', hideCursor: true, clearOnComplete: true })
        bar.start(total ?? done, 0, { what })
      }
      bar.setTotal(Math.max(total ?? done, done))
      bar.update(done, { what })
    },
    end: () => bar?.stop(),
  }
}

function showLines(stream: WriteStream): { progress: Progress; end(): void } {
  let told = -1
  return {
    progress: (done, total, what) => {
      const tenth = total ? Math.floor((done * 10) / total) : done
      if (tenth === told) return
      told = tenth
      stream.write(`${done}${total === undefined ? '' : ` of ${total}`} ${what}\n`)
    },
    end: () => undefined,
  }
}
