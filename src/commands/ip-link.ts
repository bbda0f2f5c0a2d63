import { peek, take, type Words } from '../linux/index.ts'
import {
  type BridgePort,
  cablePeer,
  hasCarrier,
  type Interface,
  linkSource,
  type Namespace,
  Network,
  type Route,
} from '../model/index.ts'
import { interfaceOf, namespaceOf, withInterface, withNamespace } from './edit.ts'
import { readBridgeOption } from './ip-link-add.ts'
import { carriersChanged, linkDown, linkUp, mtuSet } from './link-state.ts'
import { need, needMac, needNumber, needSwitch, refuse, toolRefuses, wrongArgument } from './refusal.ts'

const NO_DEVICE = 'Not enough information: "dev" argument is required.'

/** `ip link set DEV …`: every change in turn. @throws Refusal in the words of `ip` */
export function ipLinkSet(network: Network, netns: string, words: Words): Network {
  if (peek(words) === 'dev') take(words)
  if (peek(words) === undefined) return toolRefuses(NO_DEVICE)
  let dev = need(words)
  let next = network
  interfaceOf(namespaceOf(network, netns), dev)
  let direction: string | undefined
  while (words.at < words.list.length) {
    const word = take(words)!
    if (word === 'up' || word === 'down') direction = word
    else if (word === 'name') {
      const name = need(words)
      next = rename(next, netns, dev, name)
      dev = name
    } else if (word === 'netns') {
      return refuse('an interface that stays where it is', `moving ${dev} to another namespace`)
    } else next = setOption(next, netns, dev, word, words)
  }
  if (direction === undefined) return next
  const ns = namespaceOf(next, netns)
  const link = interfaceOf(ns, dev)
  return direction === 'up' ? linkUp(next, ns, link) : linkDown(next, ns, link)
}

/** Options that are taken and change nothing packetwalk models; true = with a value behind. */
const IGNORED: Readonly<Record<string, boolean>> = {
  multicast: true,
  allmulticast: true,
  promisc: true,
  alias: true,
  group: true,
  trailers: true,
  dynamic: true,
}

function setOption(network: Network, netns: string, dev: string, word: string, words: Words): Network {
  const ns = namespaceOf(network, netns)
  const link = interfaceOf(ns, dev)
  const save = (changed: Interface): Network => withNamespace(network, withInterface(ns, changed))
  switch (word) {
    case 'mtu': {
      const mtu = needNumber(words, 'an MTU', 'Invalid "mtu" value')
      if (mtu < 68) return toolRefuses('Error: mtu less than device minimum.')
      if (mtu > 65535) return toolRefuses('Error: mtu greater than device maximum.')
      return mtuSet(network, ns, link, mtu)
    }
    case 'address':
    case 'addr':
      return save({ ...link, mac: needMac(words) })
    case 'txqueuelen':
    case 'txqlen':
    case 'qlen':
      return save({ ...link, txqlen: needNumber(words, 'a queue length') })
    case 'arp': {
      const { noarp: _, ...rest } = link
      return save(needSwitch(words, 'arp') ? rest : { ...rest, noarp: true })
    }
    case 'addrgenmode': {
      const mode = need(words)
      const { addrGenMode: _, ...rest } = link
      if (mode === 'eui64') return save(rest)
      if (mode !== 'none' && mode !== 'stable_secret' && mode !== 'random')
        refuse('eui64, none, stable_secret or random', mode)
      return save({ ...rest, addrGenMode: mode as 'none' })
    }
    case 'master':
      return setMaster(network, ns, link, need(words))
    case 'nomaster':
      return clearMaster(network, ns, link)
    case 'type':
      return setTyped(network, ns, link, words)
    default:
      if (!Object.hasOwn(IGNORED, word)) {
        return toolRefuses(`Error: either "dev" is duplicate, or "${word}" is a garbage.`)
      }
      if (IGNORED[word]) need(words)
      return network
  }
}

/** A port starts with everything allowed. @linux net/bridge/br_if.c br_add_if */
const NEW_PORT: BridgePort = {
  hairpin: false,
  learning: true,
  flood: true,
  mcastFlood: true,
  bcastFlood: true,
  neighSuppress: false,
  isolated: false,
}

