// Hosts with IPv6 for tests: addresses bring their kernel routes, as `ip address add` does.
import {
  type NetDevice,
  type NetNs,
  type PacketBuffer,
  type PacketOnDevice,
  Simulation,
  setDevice,
} from '../../../src/dataplane/index.ts'
import { type Address, kernelRoutes, type Namespace, Network, type Route, type Rule } from '../../../src/model/index.ts'
import {
  buildIcmpv6,
  buildIpv6Header,
  type Ip,
  type Ip6Key,
  ipv6ToKey,
  isIpv6LinkLocal,
  keyToIpv6,
  type Prefix,
  pseudoHeaderSum6,
  readIp6Key,
} from '../../../src/wire/index.ts'
import { loopback, netns, veth } from '../link/lan.ts'

/** An address as engine key. */
export const key = (text: string): Ip6Key => ipv6ToKey(text)

/** A device with its addresses; `deprecated` and `tentative` may stand behind one. */
export interface Device6 {
  readonly addresses?: readonly string[]
  readonly mtu?: number
  readonly down?: boolean
}

/** `fd00::1/64 deprecated` as an address. */
function inet6(text: string): Address {
  const [address = '', ...flags] = text.split(' ')
  const [local = '', length = '128'] = address.split('/')
  const scope = local === '::1' ? 'host' : isIpv6LinkLocal(key(local)) ? 'link' : 'global'
  return {
    family: 'inet6',
    local: local as Ip,
    prefixlen: Number(length),
    scope,
    nodad: true,
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
  }
}

/** `fd00:1::/64 via fe80::1 dev eth0 metric 5 table 7 pref high`, `blackhole fd00:9::/64`. */
export function route6(text: string): Route {
  const words = text.split(' ')
  const types = ['local', 'anycast', 'blackhole', 'unreachable', 'prohibit', 'throw']
  const type = types.includes(words[0] as string) ? (words.shift() as Route['type']) : 'unicast'
  const first = words.shift() as string
  const dst = (first === 'default' ? '::/0' : first.includes('/') ? first : `${first}/128`) as Prefix
  const made: Record<string, unknown> = {
    family: 'inet6',
    dst,
    type,
    table: 'main',
    protocol: 'static',
    scope: 'global',
  }
  made['metric'] = 1024
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i] as string
    made[name] = ['metric', 'mtu'].includes(name) ? Number(words[i + 1]) : words[i + 1]
  }
  return made as unknown as Route
}

/** A namespace with devices, the routes of their addresses, and more routes. */
export function host6(
  name: string,
  devices: Readonly<Record<string, Device6>>,
  routes: readonly string[] = [],
  more: Partial<Namespace> & { readonly router?: boolean } = {},
): Namespace {
  const { router = false, ...rest } = more
  let index = 1
  const interfaces = Object.entries(devices).map(([dev, spec]) => {
    index++
    const mac = `02:00:00:00:${name.charCodeAt(0).toString(16)}:${index.toString(16).padStart(2, '0')}`
    const addresses = (spec.addresses ?? []).map(inet6)
    return veth(dev, mac, { ifindex: index, mtu: spec.mtu ?? 1500, up: spec.down !== true, addresses })
  })
  const lo = { ...loopback(), addresses: [...loopback().addresses, inet6('::1/128')] }
  const kernel = [lo, ...interfaces].flatMap((dev) => kernelRoutes(dev, { forwarding6: router }))
  const forwarding = router ? { 'net.ipv6.conf.all.forwarding': '1', 'net.ipv6.conf.default.forwarding': '1' } : {}
  const quiet = { 'net.ipv6.icmp.ratelimit': '0', 'net.ipv4.icmp_msgs_per_sec': '0' }
  return netns(name, [lo, ...interfaces], {
    routes: [...kernel.filter((r) => r.family === 'inet6'), ...routes.map(route6)],
    ...rest,
    sysctls: { ...quiet, ...forwarding, ...more.sysctls },
  })
}

/** A simulation of namespaces, wired by `a/eth0 b/eth0`. */
export function lan6(namespaces: readonly Namespace[], wires: readonly string[]): Simulation {
  const end = (text: string): { netns: string; dev: string } => {
    const [ns = '', dev = ''] = text.split('/')
    return { netns: ns, dev }
  }
  return new Simulation(
    new Network({
      namespaces: Object.fromEntries(namespaces.map((ns) => [ns.name, ns])),
      wires: wires.map((text) => {
        const [a = '', b = ''] = text.split(' ')
        return { ends: [end(a), end(b)] as const }
      }),
    }),
  )
}

