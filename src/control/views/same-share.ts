import type { NamespaceMember } from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import { editionOf, isSameNode } from './node-edition.ts'
import { type NodePart, partOf } from './node-part.ts'
import { felixView, type NodeViews } from './node-views.ts'

/** Who writes on a node. */
export type Writer = 'machine' | 'cni' | 'sets' | 'devices' | 'routes' | 'rules' | 'bird' | 'proxy'

/** Members that a cluster with other policies has otherwise. */
export const FIREWALL: ReadonlySet<NamespaceMember> = new Set(['iptables', 'ip6tables', 'ipsets'])

/** A node as each program has it that writes there; undefined where it has seen none. */
export type PartsOfNode = Readonly<Record<Writer, NodePart | undefined>>

/** What each has seen. */
const SEEN: Readonly<Record<Writer, (views: NodeViews) => Cluster | null>> = {
  machine: ({ machine }) => machine,
  cni: ({ cni }) => cni,
  sets: (views) => felixView(views, 'felixSets'),
  devices: (views) => felixView(views, 'felixDevices'),
  routes: (views) => felixView(views, 'felixRoutes'),
  rules: (views) => felixView(views, 'felixRules'),
  bird: ({ bird }) => bird,
  proxy: ({ proxy }) => proxy,
}

/** A node as each program has it. */
export function partsOf(name: string, views: NodeViews): PartsOfNode {
  const of = (writer: Writer): NodePart | undefined => partOf(SEEN[writer](views), name)
  return {
    machine: of('machine'),
    cni: of('cni'),
    sets: of('sets'),
    devices: of('devices'),
    routes: of('routes'),
    rules: of('rules'),
    bird: of('bird'),
    proxy: of('proxy'),
  }
}

/** What a writer makes its share of a member of a node's namespace of: where it is the very same, so is the share. */
export function seenBy(writer: Writer, part: NodePart | undefined, member: NamespaceMember): readonly unknown[] {
  if (part === undefined) return NOTHING
  return [...editionOf(part), firewallSeenBy(writer, part, member)]
}

const NOTHING: readonly unknown[] = [undefined, undefined, undefined]

function firewallSeenBy(writer: Writer, { cluster, source }: NodePart, member: NamespaceMember): unknown {
  const { facts, node, devices } = source
  if (member === 'ipsets') return cluster.network.namespaces[node.name]
  if (!FIREWALL.has(member)) return undefined
  if (writer === 'rules') return facts.felix.part(member === 'iptables' ? 4 : 6, node, devices.tunnels)
  return writer === 'proxy' ? facts.others : undefined
}

/** Which members of the firewall depend on what a writer has seen of it. */
const FIREWALL_OF: Readonly<Record<Writer, readonly NamespaceMember[]>> = {
  machine: [],
  cni: [],
  sets: ['ipsets'],
  devices: [],
  routes: [],
  rules: ['ipsets', 'iptables', 'ip6tables'],
  bird: [],
  proxy: ['iptables', 'ip6tables'],
}

const WRITERS = Object.keys(FIREWALL_OF) as readonly Writer[]

/**
 * Members of a node's namespace that programs may have written otherwise by one of these views than by the other, as far as it is known
 * without making anything of it: of an event somewhere in a cluster most of its nodes learn nothing that concerns them. Undefined where
 * any may be another.
 */
export function membersApart(name: string, a: NodeViews, b: NodeViews): ReadonlySet<NamespaceMember> | undefined {
  const isPlain = a.attached === undefined && b.attached === undefined && a.tunl0Stays === b.tunl0Stays
  if (!isPlain) return undefined
  const apart = new Set<NamespaceMember>()
  for (const writer of WRITERS) {
    const [old, fresh] = [SEEN[writer](a), SEEN[writer](b)]
    if (old === fresh) continue
    const [was, now] = [partOf(old, name), partOf(fresh, name)]
    if (was === undefined || now === undefined || !isSameNode(was, now)) return undefined
    for (const member of FIREWALL_OF[writer]) {
      if (firewallSeenBy(writer, was, member) !== firewallSeenBy(writer, now, member)) apart.add(member)
    }
  }
  return apart
}
