import {
  addressOwners,
  type Cluster,
  checkIpam,
  type HeldAddress,
  heldAddresses,
  type IpamProblem,
  type IpamProblemKind,
  type IpamStore,
  type Resources,
} from '../../control/index.ts'

/** Nodes with the most addresses that are told of. */
const MOST_NODES = 20

/** What `calicoctl ipam check` prints: what it looked at, step by step, and what it found. @calico calicoctl/calicoctl/commands/ipam/check.go */
export function ipamCheckText(
  store: IpamStore,
  objects: Resources,
  cluster: Cluster,
  shown: 'all' | 'problems' | 'none',
): string {
  const resources = withAddresses(objects, cluster)
  const check = checkIpam(store, resources)
  const held = heldAddresses(store)
  const of = (...kinds: readonly IpamProblemKind[]): readonly IpamProblem[] =>
    check.problems.filter(({ kind }) => kinds.includes(kind))
  const listed = (problems: readonly IpamProblem[]): string[] =>
    shown === 'none' ? [] : problems.map(({ at, what }) => `  ${at} ${what}`)
  const pools = store.pools.map(({ cidr }) => `  ${cidr}`)
  const tunnels = held.filter(({ use }) => use === 'Tunnel').length
  const owners = addressOwners(resources)
  const leaked = of('leaked')
  const outside = of('outside-pools')
  const lost = of('not-allocated')
  const others = check.problems.length - leaked.length - outside.length - lost.length
  const all =
    shown === 'all' ? held.map(({ address, handle }) => `  ${address} allocated; handle ${handle ?? '<none>'}`) : []
  const lines = [
    'Checking IPAM for inconsistencies...',
    '',
    'Loading all IPAM blocks...',
    `Found ${check.blocks} IPAM blocks.`,
    ...[...store.blocks.values()].map(({ cidr, affinity }) => ` IPAM block ${cidr} affinity=${affinity ?? '<none>'}:`),
    ...all,
    `IPAM blocks record ${check.allocations} allocations.`,
    '',
    'Loading all IPAM pools...',
    ...pools,
    `Found ${pools.length} active IP pools.`,
    '',
    'Loading all nodes.',
    `Found ${tunnels} node tunnel IPs.`,
    '',
    'Loading all workload endpoints.',
    `Found ${owners.size - tunnels} workload IPs.`,
    `Workloads and nodes are using ${check.inUse} IPs.`,
    '',
    `Looking for top (up to ${MOST_NODES}) nodes by allocations...`,
    ...byNode(held),
    '',
    'Scanning for IPs that are allocated but not actually in use...',
    ...listed(leaked),
    `Found ${leaked.length} IPs that are allocated in IPAM but not actually in use.`,
    'Scanning for IPs that are in use by a workload or node but not allocated in IPAM...',
    ...listed([...outside, ...lost]),
    `Found ${outside.length} in-use IPs that are not in active IP pools.`,
    `Found ${lost.length} in-use IPs that are in active IP pools but have no corresponding IPAM allocation.`,
    '',
    ...(others === 0
      ? []
      : check.problems
          .filter((one) => ![...leaked, ...outside, ...lost].includes(one))
          .map(({ at, what }) => `packetwalk: ${at}: ${what}`)),
    `Check complete; found ${check.problems.length} problems.`,
  ]
  return `${lines.join('\n')}\n`
}

/** Annotations in which calico-node keeps the addresses of tunnels. */
const TUNNELS = {
  ipip: 'projectcalico.org/IPv4IPIPTunnelAddr',
  vxlan: 'projectcalico.org/IPv4VXLANTunnelAddr',
  'vxlan-v6': 'projectcalico.org/IPv6VXLANTunnelAddr',
  wireguard: 'projectcalico.org/IPv4WireguardInterfaceAddr',
  'wireguard-v6': 'projectcalico.org/IPv6WireguardInterfaceAddr',
} as const

/** Pods and nodes have their addresses here before kubelet and calico-node could have written them into the objects. */
export function withAddresses(objects: Resources, { workloadEndpoints, ipam }: Cluster): Resources {
  const known = new Map(workloadEndpoints.map((one) => [one.pod, one.addresses]))
  return {
    ...objects,
    nodes: objects.nodes.map((node) => {
      const tunnels = Object.entries(ipam.tunnels.get(node.metadata.name) ?? {})
      const made = Object.fromEntries(tunnels.map(([kind, ip]) => [TUNNELS[kind as keyof typeof TUNNELS], ip]))
      return { ...node, metadata: { ...node.metadata, annotations: { ...made, ...node.metadata.annotations } } }
    }),
    pods: objects.pods.map((pod) => {
      const addresses = known.get(pod)
      if (addresses === undefined || addresses[0] === undefined || pod.status?.podIP !== undefined) return pod
      return { ...pod, status: { ...pod.status, podIP: addresses[0], podIPs: addresses.map((ip) => ({ ip })) } }
    }),
  }
}

function byNode(held: readonly HeldAddress[]): string[] {
  const counts = new Map<string, number>()
  for (const { node } of held) if (node !== undefined) counts.set(node, (counts.get(node) ?? 0) + 1)
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  if (sorted.length === 0) return []
  const median = sorted[Math.floor((sorted.length - 1) / 2)]?.[1] ?? 0
  return [
    ...sorted.slice(0, MOST_NODES).map(([node, count]) => `  ${node} has ${count} allocations`),
    `Node with most allocations has ${sorted[0]?.[1]}; median is ${median}`,
  ]
}
