import { cablePeer, type Interface, type InterfaceKind, isInterfaceName } from '../model/index.ts'
import { BROADCAST_MAC, type Mac, parseMac, ZERO_MAC } from '../wire/index.ts'
import { type CountersOf, type DeviceCounters, NO_COUNTERS } from './counters.ts'
import { given, type JsonObject, jsonValue, numberOf, objectOf, objectsIn, textOf, textsOf } from './json.ts'
import { lostLink, readEach } from './left-out.ts'
import { linkDetails, linkInfo, parseBridge, parseIpip, parsePort, parseVxlan } from './link-info.ts'
import { madeUpMac } from './made-up-mac.ts'
import { originAt, type Place, report } from './place.ts'
import { carrierOf, isPointToPoint, linkFlags, linksOf, operState, qdiscOf, type View } from './view.ts'

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
  if (!isInterfaceName(name))
    return report(
      link.place,
      'invalid',
      'an interface name of 1 to 15 bytes without "/", ":" and blanks',
      name,
      'ifname',
    )
  if (ifindex === undefined) return report(link.place, 'invalid', 'an interface index', undefined, 'ifindex')
  const flags = textsOf(link, 'flags')
  const kind = kindOf(link, name, flags)
  if (kind === undefined) return undefined
  const vxlan = kind === 'vxlan' ? parseVxlan(link) : undefined
  if (kind === 'vxlan' && vxlan === undefined) return undefined
  const layer2 = kind !== 'ipip' && kind !== 'wireguard'
  const mac = layer2 ? macOfLink(link, name, kind) : undefined
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
    ...given('linkIndex', numberOf(link, 'link_index') ?? indexOfPeer(link, kind, indices)),
    ...given('linkNetnsid', numberOf(link, 'link_netnsid')),
    ...addrGenMode(link),
    ...given('txqlen', numberOf(link, 'txqlen')),
    ...given('master', textOf(link, 'master')),
    ...(port === undefined ? {} : { port }),
    addresses: [],
    ...(kind === 'bridge' ? { bridge: parseBridge(link) } : {}),
    ...(kind === 'ipip' ? { ipip: parseIpip(link) } : {}),
    ...(vxlan === undefined ? {} : { vxlan }),
    ...(kind === 'wireguard' ? { wireguard: { listenPort: 0, fwmark: 0, peers: [] } } : {}),
    origin: originAt(link.place),
  }
}

/** Not every form prints it (`ip -4 addr`, `ip -br addr`): then one that nobody else has. */
function macOfLink(link: JsonObject, name: string, kind: InterfaceKind): Mac | undefined {
  const text = textOf(link, 'address')
  if (text !== undefined) return parseMac(text)
  return kind === 'loopback' ? ZERO_MAC : madeUpMac(`${link.place.file}/${name}`)
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
  const read = (object: JsonObject): { object: JsonObject; link: Interface } | undefined => {
    const link = parseLink(object, indices)
    return link && { object, link }
  }
  for (const { object, link } of readEach(objects, place, read, (one, issues, made) =>
    lostLink(one, issues, made !== undefined),
  )) {
    if (seen.has(link.name)) report(object.place, 'invalid', 'each interface once', link.name, 'ifname')
    else links.push(link)
    seen.add(link.name)
  }
  return links
}

/** What `ip link` and `ip addr` are asked for. */
export interface LinkOptions {
  /** Only this interface (`dev NAME`). */
  readonly dev?: string
  /** `-d`. */
  readonly details?: boolean
  /** `-br`. */
  readonly brief?: boolean
  /** `-s`: counters by interface. */
  readonly counters?: CountersOf
}

/** The index of the interface a device is linked to: a veth's other end, as the dump or the network's wires say. */
function linkIndexOf(view: View, link: Interface): number | undefined {
  if (link.linkIndex !== undefined) return link.linkIndex
  const peer = link.kind === 'veth' ? cablePeer(view.network, view.ns.name, link.name) : undefined
  return peer && view.network.namespaces[peer.netns]?.interfaces[peer.dev]?.ifindex
}

