import type { RejectWith } from '../../../model/index.ts'
import type { Family, Prefix } from '../../../wire/index.ts'
import type { VersionTraits } from '../../calico-version.ts'
import type { FelixRuleSettings } from '../../settings/felix-rule-settings.ts'
import type { TunnelDevice } from '../mtu.ts'
import type { FelixAction } from './chain.ts'
import type { Marks } from './marks.ts'
import { ACCEPT, DROP, RETURN } from './words.ts'

/** What rules of a node depend on besides its endpoints; nodes for which it is equal share what is made from it. */
export interface RuleContext {
  /** Whose rules. */
  readonly family: Family
  /** Bits of the mark. */
  readonly marks: Marks
  /** What the release does. */
  readonly traits: VersionTraits
  /** Settings of rules. */
  readonly settings: FelixRuleSettings
  /** How names of pods' interfaces begin. */
  readonly interfacePrefix: string
  /** UDP port of VXLAN. */
  readonly vxlanPort: number
  /** UDP port of WireGuard, of this family. */
  readonly wireguardPort: number
  /** Tunnels that are turned on, whether they have an address or not. */
  readonly enabled: readonly TunnelDevice[]
  /** Those that have an address. */
  readonly addressed: readonly TunnelDevice[]
  /** Packets between nodes are encrypted, too. */
  readonly wireguardHostEncryption: boolean
  /** Ranges of Services that nodes announce. */
  readonly serviceRanges: readonly Prefix[]
  /** Floating addresses of pods are honoured. */
  readonly floatingIps: boolean
  /** The tool and the kernel can choose ports of translated packets at random. @linux v4.x, iptables 1.6.2 */
  readonly randomFully: boolean
}

/** Every interface of pods. */
export function workloadDevs({ interfacePrefix }: RuleContext): string {
  return `${interfacePrefix}+`
}

/** Whether a tunnel of this family is turned on. */
export function isEnabled({ family, enabled }: RuleContext, kind: 'ipip' | 'vxlan' | 'wireguard'): boolean {
  switch (kind) {
    case 'ipip':
      return family === 4 && enabled.includes('tunl0')
    case 'vxlan':
      return enabled.includes(family === 4 ? 'vxlan.calico' : 'vxlan-v6.calico')
    case 'wireguard':
      return enabled.includes(family === 4 ? 'wireguard.cali' : 'wg-v6.cali')
  }
}

/** `REJECT` as it is where nobody says with what. */
export function rejectOf(family: Family): FelixAction {
  const rejectWith: RejectWith = family === 4 ? 'icmp-port-unreachable' : 'icmp6-port-unreachable'
  return { kind: 'REJECT', rejectWith }
}

/** What becomes of packets that policy denies, and its word in comments. */
export function denyOf({ settings, family }: RuleContext): { readonly action: FelixAction; readonly word: string } {
  return settings.filterDeny === 'REJECT'
    ? { action: rejectOf(family), word: 'Reject' }
    : { action: DROP, word: 'Drop' }
}

/** What becomes of packets that the filter table lets through. */
export function filterAllow({ settings }: RuleContext): FelixAction {
  return settings.filterAllow === 'RETURN' ? RETURN : ACCEPT
}

/** What becomes of packets that the mangle table lets through. */
export function mangleAllow({ settings }: RuleContext): FelixAction {
  return settings.mangleAllow === 'RETURN' ? RETURN : ACCEPT
}
