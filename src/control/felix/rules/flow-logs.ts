import type { PolicyDirection } from '../../../model/index.ts'
import type { FelixAction } from './chain.ts'
import type { RuleContext } from './context.ts'
import { limited } from './names.ts'

/** What a packet met, in the letters of Felix. @calico felix/rules/rule_defs.go */
export type LoggedAction = 'Allow' | 'Deny' | 'Pass'

const LETTERS: Readonly<Record<LoggedAction | PolicyDirection | 'policy' | 'profile', string>> = {
  Allow: 'A',
  Deny: 'D',
  Pass: 'P',
  ingress: 'I',
  egress: 'E',
  policy: 'P',
  profile: 'R',
}

/** Groups of the kernel's log, by direction. */
const GROUPS: Readonly<Record<PolicyDirection, number>> = { ingress: 1, egress: 2 }

/** Bytes of a packet that are logged. */
const SIZE = 80

/** Characters a prefix may have. @linux include/uapi/linux/netfilter/xt_NFLOG.h */
const LONGEST = 63
/** Characters of the beginning and the end that stay where one is too long. */
const KEPT = 10

/** A prefix that fits: what is too long keeps its ends, with a digest between them. @calico felix/rules/nflogprefix.go */
function fitting(prefix: string): string {
  if (prefix.length < LONGEST) return prefix
  const digest = limited('', prefix, LONGEST - 2 * KEPT - 1)
  return `${prefix.slice(0, KEPT)}${digest}_${prefix.slice(-KEPT)}`
}

/** Tells a collector what became of a packet, and by what. */
export function flowLog(
  action: LoggedAction,
  owner: 'policy' | 'profile',
  direction: PolicyDirection,
  rest: string,
): FelixAction {
  const prefix = fitting(`${LETTERS[action]}${LETTERS[owner]}${LETTERS[direction]}${rest}`)
  return { kind: 'NFLOG', prefix, group: GROUPS[direction], size: SIZE }
}

/** Whether Felix logs flows. */
export function logsFlows({ settings, traits }: RuleContext): boolean {
  return settings.flowLogs && traits.flowLogs
}
