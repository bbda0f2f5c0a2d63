import { isAlive, POD_GATEWAY, type Pool, subnetOfNode } from '../../control/index.ts'
import {
  contains,
  containsPrefix,
  familyOf,
  type Ip,
  overlaps,
  type Prefix,
  parseCidr,
  parsePrefix,
  prefixLength,
} from '../../wire/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding, type Subject } from '../finding.ts'

/** Pools against the networks under them, their NAT, and how full they are. */
export function poolChecks(facts: LintFacts): LintFinding[] {
  return [...underlayRanges(facts), ...gateways(facts), ...nat(facts), ...disabled(facts), ...fullness(facts)]
}

/** A network that machines are in, and the object that says so. */
interface Net {
  readonly prefix: Prefix
  readonly subject: Subject
  readonly whose: string
  /** Addresses of nodes in it: another check names pools that have them. */
  readonly nodes: readonly Ip[]
}

/** Networks of nodes, by the masks that their objects say, and those of the Underlay. */
function nets({ cluster, underlay }: LintFacts): readonly Net[] {
  const byPrefix = new Map<Prefix, Net & { readonly nodes: Ip[] }>()
  for (const node of cluster.nodes) {
    for (const family of [4, 6] as const) {
      const annotation = `projectcalico.org/IPv${family}Address`
      const prefix = subnetOfNode(node, family)
      if (prefix === undefined || node.resource.metadata.annotations?.[annotation] === undefined) continue
      const address = (family === 4 ? node.ipv4 : node.ipv6)!.address
      const known = byPrefix.get(prefix)
      const subject = { resource: node.resource, path: ['metadata', 'annotations', annotation] }
      if (known === undefined) byPrefix.set(prefix, { prefix, subject, whose: `node ${node.name}`, nodes: [address] })
      else known.nodes.push(address)
    }
  }
  const segments = (underlay?.spec.segments ?? []).flatMap(({ name, cidr, cidrs = [] }, i) =>
    [...(cidr === undefined ? [] : [cidr]), ...cidrs].flatMap((text): Net[] => {
      const prefix = parsePrefix(text)
      const subject = { resource: underlay!, path: ['spec', 'segments', i] }
      return prefix === undefined ? [] : [{ prefix, subject, whose: `segment ${name}`, nodes: [] }]
    }),
  )
  return [...byPrefix.values(), ...segments.filter(({ prefix }) => !byPrefix.has(prefix))]
}

function isIn(prefix: Prefix, address: Ip): boolean {
  return familyOf(prefix) === familyOf(address) && contains(prefix, address)
}

function meet(a: Prefix, b: Prefix): boolean {
  return familyOf(a) === familyOf(b) && overlaps(a, b)
}

function ofPool({ resource }: Pool): Subject {
  return { resource, path: ['spec', 'cidr'] }
}

function underlayRanges(facts: LintFacts): LintFinding[] {
  const all = nets(facts)
  const nodes = facts.cluster.nodes.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].flatMap((cidr) => cidr?.address ?? []))
  return facts.cluster.ipam.pools.flatMap((pool) => {
    const met = all.find(({ prefix }) => meet(prefix, pool.cidr))
    // Where nodes themselves are in the pool, that is said already, and is worse.
    if (met === undefined || nodes.some((address) => isIn(pool.cidr, address))) return []
    const message = `${pool.cidr} overlaps ${met.prefix}, the network of ${met.whose}`
    return [found('pool-overlaps-underlay', [ofPool(pool), met.subject], message, facts.assumedOf(pool))]
  })
}

function gateways(facts: LintFacts): LintFinding[] {
  return nets(facts)
    .filter(({ prefix }) => isIn(prefix, POD_GATEWAY) && prefixLength(prefix) > 0)
    .map(({ prefix, subject, whose }) =>
      found('gateway-collision', [subject], `${prefix}, the network of ${whose}, has ${POD_GATEWAY}`),
    )
}

