import { parsePortRange, peek, take, type Words } from '../linux/index.ts'
import {
  type BridgeInfo,
  type Interface,
  type InterfaceKind,
  type IpipInfo,
  iface,
  type Namespace,
  Network,
  type VxlanInfo,
} from '../model/index.ts'
import { isIpv6, ZERO_MAC } from '../wire/index.ts'
import { BY_USER, interfaceOf, namespaceOf, withInterface, withNamespace } from './edit.ts'
import { need, needIp, needMac, needNumber, needSwitch, refuse, takeIf, toolRefuses, wrongArgument } from './refusal.ts'

type Common = { -readonly [K in 'mtu' | 'mac' | 'txqlen']?: Interface[K] } & { name?: string; netns?: string }

const KINDS = ['veth', 'bridge', 'dummy', 'ipip', 'vxlan', 'wireguard'] as const

/** `ip link add [link DEV] NAME … type KIND …`. A MAC that is not given is made from the names. @throws Refusal in the words of `ip` */
export function ipLinkAdd(network: Network, netns: string, words: Words): Network {
  const common: Common = {}
  readCommon(common, words)
  if (!takeIf(words, 'type')) return toolRefuses('Not enough information: "type" argument is required')
  const text = need(words)
  const kind = KINDS.find((name) => name === text)
  if (common.name === undefined) return toolRefuses('Not enough of information: device name is required')
  if (/[/\s]/.test(common.name)) return wrongArgument(common.name, '"dev" not a valid ifname')
  if (common.name.length > 15) return toolRefuses('Error: Attribute failed policy validation.')
  if (kind === undefined) return unknownKind(text)
  const ns = namespaceOf(network, common.netns ?? netns)
  if (kind === 'veth') return addVeth(network, ns, common, words)
  return withNamespace(network, addLink(ns, common, kind, readKind(ns, kind, words)))
}

/** Kinds that Linux has and packetwalk does not are refused by name. */
function unknownKind(text: string): never {
  if (!OTHER_KINDS.has(text)) return toolRefuses('Error: Unknown device type.')
  return refuse(`a device of type ${KINDS.join(', ')}`, text)
}

const OTHER_KINDS: ReadonlySet<string> = new Set(
  'vlan macvlan macvtap ipvlan ipvtap bond team tun vrf gre gretap ip6tnl ip6gre sit vti erspan geneve can vcan ifb hsr nlmon netkit'.split(
    ' ',
  ),
)

function readCommon(common: Common, words: Words): void {
  while (words.at < words.list.length && peek(words) !== 'type') {
    const word = take(words)!
    if (word === 'name') common.name = need(words)
    else if (word === 'mtu') common.mtu = needNumber(words, 'an MTU')
    else if (word === 'address') common.mac = needMac(words)
    else if (word === 'netns') common.netns = need(words)
    else if (word === 'txqueuelen' || word === 'txqlen' || word === 'qlen')
      common.txqlen = needNumber(words, 'a queue length')
    else if (word === 'dev' && common.name === undefined) common.name = need(words)
    else if (word === 'numtxqueues' || word === 'numrxqueues') needNumber(words, 'a number of queues')
    else if (common.name === undefined) common.name = word
    else toolRefuses(`Error: either "dev" is duplicate, or "${word}" is a garbage.`)
  }
}

/** What `type KIND …` says: the parameters and the MTU they imply. */
interface KindParts {
  readonly info: Partial<Interface>
  readonly mtu: number
}

function readKind(ns: Namespace, kind: InterfaceKind, words: Words): KindParts {
  switch (kind) {
    case 'bridge':
      return { info: { bridge: readBridge(words) }, mtu: 1500 }
    case 'vxlan':
      return readVxlan(ns, words)
    case 'ipip':
      return readIpip(ns, words)
    case 'wireguard':
      return {
        info: { wireguard: { listenPort: 0, fwmark: 0, peers: [] }, noarp: true, addrGenMode: 'none' },
        mtu: 1420,
      }
    default:
      return { info: kind === 'dummy' ? { noarp: true } : {}, mtu: 1500 }
  }
}

