import { Session as Inspector } from 'node:inspector/promises'
import type { FastifyInstance } from 'fastify'

/** Listens, tells the runner the port, and does what the runner asks: a CPU profile between `profile` and `stop`. */
export async function serve(app: FastifyInstance): Promise<void> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  tell({ port: typeof address === 'object' ? address?.port : undefined })
  let inspector: Inspector | undefined
  process.on('message', async (message) => {
    if (message === 'profile') {
      inspector = new Inspector()
      inspector.connect()
      await inspector.post('Profiler.enable')
      await inspector.post('Profiler.setSamplingInterval', { interval: 200 })
      await inspector.post('Profiler.start')
      tell({ profiling: true })
    } else if (message === 'stop' && inspector !== undefined) {
      const { profile } = await inspector.post('Profiler.stop')
      inspector.disconnect()
      tell({ profile })
    }
  })
}

const tell = (message: object): void => void process.send?.(message)

process.on('disconnect', () => process.exit(0))

export const databaseUrl = process.env.DATABASE_URL as string
