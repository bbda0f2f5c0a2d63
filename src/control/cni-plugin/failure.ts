import type { IpamFailure } from '../ipam/store/failure.ts'

/** Why the plugin refuses: a reason of IPAM, an annotation of the pod, Calico that is not ready, or anything else. */
export interface CniFailure {
  /** The sort of refusal. */
  readonly reason: IpamFailure['reason'] | 'annotation' | 'not-ready'
  /** What it says. */
  readonly message: string
}

/** A refusal. */
export function cniFailure(reason: CniFailure['reason'], message: string): CniFailure {
  return { reason, message }
}

/** Whether something is a refusal. */
export function isCniFailure(value: object): value is CniFailure {
  return 'reason' in value && 'message' in value
}
