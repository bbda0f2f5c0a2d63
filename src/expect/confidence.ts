import type { Lab } from '../lab/index.ts'
import { checkArgument, describeNote, isRecord, type Note } from '../model/index.ts'
import type { Trace } from '../trace/index.ts'
import type { Confidence } from './report.ts'

const ORDER: readonly Confidence['kind'][] = ['dump', 'objects', 'assumed', 'undecided']

/** What an answer of a lab rests on. */
export function confidenceOf(lab: Lab, { certainty, notes }: Pick<Trace, 'certainty' | 'notes'>): Confidence {
  const of = (effect: Note['effect']): string[] => notes.filter((one) => one.effect === effect).map(describeNote)
  switch (certainty) {
    case 'certain':
      return { kind: lab.dump === null ? 'objects' : 'dump', of: [] }
    case 'assumed':
      return { kind: 'assumed', of: of('assumed') }
    case 'undecided':
      return { kind: 'undecided', of: of('undecided') }
  }
}

/** What several answers together rest on: the weakest, and everything that it rests on. */
export function weakest(all: readonly Confidence[]): Confidence {
  const rank = Math.max(0, ...all.map(({ kind }) => ORDER.indexOf(kind)))
  const kind = all.length === 0 ? 'objects' : ORDER[rank]!
  const of = all.filter((one) => one.kind === kind).flatMap((one) => one.of)
  return { kind, of: [...new Set(of)] }
}

/** A confidence in words. */
export function confidenceText(confidence: Confidence): string {
  const isOne = isRecord(confidence) && ORDER.includes(confidence.kind) && Array.isArray(confidence.of)
  checkArgument(isOne, 'confidence', 'what an answer rests on: { kind, of }', confidence)
  const { kind, of } = confidence
  switch (kind) {
    case 'dump':
      return 'computed from dumps'
    case 'objects':
      return 'derived from objects'
    case 'assumed':
      return `assumed: ${of.join('; ')}`
    case 'undecided':
      return `undecided: ${of.join('; ')}`
  }
}
