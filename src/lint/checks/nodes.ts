import { addressOfNode, type ClusterNode, internalIps, subnetOfNode } from '../../control/index.ts'
import { contains, type Family, familyOf } from '../../wire/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding, type Subject } from '../finding.ts'

/** Nodes: their names, addresses and masks, and whether they are there at all. */
export function nodeChecks(facts: LintFacts): LintFinding[] {
  const { cluster } = facts
  return [
    ...names(facts),
    ...cluster.nodes.flatMap((node) => [...bridges(node), ...internals(node)]),
    ...masks(facts),
    ...stale(facts),
    ...withoutIpv6(facts),
  ]
}

function annotationOf({ resource }: ClusterNode, family: Family): string | undefined {
  return resource.metadata.annotations?.[`projectcalico.org/IPv${family}Address`]
}

function ofAddress(node: ClusterNode, family: Family): Subject {
  const annotated = annotationOf(node, family) !== undefined
  const path = annotated
    ? ['metadata', 'annotations', `projectcalico.org/IPv${family}Address`]
    : ['status', 'addresses']
  return { resource: node.resource, path }
}

/** Nodes that took the place of others: a node that is applied again with the same addresses is the same. */
function names({ loaded, cluster }: LintFacts): LintFinding[] {
  const byName = new Map(cluster.nodes.map((node) => [node.name, node.resource]))
  return loaded.replaced.flatMap((before) => {
    const after = before.kind === 'Node' ? byName.get(before.metadata.name) : undefined
    if (after === undefined) return []
    const [old, now] = [internalIps(before as typeof after), internalIps(after)]
    if (old.length === 0 || now.length === 0 || old.some((address) => now.includes(address))) return []
    const message = `${after.metadata.name} is a machine with ${old.join(', ')} and one with ${now.join(', ')}`
    return [found('nodes-share-name', [{ resource: after }, { resource: before }], message)]
  })
}

/** What docker, libvirt and VirtualBox give every machine that they make. */
const COMMON: readonly string[] = ['172.17.0.1', '192.168.122.1', '10.0.2.15', '10.0.3.15', '10.0.3.1', '10.32.0.1']

function bridges(node: ClusterNode): LintFinding[] {
  const address = node.ipv4?.address
  if (address === undefined || !COMMON.includes(address)) return []
  return [found('node-address-of-bridge', [ofAddress(node, 4)], `${node.name} has the address ${address}`)]
}

function internals(node: ClusterNode): LintFinding[] {
  return ([4, 6] as const).flatMap((family) => {
    const address = addressOfNode(node, family)?.address
    if (address === undefined || annotationOf(node, family) === undefined) return []
    const internal = internalIps(node.resource).filter((ip) => familyOf(ip) === family)
    if (internal.length === 0 || internal.includes(address)) return []
    const message = `Calico knows ${node.name} by ${address}, Kubernetes by ${internal.join(', ')}`
    return [found('node-address-not-internal', [ofAddress(node, family)], message)]
  })
}

/** Only masks that somebody wrote down say anything. */
function masks(facts: LintFacts): LintFinding[] {
  const { cluster, pools } = facts
  const crossing = pools.find(({ ipip, vxlan }) => ipip === 'CrossSubnet' || vxlan === 'CrossSubnet')
  if (crossing === undefined) return []
  const stated = cluster.nodes.filter((node) => node.ipv4 !== undefined && annotationOf(node, 4) !== undefined)
  const widest = new Map<string, ClusterNode>()
  for (const node of stated) {
    const subnet = subnetOfNode(node, 4)!
    if (!widest.has(subnet)) widest.set(subnet, node)
  }
  const subnets = [...widest].filter(([, node]) => node.ipv4!.length < 32)
  return stated.flatMap((node) => {
    const { address, length } = node.ipv4!
    const say = (message: string): LintFinding[] => [
      found('subnet-mask-suspect', [ofAddress(node, 4), { resource: crossing.resource }], message),
    ]
    if (length === 32) return say(`${node.name} has the address ${address}/32: every other node is foreign to it`)
    const wider = subnets.find(([subnet, other]) => other.ipv4!.length < length && contains(subnet as never, address))
    if (wider === undefined) return []
    return say(`${node.name} is in /${length}, and ${wider[1].name} takes it for one of its own ${wider[0]}`)
  })
}

function stale(facts: LintFacts): LintFinding[] {
  const { cluster } = facts
  return cluster.nodes.flatMap(({ name, resource }) => {
    const ready = resource.status?.conditions?.find(({ type }) => type === 'Ready')
    if (ready?.status !== 'Unknown') return []
    const since = ready.lastTransitionTime === undefined ? '' : ` since ${ready.lastTransitionTime}`
    return [found('node-stale', [{ resource, path: ['status', 'conditions'] }], `nobody hears of ${name}${since}`)]
  })
}

function withoutIpv6({ cluster, pools }: LintFacts): LintFinding[] {
  const pool = pools.find(({ family }) => family === 6)
  if (pool === undefined) return []
  return cluster.nodes
    .filter(({ ipv6, ipv4 }) => ipv6 === undefined && ipv4 !== undefined)
    .map(({ name, resource }) => {
      const message = `${name} has no IPv6 address, and ${pool.cidr} is to be reached there`
      return found('ipv6-pool-without-node-addresses', [{ resource: pool.resource }, { resource }], message)
    })
}
