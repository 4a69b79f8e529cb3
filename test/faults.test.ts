import { type AddressInfo, connect } from 'node:net'
import t from 'tap'
import { testDatabase } from './harness.ts'

interface Answer {
  status: number
  type: string
  body: { code?: string; status?: number; type?: string; error?: { code?: string } }
}

/** Sends bytes and reads what is answered until the connection ends. */
function exchange(port: number, sent: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(sent))
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${sent.slice(0, 60)}`)))
    let got = ''
    socket.on('data', (chunk) => (got += chunk))
    socket.on('error', reject)
    socket.on('close', () => {
      const [head = '', body = ''] = got.split('\r\n\r\n')
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
      resolve({ status, type: /^content-type: ([^;\r]*)/im.exec(head)?.[1] ?? '', body: JSON.parse(body) })
    })
  })
}

t.test('what cannot be served is told in the form of its door with a stable code, whatever was sent', async (t) => {
  const { app, keys } = await testDatabase(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const system = `Authorization: Bearer ${keys['partner_system@woonpunt']}`
  const request = (line: string, headers: string[] = [], body = '') =>
    [`${line} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers, '', body].join('\r\n')
  const push = (headers: string[], body = '{}') =>
    request('POST /api/v1/status-reports', [system, 'Idempotency-Key: x', ...headers, `Content-Length: ${body.length}`], body)
  const json = 'Content-Type: application/json'

  const problems: [what: string, sent: string, status: number, code: string][] = [
    ['garbage', 'hello\r\n\r\n', 400, 'BAD_REQUEST'],
    ['another version', 'GET /api/v1/actions/x HTTP/3.7\r\nHost: x\r\n\r\n', 400, 'BAD_REQUEST'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'BAD_REQUEST'],
    ['a method there is not', request('BREW /api/v1/actions/x'), 400, 'BAD_REQUEST'],
    ['two lengths', push([json, 'Transfer-Encoding: chunked']), 400, 'BAD_REQUEST'],
    ['headers of 20 kB', request('GET /api/v1/actions/x', [`X: ${'a'.repeat(20_000)}`]), 431, 'HEADERS_TOO_LARGE'],
    ['an address that cannot be decoded', request('GET /api/v1/actions/%zz'), 400, 'BAD_REQUEST'],
    ['an id that is too long', request(`GET /api/v1/actions/${'x'.repeat(600)}`), 400, 'BAD_REQUEST'],
    ['nothing of ours', request('GET /api/v1/nothing'), 404, 'NOT_FOUND'],
    ['no version', request('GET /api/nothing'), 404, 'NOT_FOUND'],
    ['another file', request('GET /api/v1/exports/Nothing.csv'), 404, 'NOT_FOUND'],
    ['another method', request('DELETE /api/v1/actions/x'), 405, 'METHOD_NOT_ALLOWED'],
    ['XML is wanted', request('GET /api/v1/actions/x', ['Accept: application/xml']), 406, 'NOT_ACCEPTABLE'],
    ['JSON is refused', request('GET /api/v1/actions/x', ['Accept: application/json;q=0, text/*']), 406, 'NOT_ACCEPTABLE'],
    [
      'a body that is too large',
      request('POST /api/v1/status-reports', [system, json, 'Content-Length: 99999999']),
      413,
      'CONTENT_TOO_LARGE',
    ],
    ['UTF-16', push(['Content-Type: application/json; charset=utf-16']), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a compressed body', push([json, 'Content-Encoding: gzip']), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['XML', push(['Content-Type: application/xml'], '<a/>'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['no type', push([]), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['half a document', push([json], '{'), 400, 'BAD_REQUEST'],
  ]
  for (const [what, sent, status, code] of problems) {
    const answer = await exchange(port, sent)
    t.match(answer, { status, type: 'application/problem+json', body: { status, code, type: /^https:/ } }, what)
  }
  for (const [body, detail] of [
    ['', 'The body is empty'],
    ['{"items":[{]}', /^The body is not JSON/],
    ['{"__proto__":{}}', /__proto__/],
  ] as const)
    t.match((await exchange(port, push([json], body))).body, { code: 'BAD_REQUEST', detail }, `what is wrong with the body '${body}'`)
  const named = request('PUT /api/v1/actions/%00/external-refs/erp', [system, json, 'Content-Length: 21'], '{"externalId":"WP-1"}')
  t.match((await exchange(port, named)).body, { code: 'BAD_USER_INPUT', errors: [{ path: ['id'] }] }, 'NUL is told where it stands')

  const faults: [what: string, sent: string, status: number, code: string][] = [
    ['an address that cannot be decoded', request('GET /odata/v4/%zz'), 400, 'BAD_REQUEST'],
    ['nothing of ours', request('GET /odata/v4/Nothing'), 404, 'NOT_FOUND'],
    ['another method', request('POST /odata/v4/Actions', [json, 'Content-Length: 2'], '{}'), 405, 'METHOD_NOT_ALLOWED'],
    ['XML is wanted', request('GET /odata/v4/Actions', ['Accept: application/xml']), 406, 'NOT_ACCEPTABLE'],
  ]
  for (const [what, sent, status, code] of faults) {
    const answer = await exchange(port, sent)
    t.match(answer, { status, type: 'application/json', body: { error: { code, message: /./ } } }, `OData: ${what}`)
  }

  const served: [what: string, headers: string[]][] = [
    ['nothing said of what is wanted', []],
    ['anything', ['Accept: text/html, */*;q=0.1']],
    ['any application', ['Accept: application/*']],
  ]
  t.equal((await exchange(port, request('GET /odata/v4/Actions', ['Accept: ']))).status, 200, 'OData: no wish is none')
  for (const [what, headers] of served) t.equal((await exchange(port, request('GET /api/v1/openapi.json', headers))).status, 200, what)
  t.equal((await exchange(port, push(['Content-Type: application/json; charset="UTF-8"']))).body.code, 'BAD_USER_INPUT', 'UTF-8 is read')
})
