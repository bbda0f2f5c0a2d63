import type { FailureCode, FailureFacts, FailureFamily, FailureTable } from './kind.ts'
import { ADDRESSING } from './table/addressing.ts'
import { BGP } from './table/bgp.ts'
import { KERNEL } from './table/kernel.ts'
import { IPV6, LIFECYCLE } from './table/lifecycle.ts'
import { POLICY } from './table/policy.ts'
import { SERVICES } from './table/services.ts'
import { UNDERLAY } from './table/underlay.ts'

const FAMILIES: Readonly<Record<FailureFamily, FailureTable>> = {
  underlay: UNDERLAY,
  addressing: ADDRESSING,
  bgp: BGP,
  kernel: KERNEL,
  policy: POLICY,
  services: SERVICES,
  ipv6: IPV6,
  lifecycle: LIFECYCLE,
}

/** A way a cluster breaks. */
export interface Failure extends FailureFacts {
  /** Its code. */
  readonly code: FailureCode
  /** The part of the catalogue. */
  readonly family: FailureFamily
}

/** Every failure, in order of the codes. */
export const FAILURES: readonly Failure[] = Object.entries(FAMILIES).flatMap(([family, table]) =>
  Object.entries(table).map(
    ([code, facts]): Failure => ({ code: code as FailureCode, family: family as FailureFamily, ...facts }),
  ),
)

const CODES: ReadonlySet<string> = new Set(FAILURES.map(({ code }) => code))

/** Whether a text is the code of a failure. */
export function isFailureCode(code: string): code is FailureCode {
  return CODES.has(code)
}
