import type { ConntrackEntry, ConntrackTuple, IpSet, Namespace, WireguardInfo } from '../../model/index.ts'
import { sysctlOf } from '../../model/index.ts'
import { sysctlKey } from '../parse/sysctl.ts'

/** `ipset save`. */
export function ipsetSave(sets: Readonly<Record<string, IpSet>> | undefined): string {
  return Object.values(sets ?? {})
    .map((set) => {
      const family = set.family === undefined ? '' : ` family ${set.family}`
      const head = `create ${set.name} ${set.type}${family}${set.options === undefined ? '' : ` ${set.options}`}\n`
      return `${head}${set.members.map((member) => `add ${set.name} ${member}\n`).join('')}`
    })
    .join('')
}

function tupleText(tuple: ConntrackTuple): string {
  const words = [`src=${tuple.src}`, `dst=${tuple.dst}`]
  for (const key of ['sport', 'dport', 'type', 'code', 'id'] as const) {
    if (tuple[key] !== undefined) words.push(`${key}=${tuple[key]}`)
  }
  return words.join(' ')
}

const CONNTRACK_NAMES: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  47: 'gre',
  58: 'icmpv6',
  132: 'sctp',
  136: 'udplite',
}

/** One connection as `conntrack -L -o extended` prints it, without the line break. */
export function conntrackLine(entry: ConntrackEntry, extended = true): string {
  const family = extended ? `${entry.family === 'inet' ? 'ipv4     2' : 'ipv6     10'} ` : ''
  const name = CONNTRACK_NAMES[entry.protocol] ?? 'unknown'
  const state = entry.state === undefined ? '' : `${entry.state} `
  const unreplied = entry.unreplied === true ? '[UNREPLIED] ' : ''
  const assured = entry.assured === true ? '[ASSURED] ' : ''
  const mark = entry.mark === undefined ? '' : `mark=${entry.mark} `
  const zone = entry.zone === undefined ? '' : `zone=${entry.zone} `
  return (
    `${family}${name.padEnd(8)} ${entry.protocol} ${entry.timeout} ${state}${tupleText(entry.original)} ` +
    `${unreplied}${tupleText(entry.reply)} ${assured}${mark}${zone}use=1`
  )
}

/** `conntrack -L -o extended`, or without. */
export function conntrackList(entries: readonly ConntrackEntry[] | undefined, extended = true): string {
  return (entries ?? []).map((entry) => `${conntrackLine(entry, extended)}\n`).join('')
}

function devices(ns: Namespace): [string, WireguardInfo][] {
  return Object.values(ns.interfaces).flatMap((link): [string, WireguardInfo][] =>
    link.wireguard === undefined ? [] : [[link.name, link.wireguard]],
  )
}

function mark(fwmark: number): string {
  return fwmark === 0 ? 'off' : `0x${fwmark.toString(16)}`
}

function endpointText(endpoint: { readonly address: string; readonly port: number } | undefined): string | undefined {
  if (endpoint === undefined) return undefined
  return endpoint.address.includes(':')
    ? `[${endpoint.address}]:${endpoint.port}`
    : `${endpoint.address}:${endpoint.port}`
}

/** `wg show all dump`; secret keys are not kept, so their columns say `(hidden)` and `(none)`. */
export function wgShowDump(ns: Namespace): string {
  return devices(ns)
    .map(([name, info]) => {
      const head = [name, '(hidden)', info.publicKey ?? '(none)', info.listenPort, mark(info.fwmark)].join('\t')
      const peers = info.peers.map((peer) =>
        [
          name,
          peer.publicKey,
          '(none)',
          endpointText(peer.endpoint) ?? '(none)',
          peer.allowedIps.join(',') || '(none)',
          0,
          0,
          0,
          peer.persistentKeepalive ?? 'off',
        ].join('\t'),
      )
      return [head, ...peers].map((line) => `${line}\n`).join('')
    })
    .join('')
}

/** `wg show`. */
export function wgShow(ns: Namespace): string {
  return devices(ns)
    .map(([name, info]) => {
      const lines = [
        `interface: ${name}`,
        ...(info.publicKey === undefined ? [] : [`  public key: ${info.publicKey}`, '  private key: (hidden)']),
        `  listening port: ${info.listenPort}`,
        ...(info.fwmark === 0 ? [] : [`  fwmark: ${mark(info.fwmark)}`]),
      ]
      for (const peer of info.peers) {
        lines.push('', `peer: ${peer.publicKey}`)
        if (peer.endpoint !== undefined) lines.push(`  endpoint: ${endpointText(peer.endpoint)}`)
        lines.push(`  allowed ips: ${peer.allowedIps.join(', ') || '(none)'}`)
        if (peer.persistentKeepalive !== undefined) {
          lines.push(`  persistent keepalive: every ${peer.persistentKeepalive} seconds`)
        }
      }
      return `${lines.join('\n')}\n`
    })
    .join('\n')
}

/** `sysctl` lines for every key the namespace sets, in the order of the model. */
export function sysctlList(ns: Namespace): string {
  return Object.entries(ns.sysctls)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('')
}

/**
 * What `cat` prints for a path under /proc/sys/net: the value packetwalk works with and a line break.
 * @returns undefined when packetwalk knows no such value, or the interface in the path does not exist
 */
export function procSys(ns: Namespace, path: string): string | undefined {
  const match = /^\/proc\/sys\/(net\/.+)$/.exec(path.replace(/\/+/g, '/'))
  if (match === null) return undefined
  const dev = /^net\/ipv[46]\/(?:conf|neigh)\/([^/]+)\//.exec(match[1]!)?.[1]
  if (dev !== undefined && dev !== 'all' && dev !== 'default' && ns.interfaces[dev] === undefined) return undefined
  const value = sysctlOf(ns, sysctlKey(match[1]!))
  return value === undefined ? undefined : `${value}\n`
}
