// Small hand-made networks for tests of the link layer.
import { type NetDevice, type Simulation, setDevice, type Tap } from '../../../src/dataplane/index.ts'
import type { Address, Cable, Interface, Namespace } from '../../../src/model/index.ts'
import type { Ip, Mac } from '../../../src/wire/index.ts'

/** An IPv4 address of an interface, `10.0.0.1/24`. */
export function inet(text: string): Address {
  const [local, length] = text.split('/')
  return { family: 'inet', local: local as Ip, prefixlen: Number(length), scope: 'global' }
}

let lastIndex = 1

/** A veth interface. */
export function veth(name: string, mac: string, more: Partial<Interface> = {}): Interface {
  const ifindex = ++lastIndex
  return { name, ifindex, kind: 'veth', mac: mac as Mac, mtu: 1500, up: true, carrier: true, addresses: [], ...more }
}

/** The loopback interface. */
export function loopback(): Interface {
  return {
    name: 'lo',
    ifindex: 1,
    kind: 'loopback',
    mac: '00:00:00:00:00:00' as Mac,
    mtu: 65536,
    up: true,
    carrier: true,
    addresses: [{ family: 'inet', local: '127.0.0.1' as Ip, prefixlen: 8, scope: 'host' }],
  }
}

/** A namespace of these interfaces, with loopback. */
export function netns(name: string, interfaces: readonly Interface[], more: Partial<Namespace> = {}): Namespace {
  return {
    name,
    role: 'host',
    interfaces: Object.fromEntries([loopback(), ...interfaces].map((dev) => [dev.name, dev])),
    routes: [],
    rules: [],
    neighbours: [],
    proxyNeighbours: [],
    fdb: [],
    sysctls: {},
    ...more,
  }
}

/** A wire, `a/eth0` to `b/eth0`. */
export function wire(a: string, b: string): Cable {
  const end = (text: string): Cable['ends'][0] => {
    const [name, dev] = text.split('/')
    return { netns: name as string, dev: dev as string }
  }
  return { ends: [end(a), end(b)] }
}

/** Everything that crosses any device from now on, as `ns/dev direction hex`. */
export function watch(sim: Simulation): string[] {
  const seen: string[] = []
  const tap: Tap = (dev, direction, bytes, start, end) => {
    seen.push(`${dev.ns.name}/${dev.name} ${direction} ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`)
  }
  sim.taps.push(tap)
  return seen
}

/** Puts a frame on a device as a packet socket would. */
export function inject(sim: Simulation, name: string, hex: string): void {
  const [ns, dev] = name.split('/')
  const frame = Buffer.from(hex.replaceAll(/[ :]/g, ''), 'hex')
  const skb = sim.newSkb(frame.length)
  skb.bytes.set(frame, skb.data)
  setDevice(skb, sim.netns(ns as string).byName.get(dev as string) as NetDevice)
  sim.stack.devQueueXmit(skb)
  sim.drain()
}

/** Replaces entry points of a simulation's stack: stands in for the layers above. */
export function fake(sim: Simulation, ops: Partial<Simulation['stack']>): void {
  Object.assign(sim, { stack: { ...sim.stack, ...ops } })
}
