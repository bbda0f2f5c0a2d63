import { checkArgument } from './argument.ts'
import { isRecord } from './is-record.ts'

/** What an answer can rest on, the strongest first. */
export const CONFIDENCES = ['dump', 'seen', 'objects', 'assumed', 'undecided'] as const

/**
 * What an answer rests on: what machines held, by a dump or as commands left them (`dump`); what tools printed, as it was pasted
 * (`seen`); what Calico would write by the objects (`objects`); also on what nobody said (`assumed`). `undecided` is what it could
 * be otherwise by.
 */
export interface Confidence {
  /** What it rests on. */
  readonly kind: (typeof CONFIDENCES)[number]
  /** Which dumps, lines or objects, which defaults were assumed, or what could turn the answer; a line each, and none where all are meant. */
  readonly of: readonly string[]
}

/** Each in a few words. */
export const CONFIDENCE_WORDS: Readonly<Record<Confidence['kind'], string>> = {
  dump: 'computed from dumps',
  seen: 'seen in pasted output',
  objects: 'derived from objects',
  assumed: 'assumed',
  undecided: 'undecided',
}

/** What several answers together rest on: the weakest, and everything that it rests on. */
export function weakest(all: readonly Confidence[]): Confidence {
  const rank = Math.max(0, ...all.map(({ kind }) => CONFIDENCES.indexOf(kind)))
  const kind = all.length === 0 ? 'objects' : CONFIDENCES[rank]!
  const of = all.filter((one) => one.kind === kind).flatMap((one) => one.of)
  return { kind, of: [...new Set(of)] }
}

/** A confidence in words. */
export function confidenceText(confidence: Confidence): string {
  const isOne = isRecord(confidence) && CONFIDENCES.includes(confidence.kind) && Array.isArray(confidence.of)
  checkArgument(isOne, 'confidence', 'what an answer rests on: { kind, of }', confidence)
  const { kind, of } = confidence
  if (of.length === 0) return CONFIDENCE_WORDS[kind]
  const list = of.join('; ')
  switch (kind) {
    case 'dump':
      return `computed from ${list}`
    case 'seen':
      return `seen in ${list}`
    case 'objects':
      return `derived from ${list}`
    case 'assumed':
    case 'undecided':
      return `${kind}: ${list}`
  }
}
