import * as v from 'valibot'
import { isSelectorFault, parseSelector, selects } from '../../control/index.ts'
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
      /** Whether it matches the labels of the request, if there were any. */
      readonly match?: boolean
      /** Parts that are not computed. */
      readonly unsupported: readonly string[]
    }
  | {
      /** It is none. */
      readonly accepted: false
      /** Why. */
      readonly fault: SelectorFaultAt
    }

/** The verb `selector`. */
export const selector: Verb = verb<SelectorRequest, SelectorResult>(
  v.strictObject({
    selector: v.string('text'),
    labels: v.exactOptional(v.record(v.string(), v.string('text'))),
    prefix: v.exactOptional(v.string('text')),
  }),
  ({ selector: text, labels, prefix }) => {
    const parsed = parseSelector(text)
    if (isSelectorFault(parsed)) return { result: { accepted: false, fault: parsed } }
    const unsupported = prefix === undefined ? ['canonical', 'id'] : ['canonical', 'id', 'match']
    const match = labels === undefined || prefix !== undefined ? {} : { match: selects(parsed, labels) }
    return { result: { accepted: true, ...match, unsupported } }
  },
)