function setMaster(network: Network, ns: Namespace, link: Interface, master: string): Network {
  const bridge = Object.hasOwn(ns.interfaces, master) ? ns.interfaces[master] : undefined
  if (bridge === undefined) return wrongArgument(master, 'Device does not exist')
  if (bridge.kind !== 'bridge' || link.kind === 'bridge' || link.kind === 'loopback') {
    return toolRefuses('RTNETLINK answers: Operation not supported')
  }
  const port: Interface = { ...link, master, port: { ...NEW_PORT } }
  return carriersChanged(withNamespace(network, withInterface(ns, port)), ns.name, link.name)
}

function clearMaster(network: Network, ns: Namespace, link: Interface): Network {
  const { master, port: _, ...rest } = link
  if (master === undefined) return network
  const fdb = ns.fdb.filter((entry) => !(entry.dev === link.name && entry.master === master))
  const next = { ...withInterface(ns, rest), fdb }
  const bridge = next.interfaces[master]
  const after =
    bridge === undefined
      ? next
      : withInterface(next, { ...bridge, carrier: hasCarrier(linkSource(network, next), next.name, master) })
  return withNamespace(network, after)
}

/** `type bridge …` and `type bridge_slave …`. */
function setTyped(network: Network, ns: Namespace, link: Interface, words: Words): Network {
  const kind = need(words)
  let next = ns
  let changed = link
  while (words.at < words.list.length) {
    const word = take(words)!
    if (kind === 'bridge' && link.kind === 'bridge') {
      if (word === 'fdb_flush')
        next = { ...next, fdb: next.fdb.filter((entry) => entry.master !== link.name || entry.state !== '') }
      else changed = { ...changed, bridge: readBridgeOption(changed.bridge ?? {}, word, words) }
    } else if (kind === 'bridge_slave' && link.master !== undefined) {
      changed = { ...changed, port: readPortOption(changed.port ?? {}, word, words) }
    } else return refuse('type bridge or bridge_slave of such an interface', kind)
  }
  return withNamespace(network, withInterface(next, changed))
}

const PORT_OPTIONS: Readonly<Record<string, keyof BridgePort>> = {
  hairpin: 'hairpin',
  learning: 'learning',
  flood: 'flood',
  mcast_flood: 'mcastFlood',
  bcast_flood: 'bcastFlood',
  isolated: 'isolated',
  neigh_suppress: 'neighSuppress',
}

const PORT_STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const

/** One setting of a bridge port. @throws Refusal when packetwalk does not model it */
export function readPortOption(port: BridgePort, word: string, words: Words): BridgePort {
  if (word === 'state') {
    const text = need(words)
    const state = PORT_STATES.find((name, i) => name === text || String(i) === text)
    return { ...port, state: state ?? refuse(PORT_STATES.join(', '), text) }
  }
  if (word === 'cost' || word === 'priority') {
    need(words)
    return port
  }
  const key = Object.hasOwn(PORT_OPTIONS, word) ? PORT_OPTIONS[word] : undefined
  if (key === undefined) return refuse('a setting of a bridge port packetwalk models', word)
  return { ...port, [key]: needSwitch(words, word) }
}

/** `ip link del DEV`: with a veth its other end, with a lower device the tunnels on it, with each all that names it. */
export function ipLinkDelete(network: Network, netns: string, words: Words): Network {
  if (peek(words) === 'dev') take(words)
  if (peek(words) === undefined) return toolRefuses(NO_DEVICE)
  const dev = need(words)
  const ns = namespaceOf(network, netns)
  const link = interfaceOf(ns, dev)
  if (link.kind === 'loopback' || link.kind === 'ethernet' || (link.kind === 'ipip' && dev === 'tunl0')) {
    return toolRefuses('RTNETLINK answers: Operation not supported')
  }
  const peer = cablePeer(network, netns, dev)
  const next = removeInterface(network, netns, dev)
  return peer === undefined ? next : removeInterface(next, peer.netns, peer.dev)
}

