// Nodes on one wire or behind a router, with tunnels between them.
import {
  type NetDevice,
  type NetNs,
  type PacketBuffer,
  RawSock,
  SECOND,
  Simulation,
  setDevice,
} from '../../../src/dataplane/index.ts'
import { PACKET_HOST } from '../../../src/dataplane/kernel/skb.ts'
import {
  cable,
  type FdbEntry,
  type InterfaceParts,
  iface,
  namespace,
  networkOf,
  type Route,
  route,
} from '../../../src/model/index.ts'
import { buildIpv4Header, type Ipv4Fields, ipv4ToNumber, readU16 } from '../../../src/wire/index.ts'

/** What a node has besides its uplink. */
export interface NodeParts {
  /** Uplink addresses. */
  readonly addresses?: readonly string[]
  readonly devices?: readonly InterfaceParts[]
  readonly routes?: readonly Route[]
  readonly fdb?: readonly FdbEntry[]
  readonly neighbours?: readonly (readonly [dst: string, dev: string, lladdr: string])[]
  readonly sysctls?: Readonly<Record<string, string>>
}

/** Everything a test watches. */
export interface World {
  readonly sim: Simulation
  readonly a: NetNs
  readonly b: NetNs
  /** `a wireguard_no_peer`, … */
  readonly drops: string[]
  /** Frames on the uplinks as they leave: who sent them, and the bytes. */
  readonly frames: { readonly at: number; readonly from: string; readonly bytes: Uint8Array }[]
  run(seconds: number): void
}

/** Watches a simulation that has namespaces a and b. */
function world(sim: Simulation): World {
  const drops: string[] = []
  sim.onDrop = (cause, _skb, ns) => drops.push(`${ns.name} ${cause}`)
  const frames: World['frames'] = []
  sim.taps.push((dev, direction, bytes, start, end) => {
    if (direction === 'out' && dev.name.startsWith('eth')) {
      frames.push({ at: sim.clock.now, from: dev.ns.name, bytes: bytes.slice(start, end) })
    }
  })
  const run = (seconds: number): void => sim.run(sim.clock.now + seconds * SECOND)
  return { sim, a: sim.netns('a'), b: sim.netns('b'), drops, frames, run }
}

/** Two nodes, 192.0.2.1 and 192.0.2.2, on one wire. */
export function pair(
  a: NodeParts,
  b: NodeParts,
  options: { readonly mtu?: number; readonly seed?: number } = {},
): World {
  const node = (name: string, last: number, parts: NodeParts) =>
    namespace(name, {
      interfaces: [
        iface({
          name: 'eth0',
          addresses: parts.addresses ?? [`192.0.2.${last}/24`],
          mac: `02:00:00:00:00:0${last}`,
          ...(options.mtu === undefined ? {} : { mtu: options.mtu }),
        }),
        ...(parts.devices ?? []).map(iface),
      ],
      routes: parts.routes ?? [],
      fdb: parts.fdb ?? [],
      neighbours: (parts.neighbours ?? []).map(([dst, dev, lladdr]) => ({
        dst: dst as never,
        dev,
        lladdr: lladdr as never,
        state: 'PERMANENT' as const,
      })),
      forwarding: true,
      sysctls: parts.sysctls ?? {},
    })
  const network = networkOf([node('a', 1, a), node('b', 2, b)], [cable(['a', 'eth0'], ['b', 'eth0'])])
  return world(new Simulation(network, { seed: options.seed ?? 1 }))
}

/** The same with a router r between, whose far side (192.0.3.0/24, where b is 192.0.3.2) has another MTU. */
export function routed(a: NodeParts, b: NodeParts, farMtu: number): World {
  const node = (name: string, address: string, gateway: string, mtu: number, parts: NodeParts) =>
    namespace(name, {
      interfaces: [iface({ name: 'eth0', addresses: [address], mtu }), ...(parts.devices ?? []).map(iface)],
      routes: [route('default', { via: gateway, dev: 'eth0' }), ...(parts.routes ?? [])],
      forwarding: true,
    })
  const router = namespace('r', {
    interfaces: [
      iface({ name: 'left', addresses: ['192.0.2.254/24'] }),
      iface({ name: 'right', addresses: ['192.0.3.254/24'], mtu: farMtu }),
    ],
    forwarding: true,
  })
  const network = networkOf(
    [node('a', '192.0.2.1/24', '192.0.2.254', 1500, a), node('b', '192.0.3.2/24', '192.0.3.254', farMtu, b), router],
    [cable(['a', 'eth0'], ['r', 'left']), cable(['b', 'eth0'], ['r', 'right'])],
  )
  return world(new Simulation(network))
}

/** Address as a uint32. */
export const ip = ipv4ToNumber

/** An IPv4 packet of `payload` counting bytes, data at its header. */
export function packet(
  sim: Simulation,
  from: string,
  to: string,
  more: Partial<Ipv4Fields> = {},
  payload = 8,
): PacketBuffer {
  const skb = sim.newSkb(20 + payload)
  const totalLength = 20 + payload
  const fields = { source: ip(from), destination: ip(to), protocol: 253, ttl: 64, totalLength, ...more }
  const at = buildIpv4Header(skb.bytes, skb.data, fields)
  for (let i = 0; i < payload; i++) skb.bytes[at + i] = i & 0xff
  return skb
}

/** Lets a packet arrive by a device of a node, as if a neighbour had sent it. */
export function arrive(ns: NetNs, dev: string, skb: PacketBuffer): void {
  setDevice(skb, ns.byName.get(dev) as NetDevice)
  skb.protocol = 0x0800
  skb.iif = skb.dev.ifindex
  skb.pktType = PACKET_HOST
  skb.network = skb.data
  ns.sim.stack.ipRcv(skb)
  ns.sim.drain()
}

/** IPv4 packets of protocol 253 that reach a node, from their IP headers on. */
export function receive(ns: NetNs): Uint8Array[] {
  const got: Uint8Array[] = []
  const sock = new RawSock(ns, 'inet', 253)
  sock.onReceive = ({ bytes }) => got.push(bytes)
  return got
}

/** Frames that hold IPv4, without their Ethernet headers; `protocol` picks some. */
export function ipv4Frames(of: World, protocol?: number, from?: string): Uint8Array[] {
  return of.frames
    .filter(({ bytes }) => readU16(bytes, 12) === 0x0800 && (protocol === undefined || bytes[23] === protocol))
    .filter((one) => from === undefined || one.from === from)
    .map(({ bytes }) => bytes.subarray(14))
}
