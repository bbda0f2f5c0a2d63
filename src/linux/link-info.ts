import type { BridgeInfo, BridgePort, Interface, IpipInfo, VxlanInfo } from '../model/index.ts'
import { type Ip, isIpv6 } from '../wire/index.ts'
import type { Json } from './cursor.ts'
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

function tosText(tos: number | 'inherit'): string | undefined {
  if (tos === 'inherit') return '0x1'
  return tos === 0 ? undefined : `0x${tos.toString(16)}`
}

function ipipData(info: IpipInfo): Json {
  const tos = tosText(info.tos)
  return {
    proto: 'any',
    remote: info.remote ?? 'any',
    local: info.local ?? 'any',
    ttl: info.ttl,
    ...(tos === undefined ? {} : { tos }),
    pmtudisc: info.pmtudisc,
  }
}

/** `remote`, `local` and `group` have a name of their own for IPv6. */
function endpointKey(key: string, address: string): string {
  return address.includes(':') ? `${key}6` : key
}

function remoteKey(address: string): string {
  const multicast = /^(22[4-9]|23[0-9])\.|^ff/.test(address)
  return endpointKey(multicast ? 'group' : 'remote', address)
}

function vxlanData(info: VxlanInfo): Json {
  const tos = tosText(info.tos)
  return {
    id: info.id,
    ...(info.remote === undefined ? {} : { [remoteKey(info.remote)]: info.remote }),
    ...(info.link === undefined ? {} : { link: info.link }),
    ...(info.local === undefined ? {} : { [endpointKey('local', info.local)]: info.local }),
    port_range: info.portRange ?? { low: 0, high: 0 },
    port: info.dstport,
    learning: info.learning,
    ...(tos === undefined ? {} : { tos }),
    ...(info.ttl === 'inherit' ? {} : { ttl: info.ttl }),
    df: info.df,
    ...(info.ageing === undefined ? {} : { ageing: info.ageing }),
    udp_csum: info.udpcsum,
    udp_zero_csum6_tx: info.udp6zerocsumtx,
    udp_zero_csum6_rx: info.udp6zerocsumrx,
  }
}

function number(key: string, value: boolean | undefined): Json {
  return value === undefined ? {} : { [key]: value ? 1 : 0 }
}

function bridgeData(link: Interface): Json {
  const info = link.bridge ?? {}
  return {
    ...(info.ageingTime === undefined ? {} : { ageing_time: info.ageingTime * 100 }),
    ...number('stp_state', info.stp),
    ...number('vlan_filtering', info.vlanFiltering),
    ...number('mcast_snooping', info.mcastSnooping),
    ...number('nf_call_iptables', info.nfCallIptables),
    ...number('nf_call_ip6tables', info.nfCallIp6tables),
  }
}

function portData(link: Interface): Json {
  const port = link.port ?? {}
  const entries: [string, unknown][] = [
    ['state', port.state],
    ['hairpin', port.hairpin],
    ['learning', port.learning],
    ['flood', port.flood],
    ['mcast_flood', port.mcastFlood],
    ['bcast_flood', port.bcastFlood],
    ['neigh_suppress', port.neighSuppress],
    ['isolated', port.isolated],
  ]
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** `linkinfo` as `ip -j -d link` prints it; undefined for devices without a driver's name. */
export function linkInfo(link: Interface): Json | undefined {
  const slave = link.master === undefined ? {} : { info_slave_kind: 'bridge', info_slave_data: portData(link) }
  switch (link.kind) {
    case 'loopback':
    case 'ethernet':
      return link.master === undefined ? undefined : slave
    case 'ipip':
      return { info_kind: 'ipip', ...(link.ipip === undefined ? {} : { info_data: ipipData(link.ipip) }), ...slave }
    case 'vxlan':
      return { info_kind: 'vxlan', ...(link.vxlan === undefined ? {} : { info_data: vxlanData(link.vxlan) }), ...slave }
    case 'bridge':
      return { info_kind: 'bridge', info_data: bridgeData(link), ...slave }
    default:
      return { info_kind: link.kind, ...slave }
  }
}

function onOff(name: string, value: boolean | undefined): string {
  return value === undefined ? '' : `${name} ${value ? 'on' : 'off'} `
}

/** The line(s) `ip -d link` prints below the link-layer address. */
export function linkDetails(link: Interface): string[] {
  const lines: string[] = []
  if (link.ipip !== undefined) lines.push(`ipip any ${ipipText(link.ipip)}`)
  else if (link.vxlan !== undefined) lines.push(`vxlan ${vxlanText(link.vxlan)}`)
  else if (link.kind === 'bridge') {
    const data = Object.entries(bridgeData(link)).map(([key, value]) => `${key} ${String(value)} `)
    lines.push(`bridge ${data.join('')}`)
  } else if (link.kind !== 'loopback' && link.kind !== 'ethernet') lines.push(`${link.kind} `)
  if (link.master !== undefined) {
    const port = link.port ?? {}
    lines.push(
      `bridge_slave ${port.state === undefined ? '' : `state ${port.state} `}${onOff('hairpin', port.hairpin)}` +
        `${onOff('learning', port.learning)}${onOff('flood', port.flood)}${onOff('mcast_flood', port.mcastFlood)}` +
        `${onOff('bcast_flood', port.bcastFlood)}${onOff('neigh_suppress', port.neighSuppress)}${onOff('isolated', port.isolated)}`,
    )
  }
  return lines
}

function tosWords(tos: number | 'inherit'): string {
  const text = tosText(tos)
  return text === undefined ? '' : `tos ${tos === 'inherit' ? 'inherit' : text} `
}

function ipipText(info: IpipInfo): string {
  const link = info.link === undefined ? '' : `dev ${info.link} `
  const ttl = info.ttl === 0 ? 'inherit' : String(info.ttl)
  const pmtu = info.pmtudisc ? 'pmtudisc' : 'nopmtudisc'
  return `remote ${info.remote ?? 'any'} local ${info.local ?? 'any'} ${link}ttl ${ttl} ${tosWords(info.tos)}${pmtu} `
}

function vxlanText(info: VxlanInfo): string {
  const range = info.portRange ?? { low: 0, high: 0 }
  const remote = info.remote === undefined ? '' : `${remoteKey(info.remote).replace('6', '')} ${info.remote} `
  const ttl = info.ttl === 'inherit' ? 'inherit' : info.ttl === 0 ? 'auto' : String(info.ttl)
  return (
    `id ${info.id} ${remote}${info.local === undefined ? '' : `local ${info.local} `}` +
    `${info.link === undefined ? '' : `dev ${info.link} `}srcport ${range.low} ${range.high} dstport ${info.dstport} ` +
    `${info.learning ? '' : 'nolearning '}${tosWords(info.tos)}ttl ${ttl} ` +
    `${info.df === 'unset' ? '' : `df ${info.df} `}${info.ageing === undefined ? '' : `ageing ${info.ageing} `}` +
    `${info.udpcsum ? '' : 'no'}udpcsum ${info.udp6zerocsumtx ? '' : 'no'}udp6zerocsumtx ` +
    `${info.udp6zerocsumrx ? '' : 'no'}udp6zerocsumrx `
  )
}