function addLink(ns: Namespace, common: Common, kind: InterfaceKind, parts: KindParts): Namespace {
  const name = common.name!
  if (Object.hasOwn(ns.interfaces, name)) return toolRefuses('RTNETLINK answers: File exists')
  const mac = common.mac
  const ifindex = Math.max(0, ...Object.values(ns.interfaces).map((link) => link.ifindex)) + 1
  const link = iface({
    name,
    ifindex,
    kind,
    mtu: common.mtu ?? parts.mtu,
    up: false,
    carrier: false,
    txqlen: common.txqlen ?? 1000,
    ...(mac === undefined ? {} : { mac }),
    ...(kind === 'ipip' ? { noarp: true } : {}),
    ...parts.info,
    origin: BY_USER,
  })
  return withDefaultRemote(withInterface(ns, link), link)
}

/** A VXLAN device with a remote starts with a forwarding entry for everything. */
function withDefaultRemote(ns: Namespace, link: Interface): Namespace {
  const { remote, link: via } = link.vxlan ?? {}
  if (remote === undefined) return ns
  const entry = {
    mac: ZERO_MAC,
    dev: link.name,
    dst: remote,
    ...(via === undefined ? {} : { via }),
    self: true,
    state: 'permanent' as const,
    origin: BY_USER,
  }
  return { ...ns, fdb: [...ns.fdb, entry] }
}

/** The far end is made first, so in one namespace it has the lower index. @linux drivers/net/veth.c veth_newlink */
function addVeth(network: Network, ns: Namespace, common: Common, words: Words): Network {
  const far: Common = {}
  if (takeIf(words, 'peer')) readCommon(far, words)
  far.name ??= freeName(ns, 'veth')
  const farNs = namespaceOf(network, far.netns ?? ns.name)
  const plain: KindParts = { info: {}, mtu: 1500 }
  const withFar = withNamespace(network, addLink(farNs, { ...far }, 'veth', { ...plain, mtu: far.mtu ?? 1500 }))
  const both = withNamespace(withFar, addLink(namespaceOf(withFar, ns.name), common, 'veth', plain))
  const wire = {
    ends: [
      { netns: ns.name, dev: common.name! },
      { netns: farNs.name, dev: far.name },
    ] as const,
    origin: BY_USER,
  }
  return new Network({ ...both.toJSON(), wires: [...both.wires, wire] })
}

function freeName(ns: Namespace, start: string): string {
  let number = 0
  while (Object.hasOwn(ns.interfaces, `${start}${number}`)) number += 1
  return `${start}${number}`
}

const NEW_BRIDGE: BridgeInfo = {
  ageingTime: 300,
  stp: false,
  vlanFiltering: false,
  mcastSnooping: true,
  nfCallIptables: false,
  nfCallIp6tables: false,
}

function readBridge(words: Words): BridgeInfo {
  let info = NEW_BRIDGE
  while (words.at < words.list.length) info = readBridgeOption(info, take(words)!, words)
  return info
}

/** Settings of spanning tree and multicast queries that change nothing while both are off. */
const HARMLESS: ReadonlySet<string> = new Set([
  'forward_delay',
  'hello_time',
  'max_age',
  'priority',
  'group_fwd_mask',
  'group_address',
  'mcast_router',
  'mcast_querier',
  'mcast_query_use_ifaddr',
  'mcast_hash_max',
  'mcast_stats_enabled',
  'vlan_default_pvid',
  'nf_call_arptables',
])

/** One setting of a bridge. @throws Refusal when packetwalk does not model it */
export function readBridgeOption(info: BridgeInfo, word: string, words: Words): BridgeInfo {
  switch (word) {
    case 'ageing_time':
      return { ...info, ageingTime: needNumber(words, 'hundredths of a second') / 100 }
    case 'mcast_snooping':
      return { ...info, mcastSnooping: needSwitch(words, word) }
    case 'nf_call_iptables':
      return { ...info, nfCallIptables: needSwitch(words, word) }
    case 'nf_call_ip6tables':
      return { ...info, nfCallIp6tables: needSwitch(words, word) }
    case 'stp_state':
    case 'vlan_filtering':
      if (needSwitch(words, word)) return refuse(`a bridge with ${word} 0`, `${word} 1`)
      return info
    default:
      if (!HARMLESS.has(word)) return refuse('a setting of a bridge packetwalk models', word)
      need(words)
      return info
  }
}

function ttlOf(words: Words): number | 'inherit' {
  if (takeIf(words, 'inherit')) return 'inherit'
  return takeIf(words, 'auto') ? 0 : needNumber(words, 'a TTL')
}

