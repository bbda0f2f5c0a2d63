import { checkIpam, type HeldAddress, type IpamProblem, type IpamProblemKind } from '../../control/index.ts'
import type { IpamSeen } from './ipam-seen.ts'

/** Nodes with the most addresses that are told of. */
const MOST_NODES = 20

/** Which addresses are told of one by one: all, those of which something is wrong, or none. */
export type ShownAddresses = 'all' | 'problems' | 'none'

/** What `calicoctl ipam check` prints: what it looked at, step by step, and what it found. @calico calicoctl/calicoctl/commands/ipam/check.go */
export function ipamCheckText({ store, resources, held, owners }: IpamSeen, shown: ShownAddresses): string {
  const check = checkIpam(store, resources)
  const of = (...kinds: readonly IpamProblemKind[]): readonly IpamProblem[] =>
    check.problems.filter(({ kind }) => kinds.includes(kind))
  const all = (lines: readonly string[]): readonly string[] => (shown === 'all' ? lines : [])
  const wrong = (lines: readonly string[]): readonly string[] => (shown === 'none' ? [] : lines)
  const attributes = new Map(held.map((one) => [String(one.address), attributesText(one)]))
  const ownersOf = (address: string): readonly string[] => owners.get(address as HeldAddress['address']) ?? []
  const pools = store.pools.map(({ cidr }) => `  ${cidr}`)
  const belongs = (kind: string): readonly string[] =>
    [...owners].flatMap(([address, names]) =>
      names.flatMap((name) => (name.startsWith(`${kind}(`) ? [`  ${address} belongs to ${name}`] : [])),
    )
  const [tunnels, workloads] = [belongs('Node'), belongs('Workload')]
  const leaked = of('leaked')
  const outside = of('outside-pools')
  const lost = of('not-allocated')
  const told = new Set([...leaked, ...outside, ...lost])
  const others = check.problems.filter((one) => !told.has(one))
  const lines = [
    'Checking IPAM for inconsistencies...',
    '',
    'Loading all IPAM blocks...',
    `Found ${check.blocks} IPAM blocks.`,
    ...[...store.blocks.values()].flatMap(({ cidr, affinity }) => [
      ` IPAM block ${cidr} affinity=${affinity ?? '<none>'}:`,
      ...all(
        held
          .filter(({ block }) => block === cidr)
          .map(({ address }) => `  ${address} allocated; attrs ${attributes.get(address)}`),
      ),
    ]),
    `IPAM blocks record ${check.allocations} allocations.`,
    '',
    'Loading all IPAM pools...',
    ...pools,
    `Found ${pools.length} active IP pools.`,
    '',
    'Loading all nodes.',
    ...all(tunnels),
    `Found ${tunnels.length} node tunnel IPs.`,
    '',
    'Loading all workload endpoints.',
    ...all(workloads),
    `Found ${workloads.length} workload IPs.`,
    `Workloads and nodes are using ${check.inUse} IPs.`,
    '',
    `Looking for top (up to ${MOST_NODES}) nodes by allocations...`,
    ...byNode(held),
    '',
    'Scanning for IPs that are allocated but not actually in use...',
    ...wrong(leaked.map(({ at }) => `  ${at} leaked; attrs ${attributes.get(at)}`)),
    `Found ${leaked.length} IPs that are allocated in IPAM but not actually in use.`,
    'Scanning for IPs that are in use by a workload or node but not allocated in IPAM...',
    ...wrong(of('duplicate', 'tunnel-taken').map(({ at }) => `  ${at} has multiple owners.`)),
    ...wrong(
      outside.flatMap(({ at }) =>
        ownersOf(at).map((owner) => `  ${at} in use by ${owner} is not in any active IP pool.`),
      ),
    ),
    ...wrong(
      lost.flatMap(({ at }) =>
        ownersOf(at).map((owner) => `  ${at} in use by ${owner} and in active IPAM pool but has no IPAM allocation.`),
      ),
    ),
    `Found ${outside.length} in-use IPs that are not in active IP pools.`,
    `Found ${lost.length} in-use IPs that are in active IP pools but have no corresponding IPAM allocation.`,
    '',
    ...others.map(({ at, what }) => `packetwalk: ${at}: ${what}`),
    `Check complete; found ${check.problems.length} problems.`,
  ]
  return `${lines.join('\n')}\n`
}

/** What a block says of who has an address, in one line. */
function attributesText({ handle = '<none>', node, attributes }: HeldAddress): string {
  const beside = Object.entries({ ...(node === undefined ? {} : { node }), ...attributes })
  const pairs = beside.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`)
  return `Main:${handle} Extra:${pairs.join(',')}`
}

function byNode(held: readonly HeldAddress[]): string[] {
  const counts = new Map<string, number>()
  for (const { node } of held) if (node !== undefined) counts.set(node, (counts.get(node) ?? 0) + 1)
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  if (sorted.length === 0) return []
  const median = sorted[Math.floor(sorted.length / 2)]?.[1] ?? 0
  return [
    ...sorted.slice(0, MOST_NODES).map(([node, count]) => `  ${node} has ${count} allocations`),
    `Node with most allocations has ${sorted[0]?.[1]}; median is ${median}`,
  ]
}
