/**
 * Why IPAM refuses a call, as one word: nothing is left after pools, selectors and uses; a requested pool is unknown, disabled
 * or of the other family; a selector cannot be read; and so on.
 */
export type IpamReason =
  | 'no-pool'
  | 'pool-unusable'
  | 'selector'
  | 'block-limit'
  | 'not-in-pool'
  | 'not-for-use'
  | 'taken'
  | 'handle-full'
  | 'unknown-handle'
  | 'conflict'
  | 'too-small'
  | 'not-empty'
  | 'other'

/** A refusal of IPAM: what a caller of Calico's library gets as an error. */
export interface IpamFailure {
  /** Why, as one word. */
  readonly reason: IpamReason
  /** As Calico words it. */
  readonly message: string
}

/** A refusal. */
export function failure(reason: IpamReason, message: string): IpamFailure {
  return { reason, message }
}

/** Whether a call was refused. */
export function isFailure(result: object | undefined): result is IpamFailure {
  return result !== undefined && 'reason' in result && 'message' in result
}
