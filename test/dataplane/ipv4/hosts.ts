// Hosts with routes for tests of IPv4: addresses bring their kernel routes, as `ip address add` does.
import {
  type NetDevice,
  type NetNs,
  type PacketBuffer,
  type PacketOnDevice,
  Simulation,
  setDevice,
} from '../../../src/dataplane/index.ts'
import { PACKET_HOST } from '../../../src/dataplane/kernel/skb.ts'
import { kernelRoutes, type Namespace, Network, type Route, type Rule } from '../../../src/model/index.ts'
import { buildIpv4Header, type Ip, type Ipv4Fields, ipv4ToNumber, type Prefix } from '../../../src/wire/index.ts'
import { inet, loopback, netns, veth } from '../link/lan.ts'

/** Shorthand for an address as uint32. */
export const ip = (text: string): number => ipv4ToNumber(text)

/** A device by name with its addresses; `down` and `nocarrier` change its state. */
export interface DeviceSpec {
  readonly addresses?: readonly string[]
  readonly mtu?: number
  readonly down?: boolean
}

/** `10.1.0.0/16 via 10.0.0.2 dev eth0 table 7 metric 5`, `blackhole 10.9.0.0/24`, with `nexthop via … dev … weight …` for several. */
export function route(text: string): Route {
  const words = text.split(' ')
  const types = ['local', 'broadcast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'multicast']
  const type = types.includes(words[0] as string) ? (words.shift() as Route['type']) : 'unicast'
  const first = words.shift() as string
  const dst = (first === 'default' ? '0.0.0.0/0' : first.includes('/') ? first : `${first}/32`) as Prefix
  const made: Record<string, unknown> = { family: 'inet', dst, type, table: 'main', protocol: 'static', scope: 'link' }
  const hops: Record<string, unknown>[] = []
  for (let i = 0; i < words.length; i += 2) {
    const [key, value] = [words[i] as string, words[i + 1] as string]
    const into = hops.at(-1) ?? made
    if (key === 'nexthop') {
      hops.push({})
      i--
    } else if (key === 'onlink') {
      into['onlink'] = true
      i--
    } else into[key] = ['metric', 'mtu', 'tos', 'weight', 'advmss'].includes(key) ? Number(value) : value
  }
  if (made['via'] !== undefined || hops.length > 0) made['scope'] = 'global'
  if (type === 'local') made['scope'] = 'host'
  if (hops.length > 0) made['nexthops'] = hops
  return made as unknown as Route
}

/** A namespace with devices, the routes of their addresses, and more routes. */
export function host(
  name: string,
  devices: Readonly<Record<string, DeviceSpec>>,
  routes: readonly string[] = [],
  more: { readonly rules?: readonly Rule[]; readonly sysctls?: Readonly<Record<string, string>> } = {},
): Namespace {
  let index = 1
  const interfaces = Object.entries(devices).map(([dev, spec]) => {
    index++
    const addresses = (spec.addresses ?? []).map(inet)
    const mac = `02:00:00:00:00:${index.toString(16).padStart(2, '0')}`
    return veth(dev, mac, { ifindex: index, mtu: spec.mtu ?? 1500, up: spec.down !== true, addresses })
  })
  const kernel = [loopback(), ...interfaces].flatMap((dev) => kernelRoutes(dev)).filter((r) => r.family === 'inet')
  return netns(name, interfaces, { routes: [...kernel, ...routes.map(route)], ...more })
}

/** A simulation of one host, whose devices are wired to silent peers so that they have carrier. */
export function hostSim(model: Namespace): { sim: Simulation; ns: NetNs } {
  const ends = Object.values(model.interfaces).filter(({ kind }) => kind === 'veth')
  const far = netns(
    'far',
    ends.map((_, i) => veth(`x${i}`, `02:00:00:00:01:${(i + 1).toString(16).padStart(2, '0')}`)),
  )
  const wires = ends.map((dev, i) => ({
    ends: [
      { netns: model.name, dev: dev.name },
      { netns: 'far', dev: `x${i}` },
    ] as const,
  }))
  const sim = new Simulation(new Network({ namespaces: { [model.name]: model, far }, wires }))
  return { sim, ns: sim.netns(model.name) }
}

/** An IPv4 packet that came in by a device: data at the header, payload of `length` counting bytes. */
export function packet(
  ns: NetNs,
  dev: string,
  fields: Partial<Ipv4Fields> & { from: string; to: string },
  length = 8,
): PacketOnDevice {
  const { from, to, ...rest } = fields
  const options = rest.options === undefined ? 0 : (rest.options.length + 3) & ~3
  const skb = ns.sim.newSkb(20 + options + length)
  const at = buildIpv4Header(skb.bytes, skb.data, {
    source: ip(from),
    destination: ip(to),
    protocol: 17,
    ttl: 64,
    totalLength: 20 + options + length,
    ...rest,
  })
  for (let i = 0; i < length; i++) skb.bytes[at + i] = i & 0xff
  setDevice(skb, ns.byName.get(dev) as NetDevice)
  skb.iif = skb.dev.ifindex
  skb.network = skb.data
  skb.transport = at
  skb.protocol = 0x0800
  skb.pktType = PACKET_HOST
  return skb
}

/** What a simulation drops, as our causes. */
export function drops(sim: Simulation): string[] {
  const seen: string[] = []
  sim.onDrop = (cause) => seen.push(cause)
  return seen
}

/** Every packet handed to a neighbour from now on: device, neighbour and bytes from the IP header. */
export function sent(sim: Simulation): { dev: string; to: string; bytes: Uint8Array }[] {
  const seen: { dev: string; to: string; bytes: Uint8Array }[] = []
  const stack = {
    ...sim.stack,
    neighOutput: (skb: PacketBuffer, dev: { readonly name: string }, _family: string, key: number | string) => {
      const to = typeof key === 'number' ? text(key) : key
      seen.push({ dev: dev.name, to, bytes: skb.bytes.slice(skb.network, skb.tail) })
    },
  }
  Object.assign(sim, { stack })
  return seen
}

/** A uint32 as text. */
export function text(address: number): Ip {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.') as Ip
}
