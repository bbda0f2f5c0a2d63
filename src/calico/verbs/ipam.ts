import * as v from 'valibot'
import { type RequestBase, type Verb, verb } from '../verb.ts'
import { type IpamStepResult, ipamScript, runIpamStep } from './ipam-script.ts'
import { IPAM_STEP, type IpamStep } from './ipam-steps.ts'

/** A script against an IPAM. */
export interface IpamRequest extends RequestBase<'ipam'> {
  /** What the datastore holds: nodes, namespaces, pools, reservations, IPAM's configuration, blocks, affinities, handles. */
  readonly objects?: readonly unknown[]
  /** What is done, one after the other; time does not pass between them. */
  readonly steps: readonly IpamStep[]
}

/** What came of each step. */
export interface IpamVerbResult {
  /** A result for each step, in the same order. */
  readonly steps: readonly IpamStepResult[]
}

/** The verb `ipam`. */
export const ipam: Verb = verb<IpamRequest, IpamVerbResult>(
  v.strictObject({ objects: v.exactOptional(v.array(v.unknown())), steps: v.array(IPAM_STEP) }),
  ({ objects = [], steps }, { version }) => {
    const script = ipamScript(objects, version)
    return { result: { steps: steps.map((step) => runIpamStep(script, step)) } }
  },
)
