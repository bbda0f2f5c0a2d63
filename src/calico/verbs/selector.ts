import * as v from 'valibot'
import { canonicalText, isSelectorFault, parseSelector, selectorId, selects } from '../../control/index.ts'
import { type RequestBase, type Verb, verb } from '../verb.ts'

/** Is this a selector, how does Calico write it, and does it match? */
export interface SelectorRequest extends RequestBase<'selector'> {
  /** The selector. */
  readonly selector: string
  /** Labels it is held against. */
  readonly labels?: Readonly<Record<string, string>>
  /** Put before every name of a label. */
  readonly prefix?: string
}

/** Why a text is no selector. */
export interface SelectorFaultAt {
  /** First wrong character, from 0. */
  readonly position: number
  /** What was expected there. */
  readonly expected: string
}

/** What a selector is. */
export type SelectorResult =
  | {
      /** It is one. */
      readonly accepted: true
      /** Its text as Calico prints it, behind the prefix. */
      readonly canonical: string
      /** Id of the set of endpoints it selects; Felix' names of sets are made of it. */
      readonly id: string
      /** Whether it matches the labels of the request, if there were any. */
      readonly match?: boolean
    }
  | {
      /** It is none. */
      readonly accepted: false
      /** Why. */
      readonly fault: SelectorFaultAt
    }

/** Calico knows no bound but its memory; here calls inside each other have one. */
const DEEPEST = 1000

/** The verb `selector`. */
export const selector: Verb = verb<SelectorRequest, SelectorResult>(
  v.strictObject({
    selector: v.string('text'),
    labels: v.exactOptional(v.record(v.string(), v.string('text'))),
    prefix: v.exactOptional(v.string('text')),
  }),
  ({ selector: text, labels, prefix = '' }) => {
    const parsed = parseSelector(text, DEEPEST)
    if (isSelectorFault(parsed)) {
      const { position, expected, isTooDeep } = parsed
      if (isTooDeep) return { unsupported: `more than ${DEEPEST} parentheses inside each other` }
      return { result: { accepted: false, fault: { position, expected } } }
    }
    const canonical = canonicalText(parsed, prefix)
    const match = labels === undefined ? {} : { match: selects(parsed, behindPrefix(labels, prefix)) }
    return { result: { accepted: true, canonical, id: selectorId(canonical), ...match } }
  },
)

/** The labels that a selector behind a prefix can see, without it. */
function behindPrefix(labels: Readonly<Record<string, string>>, prefix: string): Record<string, string> {
  const seen = Object.entries(labels).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(seen.map(([name, value]) => [name.slice(prefix.length), value]))
}
