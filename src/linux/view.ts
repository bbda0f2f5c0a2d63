import { hasCarrier, type Interface, linkSource, type Namespace, type NetworkData } from '../model/index.ts'

/** What a printer looks at: a namespace inside its network. */
export interface View {
  /** The network; wires decide about carrier. */
  readonly network: NetworkData
  /** The namespace the tool runs in. */
  readonly ns: Namespace
}

/** The interfaces of a namespace in the order of their index. */
export function linksOf(view: View): Interface[] {
  return Object.values(view.ns.interfaces).sort((a, b) => a.ifindex - b.ifindex)
}

/** Whether an interface of the namespace has carrier. */
export function carrierOf({ network, ns }: View, link: Interface): boolean {
  return hasCarrier(linkSource(network, ns), ns.name, link.name)
}

/** The flags of an interface as `ip link` prints them. */
export function linkFlags(view: View, link: Interface): string[] {
  const flags: string[] = []
  const carrier = carrierOf(view, link)
  if (link.up && !carrier) flags.push('NO-CARRIER')
  if (link.kind === 'loopback') flags.push('LOOPBACK')
  if (isBroadcast(link)) flags.push('BROADCAST')
  if (isPointToPoint(link)) flags.push('POINTOPOINT')
  if (isBroadcast(link) && link.kind !== 'dummy') flags.push('MULTICAST')
  if (link.noarp === true || link.kind === 'ipip' || link.kind === 'wireguard' || link.kind === 'dummy')
    flags.push('NOARP')
  if (link.up) flags.push('UP')
  if (carrier) flags.push('LOWER_UP')
  return flags
}

/** Whether the device is of a kind with broadcast. */
export function isBroadcast(link: Interface): boolean {
  return link.kind !== 'loopback' && link.kind !== 'ipip' && link.kind !== 'wireguard'
}

/** Whether the device has one peer only. */
export function isPointToPoint(link: Interface): boolean {
  return link.kind === 'wireguard' || link.ipip?.remote !== undefined
}

/** RFC 2863 state as `ip link` prints it. */
export function operState(view: View, link: Interface): string {
  if (!link.up) return 'DOWN'
  if (link.kind !== 'veth' && link.kind !== 'ethernet' && link.kind !== 'bridge') return 'UNKNOWN'
  if (carrierOf(view, link)) return 'UP'
  return link.kind === 'veth' ? 'LOWERLAYERDOWN' : 'DOWN'
}

/** Virtual devices have no queue; `tunl0` has not even that before it is first up. */
export function qdiscOf(link: Interface): string {
  if (link.kind === 'ethernet') return 'fq_codel'
  return link.kind === 'ipip' && !link.up ? 'noop' : 'noqueue'
}
