import type { Namespace, WireguardInfo, WireguardPeer } from '../model/index.ts'
import { type Ip, parseCidr, parseIp, prefixOf, withPort } from '../wire/index.ts'
import { parseNumber } from './json.ts'
import { linesOf, type Place, report } from './place.ts'

type Draft = { publicKey?: string; listenPort: number; fwmark: number; peers: WireguardPeer[] }

/** `address:port`, IPv6 in brackets. */
function parseEndpoint(text: string): { readonly address: Ip; readonly port: number } | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([0-9]{1,5})$/.exec(text)
  if (match === null) return undefined
  const address = parseIp((match[1] ?? match[2])!.replace(/%.*$/, ''))
  const port = Number(match[3])
  return address === undefined || port > 65535 ? undefined : { address, port }
}

function numberOrOff(text: string | undefined): number | undefined {
  if (text === undefined || text === 'off' || text === '(none)') return 0
  return parseNumber(text)
}

/** Allowed prefixes; host bits are cleared as the kernel does. */
function allowedIps(text: string, place: Place): string[] {
  if (text === '(none)' || text === '') return []
  return text.split(/,\s*/).flatMap((item) => {
    const cidr = parseCidr(item)
    if (cidr !== undefined) return prefixOf(cidr.address, cidr.length)
    return report(place, 'invalid', 'a prefix', item) ?? []
  })
}

function peerOf(publicKey: string, endpoint: string, allowed: string, keepalive: string, place: Place): WireguardPeer {
  const where = endpoint === '(none)' ? undefined : parseEndpoint(endpoint)
  if (endpoint !== '(none)' && where === undefined) report(place, 'invalid', 'ADDRESS:PORT', endpoint)
  const seconds = numberOrOff(keepalive)
  return {
    publicKey,
    ...(where === undefined ? {} : { endpoint: where }),
    allowedIps: allowedIps(allowed, place),
    ...(seconds === undefined || seconds === 0 ? {} : { persistentKeepalive: seconds }),
  }
}

function key(text: string | undefined): { publicKey?: string } {
  return text === undefined || text === '(none)' || text === '' ? {} : { publicKey: text }
}

/** `wg show all dump`: columns by tabs; the private and the preshared keys are never looked at. */
function parseDump(text: string, place: Place): Map<string, Draft> {
  const devices = new Map<string, Draft>()
  for (const line of linesOf(text, place)) {
    const columns = line.text.split('\t')
    const name = columns[0]!
    if (columns.length === 5) {
      devices.set(name, {
        ...key(columns[2]),
        listenPort: numberOrOff(columns[3]) ?? 0,
        fwmark: numberOrOff(columns[4]) ?? 0,
        peers: [],
      })
    } else if (columns.length === 9 && devices.has(name)) {
      devices.get(name)!.peers.push(peerOf(columns[1]!, columns[3]!, columns[4]!, columns[8]!, line.place))
    } else report(line.place, 'syntax', 'a line of wg show all dump', `${columns.length} columns`)
  }
  return devices
}

/** `wg show`: `name: value` lines under `interface:` and `peer:`. */
function parseShow(text: string, place: Place): Map<string, Draft> {
  const devices = new Map<string, Draft>()
  let device: Draft | undefined
  let peer: { key: string; place: Place; endpoint: string; allowed: string; keepalive: string } | undefined
  const flush = (): void => {
    if (peer) device?.peers.push(peerOf(peer.key, peer.endpoint, peer.allowed, peer.keepalive, peer.place))
    peer = undefined
  }
  for (const line of linesOf(text, place)) {
    const colon = line.text.indexOf(':')
    const name = line.text.slice(0, colon).trim()
    const value = line.text.slice(colon + 1).trim()
    if (name === 'interface' || name === 'peer') flush()
    if (name === 'interface') {
      device = { listenPort: 0, fwmark: 0, peers: [] }
      devices.set(value, device)
    } else if (device === undefined) report(line.place, 'syntax', 'interface: NAME', 'a line before it')
    else if (name === 'peer')
      peer = { key: value, place: line.place, endpoint: '(none)', allowed: '', keepalive: 'off' }
    else if (name === 'public key') device.publicKey = value
    else if (name === 'listening port') device.listenPort = numberOrOff(value) ?? 0
    else if (name === 'fwmark') device.fwmark = numberOrOff(value) ?? 0
    else if (name === 'endpoint' && peer) peer.endpoint = value
    else if (name === 'allowed ips' && peer) peer.allowed = value
    else if (name === 'persistent keepalive' && peer) peer.keepalive = /\d+/.exec(value)?.[0] ?? 'off'
  }
  flush()
  return devices
}

/** `wg show all dump` or `wg show` as WireGuard parameters by interface name. Secret keys are never kept. */
export function parseWireguard(text: string, place: Place): Map<string, WireguardInfo> {
  return /^\s*interface:/.test(text) ? parseShow(text, place) : parseDump(text, place)
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
  return endpoint === undefined ? undefined : withPort(endpoint.address, endpoint.port)
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

/** `wg show all allowed-ips`. */
export function wgShowAllowedIps(ns: Namespace): string {
  return devices(ns)
    .flatMap(([name, { peers }]) =>
      peers.map(({ publicKey, allowedIps }) => `${name}\t${publicKey}\t${allowedIps.join(' ') || '(none)'}\n`),
    )
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
