import type { FailureCode } from '../../failures/index.ts'
import type { Ranked } from '../computed.ts'
import type { Excluded, Seen } from '../diagnosis.ts'
import type { Question } from '../question.ts'
import { toldCandidate } from '../said.ts'
import { failureOf } from '../weights.ts'
import type { Ground } from './effect.ts'
import { readingOf } from './effects.ts'
import { observed } from './observation.ts'
import { type PastedLine, pastedLines } from './sections.ts'

/** Candidates after what was pasted is weighed. */
export interface Weighed {
  readonly ranked: readonly Ranked[]
  readonly excluded: readonly Excluded[]
  readonly seen: readonly Seen[]
  readonly unread: readonly string[]
}

interface Word {
  readonly at: string
  readonly says: string
  readonly effect: 'decides' | 'supports' | 'excludes'
}

/** Weighs candidates by what tools printed on the real cluster: some fall away with the reason, others are decided. */
export function weighed(ranked: readonly Ranked[], evidence: Question['evidence'], ground: Ground): Weighed {
  const lines = (evidence ?? []).flatMap(pastedLines)
  const { facts, unread } = observed(lines)
  const routes = new Set(facts.flatMap(({ fact, line }) => (fact.kind === 'route' ? [line] : [])))
  const answered = new Set<PastedLine>()
  const words = new Map<FailureCode, Word[]>()
  const seen: Seen[] = []
  for (const one of facts) {
    const reading = readingOf(one, ground)
    if (reading === undefined) continue
    const { says, effects, isTold = false } = reading
    const { at } = one.line
    if (effects.length > 0 || isTold) seen.push({ at, says })
    for (const { failure, effect } of effects) words.set(failure, [...(words.get(failure) ?? []), { at, says, effect }])
  }
  const excluded: Excluded[] = []
  const left = ranked.flatMap((one) => {
    const { failure, title } = one.candidate
    const own = answerOf(one, lines, routes)
    for (const line of own.lines) answered.add(line)
    seen.push(...own.words.map(({ at, says }) => ({ at, says })))
    const said = [...own.words, ...(failure === undefined ? [] : (words.get(failure) ?? []))]
    const against = said.find(({ effect }) => effect === 'excludes')
    const decided = said.find(({ effect }) => effect === 'decides')
    if (against !== undefined && decided === undefined) {
      excluded.push({
        ...(failure === undefined ? {} : { failure }),
        title,
        because: against.says,
        confidence: { kind: 'seen', of: [against.at] },
      })
      return []
    }
    return [raised(one, said)]
  })
  const known = new Set(ranked.map(({ candidate }) => candidate.failure))
  const fresh = [...words].flatMap(([failure, said]) => (known.has(failure) ? [] : found(failure, said, ground)))
  return {
    ranked: [...left, ...fresh],
    excluded,
    seen,
    unread: unread.filter((line) => !answered.has(line)).map(({ at, text }) => `${at} ${text.trim()}`),
  }
}

interface Answer {
  readonly lines: readonly PastedLine[]
  readonly words: readonly Word[]
}

/**
 * What the deciding command itself printed, where it was typed as the answer says: it decides one way or the other. A route is read as
 * such: it is evidence for several candidates, and is no less there in a cluster that is well.
 */
function answerOf(
  { candidate: { decide } }: Ranked,
  lines: readonly PastedLine[],
  routes: ReadonlySet<PastedLine>,
): Answer {
  const { at, command, shows, ifSo, ifNot } = decide
  const own = lines.filter((line) => line.command === command && (at === '' || line.host === '' || line.host === at))
  const [first] = own
  if (first === undefined || shows === '' || own.some((line) => routes.has(line))) return { lines: [], words: [] }
  const is = new RegExp(shows, 'm').test(own.map(({ text }) => text).join('\n'))
  const says = `${first.host === '' ? '' : `${first.host}: `}${command}: ${is ? ifSo : ifNot}`
  return { lines: own, words: [{ at: first.at, says, effect: is ? 'decides' : 'excludes' }] }
}

function raised(one: Ranked, said: readonly Word[]): Ranked {
  const decided = said.find(({ effect }) => effect === 'decides')
  const supporting = decided ?? said.find(({ effect }) => effect === 'supports')
  if (supporting === undefined) return one
  const { candidate, score } = one
  const { likelihood } = candidate
  const isStronger = likelihood === 'certain' || likelihood === 'likely'
  return {
    score: score + (decided === undefined ? 0.5 * said.length : 5),
    candidate: {
      ...candidate,
      because: `${supporting.says}; ${candidate.because}`,
      likelihood: isStronger ? likelihood : decided === undefined ? 'possible' : 'likely',
      confidence: isStronger ? candidate.confidence : { kind: 'seen', of: [supporting.at] },
    },
  }
}

/** What nobody had thought of, and pasted output shows. */
function found(failure: FailureCode, said: readonly Word[], { place }: Ground): Ranked[] {
  const decided = said.find(({ effect }) => effect === 'decides')
  if (decided === undefined || failureOf(failure) === undefined) return []
  const candidate = toldCandidate(
    {
      failure,
      where: '',
      object: '',
      because: decided.says,
      right: '',
      likelihood: 'likely',
      confidence: { kind: 'seen', of: [decided.at] },
    },
    place,
  )
  return [{ candidate, score: 5 }]
}
