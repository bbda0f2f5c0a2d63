import type { Interface, InterfaceKind } from '../../model/index.ts'
import { parseMac } from '../../wire/index.ts'
import { type JsonObject, jsonValue, numberOf, objectOf, objectsIn, textOf, textsOf } from './json.ts'
import { parseBridge, parseIpip, parsePort, parseVxlan } from './link-info.ts'
import { originAt, type Place, report } from './place.ts'

const KINDS: ReadonlySet<string> = new Set(['veth', 'bridge', 'dummy', 'ipip', 'vxlan', 'wireguard'])

/** What the dump calls the kind of a link; links without a driver's name are loopback or real cards. */
function kindOf(link: JsonObject, name: string, flags: readonly string[]): InterfaceKind | undefined {
  const info = objectOf(link, 'linkinfo')
  const kind = info && textOf(info, 'info_kind')
  if (kind === undefined) return flags.includes('LOOPBACK') || name === 'lo' ? 'loopback' : 'ethernet'
  if (KINDS.has(kind)) return kind as InterfaceKind
  return report(
    (info as JsonObject).place,
    'unsupported',
    `${name} to be of a kind packetwalk models (${[...KINDS].join(', ')})`,
    kind,
    'info_kind',
  )
}

function parseLink(link: JsonObject, indices: ReadonlyMap<string, number>): Interface | undefined {
  const name = textOf(link, 'ifname')
  const ifindex = numberOf(link, 'ifindex')
  if (name === undefined || name === '') return report(link.place, 'invalid', 'an interface name', undefined, 'ifname')
  if (ifindex === undefined) return report(link.place, 'invalid', 'an interface index', undefined, 'ifindex')
  const flags = textsOf(link, 'flags')
  const kind = kindOf(link, name, flags)
  if (kind === undefined) return undefined
  const vxlan = kind === 'vxlan' ? parseVxlan(link) : undefined
  if (kind === 'vxlan' && vxlan === undefined) return undefined
  const layer2 = kind !== 'ipip' && kind !== 'wireguard'
  const mac = layer2 ? parseMac(textOf(link, 'address') ?? '') : undefined
  if (layer2 && mac === undefined) {
    return report(link.place, 'invalid', 'a link-layer address', textOf(link, 'address'), 'address')
  }
  const port = parsePort(link)
  return {
    name,
    ifindex,
    kind,
    ...(mac === undefined ? {} : { mac }),
    mtu: numberOf(link, 'mtu') ?? 1500,
    up: flags.includes('UP'),
    carrier: flags.includes('LOWER_UP'),
    ...(flags.includes('NOARP') ? { noarp: true } : {}),
    ...optional('linkIndex', numberOf(link, 'link_index') ?? indexOfPeer(link, kind, indices)),
    ...optional('linkNetnsid', numberOf(link, 'link_netnsid')),
    ...addrGenMode(link),
    ...optional('txqlen', numberOf(link, 'txqlen')),
    ...optional('master', textOf(link, 'master')),
    ...(port === undefined ? {} : { port }),
    addresses: [],
    ...(kind === 'bridge' ? { bridge: parseBridge(link) } : {}),
    ...(kind === 'ipip' ? { ipip: parseIpip(link) } : {}),
    ...(vxlan === undefined ? {} : { vxlan }),
    ...(kind === 'wireguard' ? { wireguard: { listenPort: 0, fwmark: 0, peers: [] } } : {}),
    origin: originAt(link.place),
  }
}

/** The other end of a veth pair in the same namespace is given by name. */
function indexOfPeer(link: JsonObject, kind: InterfaceKind, indices: ReadonlyMap<string, number>): number | undefined {
  const peer = kind === 'veth' ? textOf(link, 'link') : undefined
  return peer === undefined ? undefined : indices.get(peer)
}

function addrGenMode(link: JsonObject): Pick<Interface, 'addrGenMode'> {
  const mode = textOf(link, 'inet6_addr_gen_mode')
  return mode === 'none' || mode === 'stable_secret' || mode === 'random' ? { addrGenMode: mode } : {}
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }
}

/**
 * `ip -j -d link show` (or `addr show`, which says the same of the links) as interfaces without addresses, in the order
 * of the dump. An interface of a kind that is not modelled becomes an issue and is left out.
 */
export function parseLinks(content: unknown, place: Place): Interface[] {
  const links: Interface[] = []
  const seen = new Set<string>()
  const objects = objectsIn(jsonValue(content, place), place)
  const indices = new Map<string, number>()
  for (const { fields } of objects) {
    const { ifname, ifindex } = fields as { ifname?: unknown; ifindex?: unknown }
    if (typeof ifname === 'string' && typeof ifindex === 'number') indices.set(ifname, ifindex)
  }
  for (const object of objects) {
    const link = parseLink(object, indices)
    if (link === undefined) continue
    if (seen.has(link.name)) report(object.place, 'invalid', 'each interface once', link.name, 'ifname')
    else links.push(link)
    seen.add(link.name)
  }
  return links
}
