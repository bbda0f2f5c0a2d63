import type { PortRange } from '../../model/index.ts'
import type { Prefix } from '../../wire/index.ts'
import { MARK_MASK } from '../felix/rules/marks.ts'
import { type HostPort, hostPort, parseHostPort, parsePorts, rangeOf, wordOf } from './felix-parsers.ts'
import { flagOf, numberOf } from './felix-values.ts'

/** Felix parameters that rules are made of. */
export interface FelixRuleSettings {
  /** Bits of the firewall mark that Felix may use. */
  readonly markMask: number
  /** Whether Felix' rules stand before those of others. */
  readonly insertMode: 'insert' | 'append'
  /** What becomes of packets from a pod to its own node that policy lets through. */
  readonly endpointToHost: 'ACCEPT' | 'DROP' | 'RETURN' | 'REJECT'
  /** What the filter table does with what it lets through. */
  readonly filterAllow: 'ACCEPT' | 'RETURN'
  /** What it does with what it denies. */
  readonly filterDeny: 'DROP' | 'REJECT'
  /** What the mangle table does with what it lets through. */
  readonly mangleAllow: 'ACCEPT' | 'RETURN'
  /** Ports that stay open inwards. */
  readonly failsafeInbound: readonly HostPort[]
  /** Ports that stay open outwards. */
  readonly failsafeOutbound: readonly HostPort[]
  /** Pods may send VXLAN of their own. */
  readonly allowVxlanFromWorkloads: boolean
  /** Pods may send IPIP of their own. */
  readonly allowIpipFromWorkloads: boolean
  /** What becomes of service addresses that nothing translated. */
  readonly serviceLoop: 'Drop' | 'Reject' | 'Disabled'
  /** Whether pods may ask to send under other addresses than their own. */
  readonly sourceSpoofing: 'Any' | 'Disabled'
  /** Packets of no connection are dropped. */
  readonly dropsInvalid: boolean
  /** Before logged packets. */
  readonly logPrefix: string
  /** How often a rule logs; empty = always. */
  readonly logRate: string
  /** And how many at once. */
  readonly logBurst: number
  /** A collector is told of flows. */
  readonly flowLogs: boolean
  /** Source ports of translated packets. */
  readonly natPorts?: PortRange
  /** Only what leaves by this interface is translated; empty = all. */
  readonly natInterface: string
  /** Source of translated packets; empty = the interface's. */
  readonly natOutgoingAddress: string
  /** `IPPoolsOnly` or `IPPoolsAndHostIPs`. */
  readonly natOutgoingExclusions: string
  /** Ranges of machines that are none of the cluster's and may send into tunnels. */
  readonly externalNodes: readonly Prefix[]
}

type Read = (field: string) => unknown

const tcp = (...list: number[]): HostPort[] => list.map((port) => ({ protocol: 'tcp', port }))
const udp = (...list: number[]): HostPort[] => list.map((port) => ({ protocol: 'udp', port }))

/** @calico felix/config/config_params.go */
const FAILSAFE_INBOUND: readonly HostPort[] = [...tcp(22), ...udp(68), ...tcp(179, 2379, 2380, 5473, 6443, 6666, 6667)]
/** @calico felix/config/config_params.go */
const FAILSAFE_OUTBOUND: readonly HostPort[] = [...udp(53, 67), ...tcp(179, 2379, 2380, 5473, 6443, 6666, 6667)]

/** Ports of an object, or the text of a variable; `none` for none. */
function hostPorts(value: unknown, usual: readonly HostPort[]): readonly HostPort[] {
  const found = (one: HostPort | undefined): readonly HostPort[] => (one === undefined ? [] : [one])
  if (typeof value === 'string') {
    if (value.toLowerCase() === 'none') return []
    return value
      .split(',')
      .filter((text) => text.trim() !== '')
      .flatMap((text) => found(parseHostPort(text)))
  }
  if (!Array.isArray(value)) return usual
  return value.flatMap((one: Readonly<Record<string, unknown>>) =>
    found(hostPort(one['protocol'], one['port'], one['net'])),
  )
}

/** A mark mask: a number, or the text of one. */
function parseMarkMask(value: unknown): number | undefined {
  const number = numberOf(value)
  return number !== undefined && Number.isInteger(number) && number > 0 && number <= 0xffffffff ? number : undefined
}

function externalNodes(value: unknown): readonly Prefix[] {
  const list = typeof value === 'string' ? value.split(',').map((one) => one.trim()) : Array.isArray(value) ? value : []
  return list.flatMap((one) => rangeOf(one) ?? [])
}

/**
 * What rules are made of, from a reader of Felix parameters.
 *
 * @param usualToHost - what happens to packets from a pod to its node where nobody says
 */
export function felixRuleSettings(read: Read, usualToHost: 'ACCEPT' | 'DROP'): FelixRuleSettings {
  const text = (field: string): string => {
    const value = read(field)
    return typeof value === 'string' ? value : ''
  }
  const flag = (field: string): boolean => flagOf(read(field)) ?? false
  const natPorts = parsePorts(read('natPortRange'))
  return {
    markMask: parseMarkMask(read('iptablesMarkMask')) ?? MARK_MASK,
    insertMode: wordOf(read('chainInsertMode'), ['insert', 'append']) ?? 'insert',
    endpointToHost: wordOf(read('defaultEndpointToHostAction'), ['ACCEPT', 'DROP', 'RETURN']) ?? usualToHost,
    filterAllow: wordOf(read('iptablesFilterAllowAction'), ['ACCEPT', 'RETURN']) ?? 'ACCEPT',
    filterDeny: wordOf(read('iptablesFilterDenyAction'), ['DROP', 'REJECT']) ?? 'DROP',
    mangleAllow: wordOf(read('iptablesMangleAllowAction'), ['ACCEPT', 'RETURN']) ?? 'ACCEPT',
    failsafeInbound: hostPorts(read('failsafeInboundHostPorts'), FAILSAFE_INBOUND),
    failsafeOutbound: hostPorts(read('failsafeOutboundHostPorts'), FAILSAFE_OUTBOUND),
    allowVxlanFromWorkloads: flag('allowVXLANPacketsFromWorkloads'),
    allowIpipFromWorkloads: flag('allowIPIPPacketsFromWorkloads'),
    serviceLoop: wordOf(read('serviceLoopPrevention'), ['Drop', 'Reject', 'Disabled']) ?? 'Drop',
    sourceSpoofing: wordOf(read('workloadSourceSpoofing'), ['Any', 'Disabled']) ?? 'Disabled',
    dropsInvalid: !flag('disableConntrackInvalidCheck'),
    logPrefix: text('logPrefix') || 'calico-packet',
    logRate: text('logActionRateLimit'),
    logBurst: numberOf(read('logActionRateLimitBurst')) ?? 5,
    flowLogs: text('flowLogsGoldmaneServer') !== '' || wordOf(read('flowLogsLocalReporter'), ['Enabled']) !== undefined,
    ...(natPorts === undefined || natPorts.high === 0 ? {} : { natPorts }),
    natInterface: text('iptablesNATOutgoingInterfaceFilter'),
    natOutgoingAddress: text('natOutgoingAddress'),
    natOutgoingExclusions: wordOf(read('natOutgoingExclusions'), ['IPPoolsOnly', 'IPPoolsAndHostIPs']) ?? 'IPPoolsOnly',
    externalNodes: externalNodes(read('externalNodesList')),
  }
}