function nat(facts: LintFacts): LintFinding[] {
  const { cluster, resources, pools } = facts
  const isRouted = resources.bgpPeers.length > 0 || cluster.bgp.routers.length > 0
  const off = pools.filter(({ natOutgoing, family }) => !natOutgoing && family === 4 && !isRouted)
  const masquerades = cluster.ipam.pools.some(({ natOutgoing }) => natOutgoing)
  return [
    ...off.map((pool) => {
      const message = `${pool.cidr} is not masqueraded, and no BGPPeer tells anybody outside of it`
      return found('nat-outgoing-off', [{ resource: pool.resource, path: ['spec', 'natOutgoing'] }], message)
    }),
    ...cluster.ipam.pools
      .filter((pool) => pool.disabled && masquerades && !isUsed(facts, pool))
      .map((pool) => {
        const message = `${pool.cidr} gives no addresses, and is reached without masquerading all the same`
        return found('pool-exempts-destinations', [{ resource: pool.resource, path: ['spec', 'disabled'] }], message)
      }),
  ]
}

/** Whether pods or blocks have addresses of a pool. */
function isUsed({ cluster, resources }: LintFacts, { cidr }: Pool): boolean {
  return (
    resources.ipamBlocks.some(({ spec }) => isBelow(spec.cidr, cidr)) ||
    resources.pods.some((pod) => {
      const address = addressOf(pod.status?.podIP)
      return address !== undefined && isAlive(pod) && pod.spec.hostNetwork !== true && isIn(cidr, address)
    }) ||
    cluster.nodes.some(({ name }) => Object.values(cluster.ipam.tunnels.get(name) ?? {}).some((ip) => isIn(cidr, ip)))
  )
}

function isBelow(text: string, cidr: Prefix): boolean {
  const prefix = parsePrefix(text)
  return prefix !== undefined && familyOf(prefix) === familyOf(cidr) && containsPrefix(cidr, prefix)
}

function addressOf(text: string | undefined): Ip | undefined {
  return text === undefined ? undefined : parseCidr(`${text}/${text.includes(':') ? 128 : 32}`)?.address
}

function disabled(facts: LintFacts): LintFinding[] {
  return facts.cluster.ipam.pools
    .filter((pool) => pool.disabled && isUsed(facts, pool))
    .map((pool) => {
      const subject = { resource: pool.resource, path: ['spec', 'disabled'] }
      return found('pool-disabled-in-use', [subject], `${pool.cidr} is disabled, and addresses of it are in use`)
    })
}

/** Addresses of ten that are in use from where on a pool is nearly full. */
const NEARLY = 0.9
/** Pools that are larger are never nearly full. */
const COUNTED = 2 ** 20

function fullness(facts: LintFacts): LintFinding[] {
  return facts.pools.flatMap((pool) => {
    const bits = (pool.family === 4 ? 32 : 128) - prefixLength(pool.cidr)
    const size = 2 ** bits
    if (size > COUNTED) return []
    const blocks = facts.cluster.ipam.blocks.filter((block) => block.pool === pool)
    const used = blocks.reduce((sum, block) => sum + block.used, 0)
    const subject = { resource: pool.resource, path: ['spec', 'cidr'] }
    const nearly =
      used < size * NEARLY
        ? []
        : [
            found(
              'pool-nearly-full',
              [subject],
              `${used} of ${size} addresses of ${pool.cidr} are in use`,
              facts.assumedOf(pool),
            ),
          ]
    const isTaken = BigInt(blocks.filter(({ affinity }) => affinity !== undefined).length) >= pool.blocks
    return [...nearly, ...(isTaken ? takenBlocks(facts, pool, blocks) : [])]
  })
}

type Blocks = LintFacts['cluster']['ipam']['blocks']

function takenBlocks(facts: LintFacts, pool: Pool, blocks: Blocks): LintFinding[] {
  const { resources, cluster } = facts
  const subject = { resource: pool.resource, path: ['spec', 'blockSize'] }
  const strict = resources.ipamConfigs.find(({ spec }) => spec.strictAffinity === true)
  const isFree = (node: string): boolean => blocks.some(({ affinity, used, size }) => affinity === node && used < size)
  const starved = cluster.nodes.find(({ name }) => !isFree(name))
  if (strict !== undefined && starved !== undefined) {
    const message = `${starved.name} has no free address in ${pool.cidr}, no block is free, and it may not borrow`
    const config = { resource: strict, path: ['spec', 'strictAffinity'] }
    return [found('strict-affinity-starves', [config, subject, { resource: starved.resource }], message)]
  }
  const message = `all ${pool.blocks} blocks of ${pool.cidr} belong to nodes`
  return [found('pool-blocks-all-taken', [subject], message, facts.assumedOf(pool))]
}
