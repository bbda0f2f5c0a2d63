import type { NamespaceMember } from '../../model/index.ts'
import { editionOf } from './node-edition.ts'
import { type NodePart, partOf } from './node-part.ts'
import { felixView, type NodeViews } from './node-views.ts'

/** Who writes on a node. */
export type Writer = 'machine' | 'cni' | 'sets' | 'devices' | 'routes' | 'rules' | 'bird' | 'proxy'

/** Members that a cluster with other policies has otherwise. */
export const FIREWALL: ReadonlySet<NamespaceMember> = new Set(['iptables', 'ip6tables', 'ipsets'])

/** A node as each program has it that writes there; undefined where it has seen none. */
export type PartsOfNode = Readonly<Record<Writer, NodePart | undefined>>

/** A node as each program has it. */
export function partsOf(name: string, views: NodeViews): PartsOfNode {
  return {
    machine: partOf(views.machine, name),
    cni: partOf(views.cni, name),
    sets: partOf(felixView(views, 'felixSets'), name),
    devices: partOf(felixView(views, 'felixDevices'), name),
    routes: partOf(felixView(views, 'felixRoutes'), name),
    rules: partOf(felixView(views, 'felixRules'), name),
    bird: partOf(views.bird, name),
    proxy: partOf(views.proxy, name),
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
  proxy: ['iptables'],
}

const WRITERS = Object.keys(FIREWALL_OF) as readonly Writer[]

/**
 * Whether programs write the very same on a node by both views, as far as it is known without making anything of it: of an event
 * somewhere in a cluster most of its nodes learn nothing that concerns them.
 */
export function haveSameShares(name: string, a: NodeViews, b: NodeViews): boolean {
  const isPlain = a.attached === undefined && b.attached === undefined && a.tunl0Stays === b.tunl0Stays
  if (!isPlain) return false
  const [one, other] = [partsOf(name, a), partsOf(name, b)]
  return WRITERS.every((writer) => isSameShare(writer, one[writer], other[writer]))
}

function isSameShare(writer: Writer, a: NodePart | undefined, b: NodePart | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined) return false
  const [[node, tables], [otherNode, otherTables]] = [editionOf(a), editionOf(b)]
  if (node !== otherNode || tables !== otherTables) return false
  return FIREWALL_OF[writer].every((member) => firewallSeenBy(writer, a, member) === firewallSeenBy(writer, b, member))
}