/** The device below a tunnel or the other end of a veth pair inside the same namespace, by name. */
function linkName(view: View, link: Interface): string | null | undefined {
  if (link.kind === 'ipip') return link.ipip?.link ?? null
  const index = linkIndexOf(view, link)
  if (index === undefined) return undefined
  const peer = link.linkNetnsid === undefined ? cablePeer(view.network, view.ns.name, link.name) : undefined
  if (link.linkNetnsid !== undefined || (peer !== undefined && peer.netns !== view.ns.name)) return undefined
  return linksOf(view).find((other) => other.ifindex === index)?.name
}

/** What stands behind `@` in the name of a link; '' for none. */
export function linkSuffix(view: View, link: Interface): string {
  const name = linkName(view, link)
  if (name === null) return '@NONE'
  if (name !== undefined) return `@${name}`
  const index = linkIndexOf(view, link)
  return index === undefined ? '' : `@if${index}`
}

const LINK_TYPES: Readonly<Record<string, string>> = { loopback: 'loopback', ipip: 'ipip', wireguard: 'none' }

/** The kind of link-layer address, as behind `link/`. */
function linkType(link: Interface): string {
  return LINK_TYPES[link.kind] ?? 'ether'
}

/** Address and broadcast address of the link layer; a tunnel's are its outer addresses. */
function linkAddresses(link: Interface): { readonly address?: string; readonly broadcast?: string } {
  if (link.kind === 'wireguard') return {}
  if (link.kind === 'ipip') return { address: link.ipip?.local ?? '0.0.0.0', broadcast: link.ipip?.remote ?? '0.0.0.0' }
  const broadcast = link.kind === 'loopback' ? ZERO_MAC : BROADCAST_MAC
  return link.mac === undefined ? { broadcast } : { address: link.mac, broadcast }
}

/** One link as `ip -j -d link show` prints it, the fields packetwalk knows. */
export function linkJson(view: View, link: Interface): Record<string, unknown> {
  const name = linkName(view, link)
  const index = name === undefined ? linkIndexOf(view, link) : undefined
  const info = linkInfo(link)
  return {
    ifindex: link.ifindex,
    ...(name === undefined ? {} : { link: name }),
    ...(index === undefined ? {} : { link_index: index }),
    ifname: link.name,
    flags: linkFlags(view, link),
    mtu: link.mtu,
    qdisc: qdiscOf(link),
    ...(link.master === undefined ? {} : { master: link.master }),
    operstate: operState(view, link),
    linkmode: 'DEFAULT',
    group: 'default',
    ...(link.txqlen === undefined ? {} : { txqlen: link.txqlen }),
    link_type: linkType(link),
    ...linkAddresses(link),
    ...(isPointToPoint(link) && link.kind === 'ipip' ? { link_pointtopoint: true } : {}),
    ...(link.linkNetnsid === undefined ? {} : { link_netnsid: link.linkNetnsid }),
    ...(info === undefined ? {} : { linkinfo: info }),
    ...(link.kind === 'ipip' && !link.up ? {} : { inet6_addr_gen_mode: link.addrGenMode ?? 'eui64' }),
  }
}

/** The first line of a link, up to its index and flags, shared by `ip link` and `ip addr`. */
export function linkHead(view: View, link: Interface, mode: boolean): string {
  const master = link.master === undefined ? '' : `master ${link.master} `
  const state = `state ${operState(view, link)} `
  const queue = link.txqlen === undefined ? '' : `qlen ${link.txqlen}`
  return (
    `${link.ifindex}: ${link.name}${linkSuffix(view, link)}: <${linkFlags(view, link).join(',')}> mtu ${link.mtu} ` +
    `qdisc ${qdiscOf(link)} ${master}${state}${mode ? 'mode DEFAULT ' : ''}group default ${queue}`
  )
}

