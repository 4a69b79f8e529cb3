import type { WebSocket } from '@fastify/websocket'
import type { FastifyRequest } from 'fastify'
import { makeServer, type ServerOptions } from 'graphql-ws'

export interface Connected extends Record<PropertyKey, unknown> {
  socket: WebSocket
  request: FastifyRequest
}

/** How often a socket is asked whether somebody is there still, and how long it has to answer, in milliseconds. */
const patience = 12_000

/** Serves graphql-transport-ws on a socket. What goes wrong is told to `failed` alone: the library's own handler would write it to the console. */
export function socketHandler<E extends Connected>(
  options: ServerOptions<Record<string, unknown>, E>,
  failed: (error: unknown, connected: Connected) => void,
): (socket: WebSocket, request: FastifyRequest) => void {
  const server = makeServer(options)
  return (socket, request) => {
    const connected: Connected = { socket, request }
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (text) => send(socket, text),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => socket.on('message', (data) => void take(String(data)).catch((error) => failed(error, connected))),
      },
      connected as E,
    )
    const end = keepAlive(socket)
    socket.once('close', (code, reason) => {
      end()
      closed(code, String(reason)).catch((error) => failed(error, connected))
    })
  }
}

/** What is said to somebody who has gone is no fault. */
const send = (socket: WebSocket, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) resolve()
    else socket.send(text, (error) => (error ? reject(error) : resolve()))
  })

/** Ends a socket of which nobody answers any more. */
function keepAlive(socket: WebSocket): () => void {
  let answered = true
  socket.on('pong', () => (answered = true))
  const timer = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, patience)
  return () => clearInterval(timer)
}
