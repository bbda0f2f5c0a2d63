import type { Cable, CableEnd } from './cable.ts'
import type { Interface } from './interface.ts'
import type { Namespace } from './namespace.ts'
import type { NetworkData } from './network.ts'

/** The other end of the cable an interface is plugged into; undefined when it is on none. */
export function cablePeer(network: Pick<NetworkData, 'wires'>, netns: string, dev: string): CableEnd | undefined {
  const { wires } = network
  let known = wiresByNetns.get(wires)
  if (known === undefined) {
    known = new Map()
    wiresByNetns.set(wires, known)
  }
  let own = known.get(netns)
  if (own === undefined) {
    own = wires.filter(({ ends: [a, b] }) => a.netns === netns || b.netns === netns)
    known.set(netns, own)
  }
  return peerAmong(own, netns, dev)
}

function peerAmong(wires: readonly Cable[], netns: string, dev: string): CableEnd | undefined {
  for (const { ends } of wires) {
    if (ends[0].netns === netns && ends[0].dev === dev) return ends[1]
    if (ends[1].netns === netns && ends[1].dev === dev) return ends[0]
  }
  return undefined
}

/** Lists of wires are immutable: those of a namespace are searched for once. */
const wiresByNetns = new WeakMap<readonly Cable[], Map<string, readonly Cable[]>>()

/**
 * Whether an interface has carrier: a wired one when the other end is up, a bridge when one of its ports has carrier, a
 * virtual one when it is up itself. An interface on no cable of this network keeps what its dump said.
 */
export function hasCarrier(network: NetworkData, ns: Namespace, iface: Interface): boolean {
  if (!iface.up) return false
  switch (iface.kind) {
    case 'veth':
    case 'ethernet': {
      const peer = cablePeer(network, ns.name, iface.name)
      if (peer === undefined) return iface.carrier
      return network.namespaces[peer.netns]?.interfaces[peer.dev]?.up ?? false
    }
    case 'bridge': {
      const ports = Object.values(ns.interfaces).filter((port) => port.master === iface.name)
      return ports.some(
        (port) => port.kind !== 'bridge' && port.port?.state !== 'disabled' && hasCarrier(network, ns, port),
      )
    }
    default:
      return true
  }
}
