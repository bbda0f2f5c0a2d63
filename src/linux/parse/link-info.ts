import type { BridgeInfo, BridgePort, IpipInfo, VxlanInfo } from '../../model/index.ts'
import { type Ip, isIpv6 } from '../../wire/index.ts'
import { booleanOf, field, flagOf, ipOf, type JsonObject, numberOf, objectOf, textOf } from './json.ts'
import { report } from './place.ts'

const EMPTY: Readonly<Record<string, unknown>> = {}

/** `linkinfo.info_data` of a link, empty when the dump was made without `-d`. */
function infoData(link: JsonObject): JsonObject {
  const info = objectOf(link, 'linkinfo')
  return (info && objectOf(info, 'info_data')) ?? { fields: EMPTY, place: link.place }
}

/** An outer address; `any` and the zero address mean none. */
function endpoint(data: JsonObject, key: string): Ip | undefined {
  const value = field(data, key)
  if (value === 'any' || value === '0.0.0.0' || value === '::') return undefined
  return ipOf(data, key)
}

/** TOS as a number; `inherit` and 0x1 copy the inner one. */
function tosOf(data: JsonObject): number | 'inherit' {
  if (field(data, 'tos') === 'inherit') return 'inherit'
  const tos = numberOf(data, 'tos') ?? 0
  return tos === 1 ? 'inherit' : tos
}

/** IPIP parameters. */
export function parseIpip(link: JsonObject): IpipInfo {
  const data = infoData(link)
  const local = endpoint(data, 'local')
  const remote = endpoint(data, 'remote')
  const dev = textOf(link, 'link') ?? textOf(data, 'link')
  const proto = textOf(data, 'proto')
  if (proto !== undefined && !['any', 'ipip', 'ip4ip4'].includes(proto)) {
    report(data.place, 'unsupported', 'an IPIP tunnel that carries IPv4', proto, 'proto')
  }
  const ttl = field(data, 'ttl') === 'inherit' ? 0 : (numberOf(data, 'ttl') ?? 0)
  return {
    ...(local === undefined ? {} : { local }),
    ...(remote === undefined ? {} : { remote }),
    ...(dev === undefined ? {} : { link: dev }),
    ttl,
    tos: tosOf(data),
    pmtudisc: booleanOf(data, 'pmtudisc') ?? true,
  }
}

/** VXLAN parameters; undefined (and an issue) for a device whose parameters come with each packet. */
export function parseVxlan(link: JsonObject): VxlanInfo | undefined {
  const data = infoData(link)
  for (const key of ['external', 'gbp', 'gpe', 'proxy', 'rsc', 'l2miss', 'l3miss', 'vnifilter']) {
    if (flagOf(data, key)) return report(data.place, 'unsupported', `a VXLAN device without "${key}"`, 'true', key)
  }
  const id = numberOf(data, 'id')
  if (id === undefined) return report(data.place, 'invalid', 'a VNI (is this a dump with `ip -d`?)', undefined, 'id')
  const local = endpoint(data, 'local') ?? endpoint(data, 'local6')
  const remote =
    endpoint(data, 'remote') ?? endpoint(data, 'remote6') ?? endpoint(data, 'group') ?? endpoint(data, 'group6')
  const dev = textOf(data, 'link')
  const range = objectOf(data, 'port_range')
  const low = range && numberOf(range, 'low')
  const high = range && numberOf(range, 'high')
  const df = textOf(data, 'df') ?? 'unset'
  const ageing = numberOf(data, 'ageing')
  if (df !== 'unset' && df !== 'set' && df !== 'inherit') {
    return report(data.place, 'invalid', 'unset, set or inherit', df, 'df')
  }
  return {
    id,
    ...(local === undefined ? {} : { local }),
    ...(remote === undefined ? {} : { remote }),
    ...(dev === undefined ? {} : { link: dev }),
    dstport: numberOf(data, 'port') ?? 8472,
    ...(low === undefined || high === undefined || high === 0 ? {} : { portRange: { low, high } }),
    learning: booleanOf(data, 'learning') ?? true,
    ttl: field(data, 'ttl') === 'inherit' ? 'inherit' : (numberOf(data, 'ttl') ?? 'inherit'),
    tos: tosOf(data),
    df,
    udpcsum: booleanOf(data, 'udp_csum') ?? !(local !== undefined && isIpv6(local)),
    udp6zerocsumtx: flagOf(data, 'udp_zero_csum6_tx'),
    udp6zerocsumrx: flagOf(data, 'udp_zero_csum6_rx'),
    ...(ageing === undefined ? {} : { ageing }),
  }
}

/** Bridge settings; `ip` prints times in hundredths of a second. */
export function parseBridge(link: JsonObject): BridgeInfo {
  const data = infoData(link)
  const ageing = numberOf(data, 'ageing_time')
  const set = (key: string, value: boolean | undefined): Record<string, boolean> =>
    value === undefined ? {} : { [key]: value }
  if (flagOf(data, 'vlan_filtering')) {
    report(data.place, 'unsupported', 'a bridge without VLAN filtering', 'vlan_filtering 1', 'vlan_filtering')
  }
  const stp = numberOf(data, 'stp_state')
  if (stp !== undefined && stp !== 0) {
    report(data.place, 'unsupported', 'a bridge without spanning tree', `stp_state ${stp}`, 'stp_state')
  }
  return {
    ...(ageing === undefined ? {} : { ageingTime: ageing / 100 }),
    ...set('stp', stp === undefined ? undefined : stp !== 0),
    ...set('mcastSnooping', booleanOf(data, 'mcast_snooping')),
    ...set('nfCallIptables', booleanOf(data, 'nf_call_iptables')),
    ...set('nfCallIp6tables', booleanOf(data, 'nf_call_ip6tables')),
    ...set('vlanFiltering', booleanOf(data, 'vlan_filtering')),
  }
}

const PORT_FLAGS: readonly (readonly [keyof BridgePort & string, string])[] = [
  ['hairpin', 'hairpin'],
  ['learning', 'learning'],
  ['flood', 'flood'],
  ['mcastFlood', 'mcast_flood'],
  ['bcastFlood', 'bcast_flood'],
  ['isolated', 'isolated'],
  ['neighSuppress', 'neigh_suppress'],
]

const PORT_STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const

/** Settings of a bridge port, from `linkinfo.info_slave_data`; undefined when the link is no port of a bridge. */
export function parsePort(link: JsonObject): BridgePort | undefined {
  const info = objectOf(link, 'linkinfo')
  const kind = info && textOf(info, 'info_slave_kind')
  if (info === undefined || kind === undefined) return undefined
  if (kind !== 'bridge') return report(info.place, 'unsupported', 'a port of a bridge', kind, 'info_slave_kind')
  const data = objectOf(info, 'info_slave_data')
  if (data === undefined) return {}
  const port: Record<string, boolean | string> = {}
  for (const [name, key] of PORT_FLAGS) {
    const value = booleanOf(data, key)
    if (value !== undefined) port[name] = value
  }
  const state = textOf(data, 'state')
  if (state !== undefined) {
    const known = PORT_STATES.find((name) => name === state)
    if (known === undefined) report(data.place, 'invalid', PORT_STATES.join(', '), state, 'state')
    else port['state'] = known
  }
  return port as BridgePort
}
