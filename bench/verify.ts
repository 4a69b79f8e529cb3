import { readFileSync } from 'node:fs'
import type { Request } from './load.ts'
import type { Row } from './peers.ts'
import { factsOf, type QueryName, queries } from './queries.ts'

/** What a peer answered to each request of a query. */
export interface Answers {
  /** What it says, written alike for all peers. */
  facts: string[]
  /** How long it is; the same request must be as long under load. */
  lengths: number[]
}

/** Asks every request of a file once, as its caller, 32 at a time, so that answers to several callers are under way together. */
export async function verify(port: number, file: string, row: Row, query: QueryName): Promise<Answers> {
  const requests = JSON.parse(readFileSync(file, 'utf8')) as Request[]
  const answers: Answers = { facts: [], lengths: [] }
  let next = 0
  const work = async () => {
    for (let index = next++; index < requests.length; index = next++) {
      const { authorization, body } = requests[index] as Request
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
        },
        body,
      })
      const text = await response.text()
      answers.lengths[index] = Buffer.byteLength(text)
      answers.facts[index] = factsOfAnswer(text, row, query)
    }
  }
  await Promise.all(Array.from({ length: 32 }, work))
  return answers
}

function factsOfAnswer(text: string, row: Row, query: QueryName): string {
  try {
    const { data, errors } = JSON.parse(text)
    if (errors !== undefined || data === null) return `error: ${text.slice(0, 500)}`
    return factsOf(row.peer === 'postgraphile' ? queries[query].postgraphile.answer(data) : data)
  } catch (error) {
    return `error: ${error}: ${text.slice(0, 500)}`
  }
}

/** How many answers do not say the same. An error never counts as the same. */
export function differences(answers: Answers, others: Answers): number {
  return answers.facts.filter((facts, index) => facts !== others.facts[index] || facts.startsWith('error: ')).length
}
