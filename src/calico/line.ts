import { isRecord } from '../model/index.ts'
import { answerCalico } from './answer.ts'
import type { CalicoAnswer, VerbName } from './verb.ts'

/** An answer with the `id` of its request. */
export type CalicoLine = { readonly id: string | number | null } & CalicoAnswer

/**
 * Answers a request that is a line of JSON; a line that is none has an `error` and no id.
 * @param verb - the verb of lines that name none
 */
export function answerLine(line: string, verb?: VerbName): CalicoLine {
  const request = parsed(line)
  if (request === undefined) return { id: null, error: 'this line is no JSON' }
  const asked = verb !== undefined && isRecord(request) ? { verb, ...request } : request
  return { id: idOf(request), ...answerCalico(asked) }
}

/** The `id` of a request that is a line of JSON; null when there is none. */
export function idOfLine(line: string): string | number | null {
  return idOf(parsed(line))
}

/** The value of a text of JSON; undefined when it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function idOf(request: unknown): string | number | null {
  const id = isRecord(request) ? request['id'] : null
  return typeof id === 'string' || typeof id === 'number' ? id : null
}
