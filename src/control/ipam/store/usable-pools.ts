import { type Family, familyOf, type Prefix, parseCidr, prefixOf } from '../../../wire/index.ts'
import type { AllowedUse } from '../../calico-kinds.ts'
import { isSelectorFault, type Selector, type SelectorFault, selects } from '../../selector.ts'
import { failure, type IpamFailure, isFailure } from './failure.ts'
import type { IpamPool } from './ipam-pool.ts'
import { enabledPools, type IpamStore, type Labels } from './ipam-store.ts'

/** The refusal that no pool is enabled. */
const NO_QUALIFIED_POOL = 'cannot find a qualified ippool'

/** A range as somebody writes it, host bits welcome; undefined when it is none. */
export function rangeText(text: string): Prefix | undefined {
  const cidr = parseCidr(text)
  return cidr && prefixOf(cidr.address, cidr.length)
}

/**
 * Requested pools as ranges: a name becomes the range of its pool.
 * @calico cni-plugin/internal/pkg/utils ResolvePools
 */
export function resolvePools(store: IpamStore, requested: readonly string[], family: Family): Prefix[] | IpamFailure {
  const ranges: Prefix[] = []
  for (const text of requested) {
    const range = rangeText(text) ?? store.pools.find(({ name }) => name === text)?.cidr
    if (range === undefined) {
      return failure('pool-unusable', `error parsing pool "${text}": invalid CIDR address: ${text}`)
    }
    if (familyOf(range) !== family) {
      return failure(
        'pool-unusable',
        `provided IPv${family} IPPools list contains one or more IPv${family === 4 ? 6 : 4} IPPools`,
      )
    }
    ranges.push(range)
  }
  return ranges
}

function chosen(
  selector: Selector | SelectorFault,
  labels: Labels,
  pool: IpamPool,
  field: string,
): boolean | IpamFailure {
  if (!isSelectorFault(selector)) return selects(selector, labels)
  return failure(
    'selector',
    `${field} of IP pool ${pool.name}: expected ${selector.expected} at character ${selector.position}`,
  )
}

/**
 * The pools for a node and a namespace, in order of use. Requested ones are taken as they come, whatever they select.
 * @param labels - of the node
 * @param namespace - labels of the namespace, where there is one
 * @calico libcalico-go/lib/ipam/ipam.go determinePools
 */
export function matchingPools(
  store: IpamStore,
  family: Family,
  labels: Labels,
  namespace: Labels | undefined,
  requested: readonly Prefix[],
): IpamPool[] | IpamFailure {
  const longest = family === 4 ? 32 : 128
  const enabled = enabledPools(store, family)
  if (!enabled.some(({ blockSize }) => blockSize <= longest)) return failure('no-pool', NO_QUALIFIED_POOL)
  const asked: IpamPool[] = []
  const byRange = new Map(enabled.map((pool) => [pool.cidr, pool]))
  for (const range of requested) {
    const pool = byRange.get(range)
    if (pool === undefined) {
      return failure('pool-unusable', `the given pool (${range}) does not exist, or is not enabled`)
    }
    asked.push(pool)
  }
  if (asked.length > 0) return asked
  const matching: IpamPool[] = []
  for (const pool of enabled) {
    if (pool.isManual) continue
    const forNode = chosen(pool.nodeSelector, labels, pool, 'nodeSelector')
    if (typeof forNode !== 'boolean') return forNode
    if (!forNode) continue
    const forNamespace = chosen(pool.namespaceSelector, namespace ?? {}, pool, 'namespaceSelector')
    if (typeof forNamespace !== 'boolean') return forNamespace
    if (forNamespace) matching.push(pool)
  }
  return matching
}

/** Pools of a request: those that match, and of them those that are for its use. */
export interface UsablePools {
  /** For the node, the namespace and the use. */
  readonly usable: readonly IpamPool[]
  /** For the node and the namespace. */
  readonly matching: readonly IpamPool[]
}

/** What a request for addresses says about pools. */
export interface PoolRequest {
  readonly family: Family
  readonly host: string
  readonly use: AllowedUse
  /** Namespace by name. */
  readonly namespace?: string
  /** Ranges of pools, in order. */
  readonly requested: readonly Prefix[]
}

/** The pools of a request; the refusal when none is left. */
export function usablePools(store: IpamStore, request: PoolRequest): UsablePools | IpamFailure {
  const { family, host, use, namespace, requested } = request
  // Load balancers have no node: their virtual one has no labels.
  const labels = use === 'LoadBalancer' ? {} : store.nodes.get(host)
  if (labels === undefined) {
    return failure('other', `resource does not exist: Node(${host}) with error: nodes "${host}" not found`)
  }
  const ofNamespace = namespace === undefined ? undefined : store.namespaces.get(namespace)
  const matching = matchingPools(store, family, labels, ofNamespace, requested)
  if (isFailure(matching)) return matching
  if (matching.length === 0) return failure('no-pool', `no configured Calico pools for node ${host}`)
  const usable = matching.filter(({ uses }) => uses.includes(use))
  if (usable.length > 0) return { usable, matching }
  return failure('no-pool', `${NO_QUALIFIED_POOL}, no pools match the required use (${use})`)
}
