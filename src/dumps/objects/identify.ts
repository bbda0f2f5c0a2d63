import { hostInterfaceName, internalIps, nodeAddresses, type PodResource, type Resources } from '../../control/index.ts'
import type { Namespace } from '../../model/index.ts'
import type { DumpedNode } from '../node-files.ts'
import { pairVeths } from '../veth.ts'

/** A machine or namespace of a dump, and what it is by the objects. */
export interface KnownMachine {
  /** What was dumped. */
  readonly node: DumpedNode
  /** Name of its network namespace beside the objects: a node's, `NAMESPACE/POD`, a host's of the Underlay, or its own. */
  readonly netns: string
  /** What it is; `unknown`: in no object. */
  readonly kind: 'node' | 'pod' | 'host' | 'unknown'
  /** How it was found, where its name does not say. */
  readonly by?: 'address' | 'interface'
}

/** The letters before the hash in the name of a pod's host end. */
const PREFIX = 'cali'

/** The name of a pod's host end, as Calico makes it where nobody says otherwise. */
export function caliName(pod: PodResource): string {
  return hostInterfaceName(PREFIX, pod.metadata.namespace ?? 'default', pod.metadata.name)
}

/**
 * Finds the objects that dumps belong to: nodes by name, with or without its domain, or by an address; pods by an address, or
 * by the hash in the name of the host end; hosts of the Underlay by name.
 */
export function identify(dumped: readonly DumpedNode[], resources: Resources): KnownMachine[] {
  const nodes = new Names(resources.nodes.map(({ metadata }) => metadata.name))
  const hosts = new Set(resources.underlays.flatMap(({ spec }) => (spec.nodes ?? []).map(({ name }) => name)))
  const addresses = new Map(
    resources.nodes.flatMap((node) =>
      [...internalIps(node), ...nodeAddresses(node).map(({ address }) => address)].map(
        (address) => [address as string, node.metadata.name] as const,
      ),
    ),
  )
  const pods = podsByAddress(resources)
  const byHash = podsByInterface(dumped, resources)
  const found = dumped.map((node): KnownMachine => {
    if (nodes.has(node.name)) return { node, netns: node.name, kind: 'node' }
    if (hosts.has(node.name)) return { node, netns: node.name, kind: 'host' }
    const own = addressesOf(node.namespace)
    const byAddress = own.map((address) => addresses.get(address)).find((name) => name !== undefined)
    if (byAddress !== undefined) return { node, netns: byAddress, kind: 'node', by: 'address' }
    const pod = own.map((address) => pods.get(address)).find((name) => name !== undefined)
    if (pod !== undefined) return { node, netns: pod, kind: 'pod', by: 'address' }
    const hashed = byHash.get(node.name)
    if (hashed !== undefined) return { node, netns: hashed, kind: 'pod', by: 'interface' }
    return { node, netns: node.name, kind: 'unknown' }
  })
  // A name without its domain says least: `n1.cni-7` may be a namespace of n1.
  const taken = new Set(found.map(({ netns }) => netns))
  return found.map((one) => {
    const short = one.kind === 'unknown' ? nodes.short(one.netns) : undefined
    return short === undefined || taken.has(short) ? one : { node: one.node, netns: short, kind: 'node' }
  })
}

/** Names of nodes, which machines may know without their domain, or with it. */
class Names {
  private readonly all: ReadonlySet<string>
  private readonly byShort = new Map<string, string | undefined>()

  constructor(names: readonly string[]) {
    this.all = new Set(names)
    for (const name of names) {
      const short = shortName(name)
      this.byShort.set(short, this.byShort.has(short) ? undefined : name)
    }
  }

  has(name: string): boolean {
    return this.all.has(name)
  }

  short(name: string): string | undefined {
    return this.byShort.get(shortName(name))
  }
}

function shortName(name: string): string {
  return /^[\d.]+$/.test(name) ? name : (name.split('.')[0] ?? name)
}

function addressesOf(ns: Namespace): string[] {
  return Object.values(ns.interfaces).flatMap((dev) =>
    dev.kind === 'loopback' ? [] : dev.addresses.filter(({ scope }) => scope === 'global').map(({ local }) => local),
  )
}

function nameOf({ metadata }: PodResource): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`
}

function podsByAddress(resources: Resources): Map<string, string> {
  const found = new Map<string, string>()
  for (const pod of resources.pods) {
    if (pod.spec.hostNetwork === true) continue
    const { podIP, podIPs = [] } = pod.status ?? {}
    for (const ip of [...podIPs.map((one) => one.ip), ...(podIP === undefined ? [] : [podIP])]) {
      found.set(ip, nameOf(pod))
    }
  }
  return found
}

/** Dumped namespaces whose veth ends at an interface with the hash of a pod. */
function podsByInterface(dumped: readonly DumpedNode[], resources: Resources): Map<string, string> {
  const hashes = new Map(resources.pods.map((pod) => [caliName(pod), nameOf(pod)]))
  const found = new Map<string, string>()
  for (const { ends } of pairVeths(dumped.map(({ namespace }) => namespace)).wires) {
    for (const [host, pod] of [ends, [ends[1], ends[0]]] as const) {
      const name = hashes.get(host.dev)
      if (name !== undefined) found.set(pod.netns, name)
    }
  }
  return found
}