function tosOf(words: Words): number | 'inherit' {
  if (takeIf(words, 'inherit')) return 'inherit'
  const tos = needNumber(words, 'a TOS')
  return tos === 1 ? 'inherit' : tos
}

function readVxlan(ns: Namespace, words: Words): KindParts {
  const info: { -readonly [K in keyof VxlanInfo]?: VxlanInfo[K] } = {}
  const flags: Record<string, boolean> = { learning: true, udpcsum: true, udp6zerocsumtx: false, udp6zerocsumrx: false }
  while (words.at < words.list.length) {
    const word = take(words)!
    const flag = word.replace(/^no/, '')
    if (Object.hasOwn(flags, flag)) flags[flag] = flag === word
    else if (word === 'id' || word === 'vni') info.id = needNumber(words, 'a VNI')
    else if (word === 'local') info.local = needIp(words)
    else if (word === 'remote' || word === 'group') info.remote = needIp(words)
    else if (word === 'dev') info.link = interfaceOf(ns, need(words)).name
    else if (word === 'dstport') info.dstport = needNumber(words, 'a UDP port')
    else if (word === 'srcport') {
      const range = parsePortRange(`${need(words)}:${need(words)}`)
      if (range !== undefined && range.high > 0) info.portRange = range
    } else if (word === 'ttl' || word === 'hoplimit') info.ttl = ttlOf(words)
    else if (word === 'tos' || word === 'dsfield') info.tos = tosOf(words)
    else if (word === 'ageing') info.ageing = needNumber(words, 'seconds')
    else if (word === 'df') {
      const df = need(words)
      info.df = df === 'set' || df === 'unset' || df === 'inherit' ? df : refuse('set, unset or inherit', df)
    } else refuse('an option of type vxlan packetwalk models', word)
  }
  if (info.id === undefined) return toolRefuses('vxlan: missing virtual network identifier')
  const outer6 = [info.local, info.remote].some((address) => address !== undefined && isIpv6(address))
  const below = info.link === undefined ? undefined : interfaceOf(ns, info.link).mtu
  const vxlan: VxlanInfo = {
    dstport: 8472,
    ttl: 0,
    tos: 0,
    df: 'unset',
    ageing: 300,
    ...info,
    id: info.id,
    ...booleans(flags),
  }
  return { info: { vxlan }, mtu: below === undefined ? 1500 : below - (outer6 ? 70 : 50) }
}

function booleans(
  flags: Record<string, boolean>,
): Pick<VxlanInfo, 'learning' | 'udpcsum' | 'udp6zerocsumtx' | 'udp6zerocsumrx'> {
  return flags as unknown as Pick<VxlanInfo, 'learning' | 'udpcsum' | 'udp6zerocsumtx' | 'udp6zerocsumrx'>
}

function readIpip(ns: Namespace, words: Words): KindParts {
  const info: { -readonly [K in keyof IpipInfo]?: IpipInfo[K] } = {}
  const endpoint = (): IpipInfo['local'] => (takeIf(words, 'any') ? undefined : needIp(words))
  while (words.at < words.list.length) {
    const word = take(words)!
    if (word === 'local') {
      const local = endpoint()
      if (local !== undefined) info.local = local
    } else if (word === 'remote') {
      const remote = endpoint()
      if (remote !== undefined) info.remote = remote
    } else if (word === 'dev') info.link = interfaceOf(ns, need(words)).name
    else if (word === 'ttl' || word === 'hoplimit') {
      const ttl = ttlOf(words)
      info.ttl = ttl === 'inherit' ? 0 : ttl
    } else if (word === 'tos' || word === 'dsfield') info.tos = tosOf(words)
    else if (word === 'pmtudisc' || word === 'nopmtudisc') info.pmtudisc = word === 'pmtudisc'
    else if (word === 'mode') need(words)
    else refuse('an option of type ipip packetwalk models', word)
  }
  if (info.pmtudisc === false && (info.ttl ?? 0) !== 0) return toolRefuses('ttl != 0 and nopmtudisc are incompatible')
  const below = info.link === undefined ? 1500 : interfaceOf(ns, info.link).mtu
  return { info: { ipip: { ttl: 0, tos: 0, pmtudisc: true, ...info } }, mtu: below - 20 }
}
