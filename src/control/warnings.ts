import { IPV6_MIN_MTU, isIpv4 } from '../wire/index.ts'
import { addressOfNode, type ClusterNode } from './cluster-node.ts'
import type { Findings } from './findings.ts'
import type { OpenBlock } from './ipam/block.ts'
import type { Ipam } from './ipam/cluster-ipam.ts'
import { statedAddresses } from './ipam/pod-address.ts'
import type { FieldPath } from './origin.ts'
import type { OtherResource } from './resource.ts'
import type { Resources } from './resources.ts'
import type { Workloads } from './workloads.ts'

/** Objects that name a node which is not there: Calico takes them and they do nothing. */
function unknownNodes(resources: Resources, nodes: readonly ClusterNode[], findings: Findings): void {
  const names = new Set(nodes.map(({ name }) => name))
  const check = (resource: OtherResource, path: FieldPath, name: string | undefined, received = name): void => {
    if (name === undefined || names.has(name)) return
    const expected = `one of the nodes ${[...names].slice(0, 5).join(', ') || '(none)'}`
    findings.warn('missing_reference', resource, path, expected, received ?? name)
  }
  for (const peer of resources.bgpPeers) check(peer, ['spec', 'node'], peer.spec.node)
  for (const affinity of resources.blockAffinities) {
    if (affinity.spec.type !== 'virtual') check(affinity, ['spec', 'node'], affinity.spec.node)
  }
  for (const felix of resources.felixConfigurations) {
    const { name } = felix.metadata
    if (name.startsWith('node.')) check(felix, ['metadata', 'name'], name.slice('node.'.length), name)
  }
}

/** Pods whose address is a node's, or in no pool. */
function oddAddresses(nodes: readonly ClusterNode[], ipam: Ipam, findings: Findings): void {
  const owners = new Map<string, string>()
  const blocksOfNodes = new Set<OpenBlock>()
  for (const node of nodes) {
    for (const family of [4, 6] as const) {
      const found = addressOfNode(node, family)
      if (found === undefined) continue
      owners.set(found.address, node.name)
      const block = ipam.blockOf(found.address)
      if (block !== undefined) blocksOfNodes.add(block)
    }
  }
  const { pods } = ipam
  // An address of a pool in whose block no node has one is a usual address.
  for (const i of pods.within((block) => block?.pool === undefined || blocksOfNodes.has(block))) {
    const pod = pods.pod(i)
    const path = statedAddresses(pod)?.path ?? ['metadata', 'name']
    for (const { address, block } of pods.allocations(i)) {
      const owner = owners.get(address)
      if (owner !== undefined) {
        findings.warn('invalid', pod, path, 'an address no node has', `${address}, also of node ${owner}`)
      } else if (block?.pool === undefined) {
        findings.warn('invalid', pod, path, 'an address of an IP pool', address)
      }
    }
  }
}

/** Pods with an IPv6 address on a device that is too small for IPv6: the CNI plugin fails on the address. */
function tooSmallForIpv6(workloads: Workloads, findings: Findings): void {
  if (!workloads.someMtu((mtu) => mtu < IPV6_MIN_MTU)) return
  const endpoints = workloads.list
  const small = endpoints.filter(({ mtu, addresses }) => mtu < IPV6_MIN_MTU && addresses.some((ip) => !isIpv4(ip)))
  const [first] = small
  if (first === undefined) return
  const what = `an IPv6 address on an MTU of ${first.mtu}`
  const expected = `an MTU of at least ${IPV6_MIN_MTU} for pods with IPv6: the kernel has none on a smaller device, and the pod does not start`
  const more = small.length > 1 ? `, as ${small.length - 1} more` : ''
  findings.warn('invalid', first.pod, ['metadata', 'name'], expected, `${what}${more}`)
  const open = `an MTU of ${first.mtu} with IPv6: the kernel has none on a device below ${IPV6_MIN_MTU}, so it would not start; one that runs was started with another MTU`
  findings.note('pod_mtu', first.pod, ['metadata', 'name'], open, {
    scope: { kind: 'ends', netns: small.map(({ netns }) => netns) },
  })
}

/** Names what Calico accepts and is hardly meant: told, but no reason to refuse the input. */
export function noteWarnings(
  resources: Resources,
  nodes: readonly ClusterNode[],
  ipam: Ipam,
  workloads: Workloads,
  findings: Findings,
): void {
  tooSmallForIpv6(workloads, findings)
  unknownNodes(resources, nodes, findings)
  oddAddresses(nodes, ipam, findings)
}
