import { type BaseIssue, type GenericSchema, safeParse } from 'valibot'
import type { CalicoVersion } from '../control/index.ts'

/** What can be asked, in the order of the guide. */
export const VERB_NAMES = [
  'selector',
  'validate',
  'convert',
  'ports',
  'ipam',
  'cni',
  'startup',
  'bgp',
  'felix-state',
  'felix-kernel',
  'felix-hosts',
  'felix-chains',
] as const

/** A verb. */
export type VerbName = (typeof VERB_NAMES)[number]

/** What every request has. */
export interface RequestBase<Name extends VerbName> {
  /** What is asked. */
  readonly verb: Name
  /** Given back with the answer; null when absent. */
  readonly id?: string | number
  /** The release that answers, e.g. `v3.29.1`; absent: the newest one packetwalk knows. */
  readonly calicoVersion?: string
}

/** An answer: what Calico does, or by name what of it is not modelled, or what is wrong with the request. */
export type CalicoAnswer<Result extends object = object> =
  | { readonly result: Result }
  | { readonly unsupported: string }
  | { readonly error: string }

/** What a verb is given beside its own fields. */
export interface Asked {
  /** The release that answers. */
  readonly version: CalicoVersion
}

/** The fields of a request that are its verb's own. */
export type OwnFields<Request> = Omit<Request, keyof RequestBase<VerbName>>

/** A verb: from the fields of a request, not looked at yet, to its answer. */
export type Verb = (fields: unknown, asked: Asked) => CalicoAnswer

/**
 * A verb, from the shape of its own fields and what it answers.
 * @param shape - the fields besides `verb`, `id` and `calicoVersion`, strictly: what it does not name is an error
 * @param answer - given fields of that shape, in which nothing is null; what is wrong with them it throws as InputError
 */
export function verb<Request extends object, Result extends object>(
  shape: GenericSchema<unknown, OwnFields<Request>>,
  answer: (request: OwnFields<Request>, asked: Asked) => CalicoAnswer<Result>,
): Verb {
  return (fields, asked) => {
    const read = safeParse(shape, fields)
    return read.success ? answer(read.output, asked) : { error: read.issues.map(faultText).join('; ') }
  }
}

/** A fault of a request: where, and what would be right. */
export function faultText({ path, expected, message }: BaseIssue<unknown>): string {
  const at = (path ?? []).map(({ key }) => String(key)).join('.')
  if (expected === 'never') return `${at}: no such field`
  return `${at === '' ? '' : `${at}: `}expected ${message.startsWith('Invalid ') ? expected : message}`
}
