import type { FastifyInstance, InjectOptions } from 'fastify'
import t from 'tap'
import { testDatabase } from './harness.ts'

type Method = NonNullable<InjectOptions['method']>

interface OpenApi {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, unknown> }>; parameters?: { name: string }[] }>
  >
}

/** Every method and address that the service answers, from the tree in which the router prints them. */
function routesOf(app: FastifyInstance): { method: Method; url: string }[] {
  const way: string[] = []
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods = ''] = /^((?:│ {3}| {4})*)[├└]── (\S*)(?: \((.*)\))?$/.exec(line) ?? []
      way.splice(indent.length / 4, way.length, part)
      const url = way.join('')
      return methods.split(', ').flatMap((method) => (method === '' ? [] : [{ method: method as Method, url }]))
    })
}

t.test('the OpenAPI document and the REST door agree', async (t) => {
  const { app, keys } = await testDatabase(t)
  const { paths } = (await app.inject('/api/v1/openapi.json')).json<OpenApi>()
  const described = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))

  t.test('every route that is answered is described, and no other', async (t) => {
    const routes = routesOf(app).filter(({ method, url }) => url.startsWith('/api/v1/') && method !== 'HEAD')
    const answered: string[] = []
    for (const { method, url } of routes) {
      if (url === '/api/v1/openapi.json') continue // the document itself
      const { statusCode, headers } = await app.inject({ method, url })
      if (statusCode === 405) t.match(headers.allow, /^[A-Z, ]+$/, `${method} ${url}`)
      else answered.push(`${method.toLowerCase()} ${url.slice('/api/v1'.length).replace(/:(\w+)/g, '{$1}')}`)
    }
    t.ok(answered.length >= 10)
    t.same(answered.sort(), described.sort())
  })

  t.test('an export answers as it is described', async (t) => {
    const path = '/exports/Actions.csv'
    const { responses, parameters } = paths[path]!.get!
    t.same(parameters?.map(({ name }) => name).sort(), ['bom', 'delimiter', 'if-none-match'])
    const key = keys['bi_reader@servatius']
    const answers = [
      [200, '?bom=true&delimiter=;', `Bearer ${key}`],
      [400, '?delimiter=x', `Bearer ${key}`],
      [400, '?bom=true&bom=false', `Bearer ${key}`],
      [400, '?colour=red', `Bearer ${key}`],
      [401, '', 'Bearer nonsense'],
    ] as const
    for (const [status, query, authorization] of answers) {
      const answer = await app.inject({ url: `/api/v1${path}${query}`, headers: { authorization } })
      t.equal(answer.statusCode, status, query)
      t.same(Object.keys(responses[status]?.content ?? {}), [String(answer.headers['content-type']).split(';')[0]])
    }
  })
})

t.test('the bare addresses tell where the doors are, and each of them is there', async (t) => {
  const { app } = await testDatabase(t)
  const told = await app.inject('/')
  t.equal(told.statusCode, 200)
  t.equal((await app.inject('/api/v1')).body, told.body)
  const { rest: _itself, health, ...doors } = told.json<{ doors: Record<string, string> & { health: string[] } }>().doors
  for (const url of [...Object.values(doors), ...health]) t.ok([200, 302, 400].includes((await app.inject(url)).statusCode), url)
})