/** Takes an interface away, with all that names it. */
export function removeInterface(network: Network, netns: string, dev: string): Network {
  const ns = network.namespaces[netns]
  const link = ns?.interfaces[dev]
  if (ns === undefined || link === undefined) return network
  const down = namespaceOf(linkDown(network, ns, link), netns)
  const { [dev]: _, ...others } = down.interfaces
  const uses = (entry: { readonly dev?: string; readonly master?: string }): boolean =>
    entry.dev === dev || entry.master === dev
  const next: Namespace = {
    ...down,
    interfaces: Object.fromEntries(Object.entries(others).map(([name, other]) => [name, withoutMaster(other, dev)])),
    routes: down.routes.flatMap((route) => withoutDevice(route, dev)),
    neighbours: down.neighbours.filter((entry) => entry.dev !== dev),
    proxyNeighbours: down.proxyNeighbours.filter((entry) => entry.dev !== dev),
    fdb: down.fdb.filter((entry) => !uses(entry)),
    sysctls: withoutKeys(down.sysctls, dev),
    ...(down.sysctlOrigins === undefined ? {} : { sysctlOrigins: withoutKeys(down.sysctlOrigins, dev) }),
  }
  const wires = network.wires.filter(({ ends }) => !ends.some((end) => end.netns === netns && end.dev === dev))
  const saved = withNamespace(new Network({ ...network.toJSON(), wires }), next)
  const upper = Object.values(next.interfaces).find((other) => other.vxlan?.link === dev || other.ipip?.link === dev)
  return upper === undefined ? saved : removeInterface(saved, netns, upper.name)
}

function withoutMaster(link: Interface, master: string): Interface {
  if (link.master !== master) return link
  const { master: _, port: __, ...rest } = link
  return rest
}

function withoutDevice(route: Route, dev: string): Route[] {
  if (route.nexthops === undefined) return route.dev === dev ? [] : [route]
  return route.nexthops.some((hop) => hop.dev === dev) ? [] : [route]
}

/** What stands before the name of a setting of one device, as a pattern. */
function keysOf(dev: string): RegExp {
  const name = dev.replaceAll('.', '/')
  return new RegExp(`^(net\\.ipv[46]\\.(?:conf|neigh)\\.)${name.replace(/[^A-Za-z0-9_/-]/g, '\\$&')}\\.`)
}

function withoutKeys<V>(values: Readonly<Record<string, V>>, dev: string): Record<string, V> {
  const own = keysOf(dev)
  return Object.fromEntries(Object.entries(values).filter(([key]) => !own.test(key)))
}

/** The settings of a device go by its name, which changes. @linux net/ipv4/devinet.c inetdev_event */
function renamedKeys<V>(values: Readonly<Record<string, V>>, dev: string, name: string): Record<string, V> {
  const own = keysOf(dev)
  const next = `$1${name.replaceAll('.', '/').replaceAll('$', '$$$$')}.`
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key.replace(own, next), value]))
}

/** A tunnel knows the device below it by index: it follows a new name. */
function onRenamed(link: Interface, dev: string, name: string): Interface {
  if (link.vxlan?.link === dev) return { ...link, vxlan: { ...link.vxlan, link: name } }
  return link.ipip?.link === dev ? { ...link, ipip: { ...link.ipip, link: name } } : link
}

function rename(network: Network, netns: string, dev: string, name: string): Network {
  const ns = namespaceOf(network, netns)
  const link = interfaceOf(ns, dev)
  if (Object.hasOwn(ns.interfaces, name)) return toolRefuses('RTNETLINK answers: File exists')
  const swap = <T extends { readonly dev?: string }>(entry: T): T =>
    entry.dev === dev ? { ...entry, dev: name } : entry
  const links = Object.values(ns.interfaces).map((other): [string, Interface] => {
    const renamed =
      other === link
        ? { ...link, name, addresses: link.addresses.map((a) => (a.label === dev ? { ...a, label: name } : a)) }
        : other
    const ported = renamed.master === dev ? { ...renamed, master: name } : renamed
    return [ported.name, onRenamed(ported, dev, name)]
  })
  const wires = network.wires.map((wire) => ({
    ...wire,
    ends: [
      wire.ends[0].netns === netns ? swap(wire.ends[0]) : wire.ends[0],
      wire.ends[1].netns === netns ? swap(wire.ends[1]) : wire.ends[1],
    ] as const,
  }))
  const next: Namespace = {
    ...ns,
    interfaces: Object.fromEntries(links),
    routes: ns.routes.map((route) => ({
      ...swap(route),
      ...(route.nexthops === undefined ? {} : { nexthops: route.nexthops.map(swap) }),
    })),
    neighbours: ns.neighbours.map(swap),
    proxyNeighbours: ns.proxyNeighbours.map(swap),
    fdb: ns.fdb.map((entry) => (entry.via === dev ? { ...swap(entry), via: name } : swap(entry))),
    sysctls: renamedKeys(ns.sysctls, dev, name),
    ...(ns.sysctlOrigins === undefined ? {} : { sysctlOrigins: renamedKeys(ns.sysctlOrigins, dev, name) }),
  }
  return withNamespace(new Network({ ...network.toJSON(), wires }), next)
}