/** The second line of a link, and with `-d` those of its kind. */
export function linkBody(link: Interface, details: boolean): string[] {
  const { address, broadcast } = linkAddresses(link)
  const between = isPointToPoint(link) && link.kind === 'ipip' ? 'peer' : 'brd'
  const netns = link.linkNetnsid === undefined ? '' : ` link-netnsid ${link.linkNetnsid}`
  const first = `    link/${linkType(link)} ${address === undefined ? '' : `${address} ${between} ${broadcast}`}${netns}`
  return [first, ...(details ? linkDetails(link).map((line) => `    ${line}`) : [])]
}

function chosen(view: View, options: LinkOptions): Interface[] {
  return linksOf(view).filter((link) => options.dev === undefined || link.name === options.dev)
}

/** `ip -j -d link show`. */
export function ipLinkJson(view: View, options: LinkOptions = {}): Record<string, unknown>[] {
  return chosen(view, options).map((link) => linkJson(view, link))
}

/** `ip link show`, with `-d` or `-br` where asked. */
export function ipLink(view: View, options: LinkOptions = {}): string {
  const lines = chosen(view, options).flatMap((link) => {
    if (options.brief === true) {
      const name = `${link.name}${linkSuffix(view, link)}`.padEnd(16)
      const address = link.mac ?? linkAddresses(link).address ?? ''
      return [`${name} ${operState(view, link).padEnd(14)} ${address.padEnd(17)} <${linkFlags(view, link).join(',')}> `]
    }
    const counted = options.counters === undefined ? [] : statistics(options.counters[link.name] ?? NO_COUNTERS)
    return [linkHead(view, link, true), ...linkBody(link, options.details === true), ...counted]
  })
  return lines.map((line) => `${line}\n`).join('')
}

/** Counters behind `-s`: columns are as wide as their widest number, and no narrower than their titles. @iproute2 ip/ipaddress.c __print_link_stats */
function statistics(counters: DeviceCounters): string[] {
  const { rxBytes, rxPackets, rxDropped = 0, txBytes, txPackets, txDropped = 0 } = counters
  const row = (values: readonly number[]): string =>
    values.map((value, i) => `${value} `.padStart(WIDTHS[i] ?? 8)).join('')
  return [
    '    RX:  bytes packets errors dropped  missed   mcast           ',
    `    ${row([rxBytes, rxPackets, 0, rxDropped, 0, 0])}`,
    '    TX:  bytes packets errors dropped carrier collsns           ',
    `    ${row([txBytes, txPackets, 0, txDropped, 0, 0])}`,
  ]
}

const WIDTHS = [11, 8, 7, 8, 8, 8] as const

/** `bridge link show`: the ports of bridges. */
export function bridgeLink(view: View, options: LinkOptions = {}): string {
  const ports = chosen(view, options).filter((link) => link.master !== undefined)
  return ports
    .map((link) => {
      const up = carrierOf(view, link)
      const state = link.port?.state ?? (link.up && up ? 'forwarding' : 'disabled')
      return (
        `${link.ifindex}: ${link.name}${linkSuffix(view, link)}: <${linkFlags(view, link).join(',')}> mtu ${link.mtu} ` +
        `master ${link.master} state ${state} priority 32 cost 2 \n${options.details === true ? portDetails(link) : ''}`
      )
    })
    .join('')
}

function portDetails(link: Interface): string {
  const port = link.port ?? {}
  const word = (name: string, value: boolean | undefined, standard: boolean): string =>
    `${name} ${(value ?? standard) ? 'on' : 'off'} `
  return (
    `    ${word('hairpin', port.hairpin, false)}guard off root_block off fastleave off ` +
    `${word('learning', port.learning, true)}${word('flood', port.flood, true)}` +
    `${word('mcast_flood', port.mcastFlood, true)}${word('bcast_flood', port.bcastFlood, true)}` +
    `mcast_router 1 mcast_to_unicast off ${word('neigh_suppress', port.neighSuppress, false)}` +
    `vlan_tunnel off ${word('isolated', port.isolated, false)}locked off \n`
  )
}
