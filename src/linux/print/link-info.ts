import type { Interface, IpipInfo, VxlanInfo } from '../../model/index.ts'

type Json = Record<string, unknown>

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
