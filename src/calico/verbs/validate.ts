import * as v from 'valibot'
import { pathText, refusalsOf, webhookRefusalsOf } from '../../control/index.ts'
import { type RequestBase, type Verb, verb } from '../verb.ts'

/** Would Calico take this object, if somebody created it? */
export interface ValidateRequest extends RequestBase<'validate'> {
  /** The object. */
  readonly object: Readonly<Record<string, unknown>>
}

/** Why an object is refused. */
export interface ValidateReason {
  /** The field, e.g. `spec.ingress[0].source.nets`. */
  readonly path: string
  /** What would be right. */
  readonly message: string
}

/** Whether an object is taken. */
export interface ValidateResult {
  /** It is. */
  readonly accepted: boolean
  /** Why not; none when it is. */
  readonly reasons: readonly ValidateReason[]
}

/** The verb `validate`. */
export const validate: Verb = verb<ValidateRequest, ValidateResult>(
  v.strictObject({ object: v.record(v.string(), v.unknown(), 'an object') }),
  ({ object }) => {
    const refusals = refusalsOf(object)
    if (refusals === undefined) {
      const { kind, apiVersion } = object
      return { unsupported: `validation of objects of kind ${String(kind)} in ${String(apiVersion)}` }
    }
    const reasons = [...refusals, ...webhookRefusalsOf(object)].map(({ at, message }) => ({
      path: pathText(at),
      message,
    }))
    return { result: { accepted: reasons.length === 0, reasons } }
  },
)
