import type { CableEnd } from './cable.ts'
import type { Interface } from './interface.ts'
import { cablesIn } from './lazy/cables.ts'
import { interfaceOf } from './lazy/namespace.ts'
import type { Namespace } from './namespace.ts'
import type { NetworkData } from './network.ts'

/** The other end of the cable an interface is plugged into; undefined when it is on none. */
export function cablePeer(network: Pick<NetworkData, 'wires'>, netns: string, dev: string): CableEnd | undefined {
  for (const { ends } of cablesIn(network.wires)(netns)) {
    if (ends[0].netns === netns && ends[0].dev === dev) return ends[1]
    if (ends[1].netns === netns && ends[1].dev === dev) return ends[0]
  }
  return undefined
}

/** Where links lead: all that carrier depends on. */
export interface LinkSource {
  /** A namespace by name. */
  readonly namespace: (name: string) => Namespace | undefined
  /** The other end of the cable an interface is plugged into. */
  readonly otherEnd: (netns: string, dev: string) => CableEnd | undefined
}

/**
 * The links of a network.
 *
 * @param instead - stands for the network's namespace of that name
 */
export function linkSource(network: Pick<NetworkData, 'namespaces' | 'wires'>, instead?: Namespace): LinkSource {
  return {
    namespace: (name) => (name === instead?.name ? instead : network.namespaces[name]),
    otherEnd: (netns, dev) => cablePeer(network, netns, dev),
  }
}

/**
 * Whether an interface has carrier: a wired one when the other end is up, a bridge when one of its ports forwards with
 * carrier. Any other, and one whose other end is not known, keeps what it is said to have.
 *
 * @linux net/bridge/br_stp_if.c br_port_state_selection
 * @linux drivers/net/veth.c veth_open
 */
export function hasCarrier(links: LinkSource, netns: string, dev: string): boolean {
  const ns = links.namespace(netns)
  const link = ns && interfaceOf(ns, dev)
  return link !== undefined && linkHasCarrier(links, netns, link)
}

/** {@link hasCarrier} of an interface that is at hand. */
export function linkHasCarrier(links: LinkSource, netns: string, link: Interface): boolean {
  if (!link.up) return false
  switch (link.kind) {
    case 'veth':
    case 'ethernet': {
      const other = links.otherEnd(netns, link.name)
      const far = other && links.namespace(other.netns)
      return (far && interfaceOf(far, other.dev))?.up ?? link.carrier
    }
    case 'bridge': {
      const all = Object.values(links.namespace(netns)?.interfaces ?? {})
      const ports = all.filter(({ master, kind }) => master === link.name && kind !== 'bridge')
      return ports.some(
        (port) => (port.port?.state ?? 'forwarding') === 'forwarding' && linkHasCarrier(links, netns, port),
      )
    }
    default:
      return link.carrier
  }
}
