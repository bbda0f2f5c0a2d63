import { type Interface, inKernelOrder, type Namespace, Network, type Origin, type Route } from '../model/index.ts'
import { refuse, toolRefuses } from './refusal.ts'

/** The origin of what a command makes. */
export const BY_USER: Origin = { component: 'user' }

/** The network with one namespace replaced. */
export function withNamespace(network: Network, ns: Namespace): Network {
  const { namespaces, wires, shared } = network
  return new Network({ namespaces: { ...namespaces, [ns.name]: ns }, wires, shared })
}

/** The namespace with one interface replaced or added. */
export function withInterface(ns: Namespace, link: Interface): Namespace {
  return { ...ns, interfaces: { ...ns.interfaces, [link.name]: link } }
}

/** A namespace that must exist. @throws Refusal when it does not */
export function namespaceOf(network: Network, netns: string): Namespace {
  const ns = Object.hasOwn(network.namespaces, netns) ? network.namespaces[netns] : undefined
  return ns ?? refuse('a namespace of the network', netns)
}

/** An interface that must exist. @throws Refusal in the words of `ip` when it does not */
export function interfaceOf(ns: Namespace, dev: string): Interface {
  const link = Object.hasOwn(ns.interfaces, dev) ? ns.interfaces[dev] : undefined
  return link ?? toolRefuses(`Cannot find device "${dev}"`)
}

/** What tells one route from another in the kernel's tables. */
export function sameSlot(a: Route, b: Route): boolean {
  return (
    a.dst === b.dst &&
    a.family === b.family &&
    a.table === b.table &&
    (a.tos ?? 0) === (b.tos ?? 0) &&
    (a.metric ?? 0) === (b.metric ?? 0)
  )
}

/** Whether two routes are the same in everything the kernel compares. */
function sameRoute(a: Route, b: Route): boolean {
  return sameSlot(a, b) && a.type === b.type && a.dev === b.dev && a.via === b.via && a.src === b.src
}

/** The namespace with routes added behind those of equal prefix and metric; doubles are left out. */
export function withRoutes(ns: Namespace, added: readonly Route[]): Namespace {
  const fresh = added.filter((route) => !ns.routes.some((other) => sameRoute(other, route)))
  return fresh.length === 0 ? ns : { ...ns, routes: inKernelOrder([...ns.routes, ...fresh]) }
}