/** A simulation of one host whose devices are wired to silent peers. */
export function alone(model: Namespace): { sim: Simulation; ns: NetNs } {
  const names = Object.keys(model.interfaces).filter((dev) => dev !== 'lo')
  const far = netns(
    'far',
    names.map((_, i) => veth(`x${i}`, `02:00:00:00:ff:0${i + 1}`)),
    { sysctls: { 'net.ipv6.conf.all.disable_ipv6': '1' } },
  )
  const sim = lan6(
    [model, far],
    names.map((dev, i) => `${model.name}/${dev} far/x${i}`),
  )
  return { sim, ns: sim.netns(model.name) }
}

/** Fields of a packet to make. */
export interface Packet6 {
  readonly from: string
  readonly to: string
  readonly hopLimit?: number
  readonly nextHeader?: number
}

/** An IPv6 packet with this payload as it comes in by a device, `data` at its header. */
export function packet6(ns: NetNs, dev: string, fields: Packet6, payload: Uint8Array): PacketOnDevice {
  const skb = ns.sim.newSkb(40 + payload.length)
  const at = buildIpv6Header(skb.bytes, skb.data, {
    source: key(fields.from),
    destination: key(fields.to),
    nextHeader: fields.nextHeader ?? 58,
    hopLimit: fields.hopLimit ?? 64,
    payloadLength: payload.length,
  })
  skb.bytes.set(payload, at)
  setDevice(skb, ns.byName.get(dev) as NetDevice)
  skb.iif = skb.dev.ifindex
  skb.protocol = 0x86dd
  skb.network = skb.data
  return skb
}

/** An ICMPv6 message with its checksum: type, code, second word and what follows. */
export function icmp6(from: string, to: string, type: number, word = 0, body = new Uint8Array(0)): Uint8Array {
  const header = new Uint8Array(40 + 8 + body.length)
  buildIpv6Header(header, 0, {
    source: key(from),
    destination: key(to),
    nextHeader: 58,
    hopLimit: 64,
    payloadLength: 8 + body.length,
  })
  header.set(body, 48)
  const pseudo = pseudoHeaderSum6(header, 0, 58, 8 + body.length)
  buildIcmpv6(header, 40, header.length, { type, code: 0, restOfHeader: word, pseudo })
  return header.slice(40)
}

/** Every packet handed to a neighbour from now on: `dev to: source > destination …`. */
export function sent6(sim: Simulation): string[] {
  const seen: string[] = []
  const stack = {
    ...sim.stack,
    neighOutput: (skb: PacketBuffer, dev: { readonly name: string }, _family: string, to: number | string) => {
      seen.push(`${dev.name} ${keyToIpv6(to as Ip6Key)}: ${line(skb.bytes.subarray(skb.network, skb.tail))}`)
    },
  }
  Object.assign(sim, { stack })
  return seen
}

/** A packet in one line. */
function line(bytes: Uint8Array): string {
  const ends = `${keyToIpv6(readIp6Key(bytes, 8))} > ${keyToIpv6(readIp6Key(bytes, 24))}`
  const next = bytes[6] as number
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  if (next === 44) {
    const word = view.getUint16(42)
    return `${ends} frag ${word & 0xfff8}${word & 1 ? '+' : ''} len ${bytes.length}`
  }
  if (next !== 58) return `${ends} proto ${next} hop ${bytes[7]} len ${bytes.length}`
  const type = bytes[40] as number
  const about = type >= 135 && type <= 137 ? ` ${keyToIpv6(readIp6Key(bytes, 48))}` : ''
  return `${ends} icmp ${type}.${bytes[41]} ${view.getUint32(44).toString(16)}${about} hop ${bytes[7]} len ${bytes.length}`
}

/** What a simulation drops, as our causes. */
export function drops6(sim: Simulation): string[] {
  const seen: string[] = []
  sim.onDrop = (cause) => seen.push(cause)
  return seen
}

/** A rule of IPv6. */
export function rule6(priority: number, more: Partial<Rule>): Rule {
  return { family: 'inet6', priority, action: 'lookup', ...more }
}
