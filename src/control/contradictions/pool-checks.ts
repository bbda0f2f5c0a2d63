import { contains, containsPrefix, familyOf, type Ip, overlaps, type Prefix } from '../../wire/index.ts'
import { BLOCK_SIZES } from '../validation/ip-pool.ts'
import { listAt, mapAt, textAt } from '../validation/members.ts'
import type { Fields } from '../validation/shape.ts'
import { netOrAddress } from '../validation/text-checks.ts'
import { type Contradiction, finding } from './finding.ts'
import { matcher } from './matches.ts'
import type { PlainObjects } from './objects.ts'
import { type PlainNode, plainNodes } from './plain-node.ts'

/** A pool, with its range. */
export interface PlainPool {
  readonly id: string
  readonly name: string
  readonly spec: Fields
  readonly cidr: Prefix
  readonly blockSize: number
  readonly disabled: boolean
}

/** The pools among the objects whose range can be read. */
export function plainPools(objects: PlainObjects): PlainPool[] {
  return objects.of('IPPool').flatMap(({ id, name, spec }) => {
    const net = netOrAddress(textAt(spec, 'cidr'))
    if (net === undefined) return []
    const size = Number(spec['blockSize'] ?? 0) || BLOCK_SIZES[familyOf(net.address)].usual
    return [{ id, name, spec, cidr: net.prefix, blockSize: size, disabled: spec['disabled'] === true }]
  })
}

/** Pools against each other, against Services, nodes and reservations. */
export function poolChecks(objects: PlainObjects): Contradiction[] {
  const pools = plainPools(objects)
  const nodes = plainNodes(objects)
  return [
    ...overlappingPools(pools),
    ...poolsAndServices(objects, pools),
    ...poolsAndNodes(pools, nodes),
    ...reservations(objects, pools),
  ]
}

function overlappingPools(pools: readonly PlainPool[]): Contradiction[] {
  return pools.flatMap((pool, i) =>
    pools
      .slice(0, i)
      .filter((other) => other.name !== pool.name && overlaps(other.cidr, pool.cidr))
      .map((other) => finding('pools-overlap', [other.id, pool.id], `${other.cidr} and ${pool.cidr} overlap`)),
  )
}

/** Ranges of Services: kubeadm's, the operator's, and addresses that Services have. */
function serviceRanges(objects: PlainObjects): { readonly id: string; readonly range: Prefix }[] {
  const texts: [string, string][] = []
  for (const { id, value, name } of objects.of('ConfigMap')) {
    if (name !== 'kubeadm-config') continue
    const text = textAt(mapAt(value, 'data') ?? {}, 'ClusterConfiguration')
    for (const range of /serviceSubnet: *"?([^"\s]+)/.exec(text)?.[1]?.split(',') ?? []) texts.push([id, range])
  }
  for (const { id, value } of objects.of('ClusterConfiguration')) {
    for (const range of textAt(mapAt(value, 'networking') ?? {}, 'serviceSubnet').split(',')) texts.push([id, range])
  }
  for (const { id, spec } of objects.of('Installation')) {
    for (const range of listAt(spec, 'serviceCIDRs')) texts.push([id, String(range)])
  }
  for (const { id, spec } of objects.of('Service')) texts.push([id, textAt(spec, 'clusterIP')])
  return texts.flatMap(([id, text]) => {
    const net = netOrAddress(text.trim())
    return net === undefined ? [] : [{ id, range: net.prefix }]
  })
}

function poolsAndServices(objects: PlainObjects, pools: readonly PlainPool[]): Contradiction[] {
  const ranges = serviceRanges(objects)
  return pools.flatMap((pool) => {
    const found = ranges.find(({ range }) => overlaps(range, pool.cidr))
    const what = `${pool.cidr} has addresses of Services: ${found?.range}`
    return found === undefined ? [] : [finding('pool-overlaps-services', [pool.id, found.id], what)]
  })
}

function poolsAndNodes(pools: readonly PlainPool[], nodes: readonly PlainNode[]): Contradiction[] {
  if (nodes.length === 0) return []
  const selected = new Set<string>()
  const found = pools.flatMap((pool) => {
    const selects = matcher(textAt(pool.spec, 'nodeSelector'))
    const mine = nodes.filter(({ labels }) => selects(labels))
    if (!pool.disabled && !isForBalancers(pool.spec)) for (const { name } of mine) selected.add(name)
    return [...poolAndNodes(pool, nodes), ...poolAndItsNodes(pool, mine.length)]
  })
  if (!pools.some(({ disabled, spec }) => !disabled && !isForBalancers(spec))) return found
  const without = nodes.filter(({ name }) => !selected.has(name))
  return [...found, ...without.map(({ id }) => finding('node-without-pool', [id], 'no enabled pool selects it'))]
}

function poolAndNodes({ id, cidr }: PlainPool, nodes: readonly PlainNode[]): Contradiction[] {
  const held = nodes.find(({ addresses }) => addresses.some((address) => holds(cidr, address)))
  if (held === undefined) return []
  return [finding('pool-overlaps-nodes', [id, held.id], `${cidr} has addresses of nodes, as of ${held.name}`)]
}

function poolAndItsNodes({ id, cidr, blockSize, disabled, spec }: PlainPool, nodes: number): Contradiction[] {
  if (disabled || textAt(spec, 'assignmentMode') === 'Manual' || isForBalancers(spec)) return []
  if (nodes === 0) return [finding('pool-selects-no-node', [id], 'its nodeSelector selects no node')]
  const blocks = 2 ** Math.max(blockSize - Number(cidr.split('/')[1]), 0)
  if (blocks >= nodes) return []
  return [finding('pool-has-too-few-blocks', [id], `${blocks} blocks of /${blockSize} for ${nodes} nodes`)]
}

function reservations(objects: PlainObjects, pools: readonly PlainPool[]): Contradiction[] {
  return objects.of('IPReservation').flatMap(({ id, spec }) =>
    listAt(spec, 'reservedCIDRs').flatMap((text) => {
      const range = netOrAddress(String(text))?.prefix
      if (range === undefined || pools.length === 0) return []
      const eaten = pools.find(({ cidr }) => covers(range, cidr))
      if (eaten !== undefined) return [finding('pool-is-reserved', [id, eaten.id], `${range} is all of ${eaten.cidr}`)]
      if (pools.some(({ cidr }) => overlaps(cidr, range))) return []
      return [finding('reservation-outside-pools', [id], `${range} is in no pool`)]
    }),
  )
}

function holds(cidr: Prefix, address: Ip): boolean {
  return familyOf(cidr) === familyOf(address) && contains(cidr, address)
}

function covers(outer: Prefix, inner: Prefix): boolean {
  return familyOf(outer) === familyOf(inner) && containsPrefix(outer, inner)
}

/** Pools of addresses that no node takes. */
function isForBalancers(spec: Fields): boolean {
  return listAt(spec, 'allowedUses').includes('LoadBalancer')
}
