import {
  explainPrefix,
  type Family,
  familyOf,
  overlaps,
  type Prefix,
  parsePrefix,
  prefixAddress,
  prefixLength,
} from '../../wire/index.ts'
import { type AddressNumber, numberOf } from '../address-number.ts'
import type { AllowedUse, EncapMode, IPPoolResource } from '../calico-kinds.ts'
import type { Findings } from '../findings.ts'
import { objectName } from '../objects-by-kind.ts'
import { isSelectorFault, parseSelector, type Selector } from '../selector.ts'

/** An IP pool, read and checked. */
export interface Pool {
  /** Name; decides the order of pools. */
  readonly name: string
  /** Range. */
  readonly cidr: Prefix
  /** Family. */
  readonly family: Family
  /** Prefix length of its blocks. */
  readonly blockSize: number
  /** First address. */
  readonly base: AddressNumber
  /** Number of blocks. */
  readonly blocks: bigint
  /** IPIP. */
  readonly ipip: EncapMode
  /** VXLAN. */
  readonly vxlan: EncapMode
  /** Masquerade what leaves the pools. */
  readonly natOutgoing: boolean
  /** No new allocations. */
  readonly disabled: boolean
  /** Only on request. */
  readonly manual: boolean
  /** Kept out of BGP. */
  readonly disableBgpExport: boolean
  /** Nodes that may allocate. */
  readonly nodeSelector: Selector
  /** Namespaces that may allocate; absent = all. */
  readonly namespaceSelector?: Selector
  /** Uses. */
  readonly uses: readonly AllowedUse[]
  /** The object. */
  readonly resource: IPPoolResource
}

/** Prefix lengths of blocks by family. @calico libcalico-go/lib/validator/v3/validator.go */
export const BLOCK_SIZES = { 4: { usual: 26, low: 20, high: 32 }, 6: { usual: 122, low: 116, high: 128 } } as const
/** Ranges that no pool may touch. */
export const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10'] as readonly string[] as readonly Prefix[]
const ALL: Selector = { op: 'all' }

function selectorOf(pool: IPPoolResource, field: 'nodeSelector' | 'namespaceSelector', findings: Findings): Selector {
  const text = pool.spec[field]
  if (text === undefined) return ALL
  const parsed = parseSelector(text)
  if (!isSelectorFault(parsed)) return parsed
  const expected = `a selector (at ${parsed.position}: ${parsed.expected})`
  findings.fault('invalid', pool, ['spec', field], expected, text)
  return ALL
}

function blockSizeOf(pool: IPPoolResource, cidr: Prefix, findings: Findings): number | undefined {
  const { usual, low, high } = BLOCK_SIZES[familyOf(cidr)]
  const size = pool.spec.blockSize ?? usual
  const path = ['spec', 'blockSize']
  if (!Number.isInteger(size) || size < low || size > high) {
    findings.fault('invalid', pool, path, `a prefix length from ${low} to ${high}`, String(size))
    return undefined
  }
  if (size < prefixLength(cidr)) {
    const expected = `a pool at least as large as its blocks (/${size})`
    findings.fault('invalid', pool, ['spec', 'cidr'], expected, cidr)
    return undefined
  }
  return size
}

/** Combinations of fields that the API refuses. */
function checkModes(pool: IPPoolResource, cidr: Prefix, findings: Findings): void {
  const { ipipMode = 'Never', vxlanMode = 'Never', allowedUses = [] } = pool.spec
  if (ipipMode !== 'Never' && vxlanMode !== 'Never') {
    const expected = 'at most one of ipipMode and vxlanMode other than Never'
    findings.fault('invalid', pool, ['spec', 'vxlanMode'], expected, `${ipipMode} and ${vxlanMode}`)
  }
  if (ipipMode !== 'Never' && familyOf(cidr) === 6) {
    findings.fault('invalid', pool, ['spec', 'ipipMode'], 'Never: IPIP does not carry IPv6', ipipMode)
  }
  if (!allowedUses.includes('LoadBalancer')) return
  if (allowedUses.length > 1) {
    findings.fault('invalid', pool, ['spec', 'allowedUses'], 'LoadBalancer alone', allowedUses.join(', '))
  }
  if (ipipMode !== 'Never' || vxlanMode !== 'Never') {
    findings.fault('invalid', pool, ['spec', 'allowedUses'], 'no encapsulation with LoadBalancer', 'encapsulation')
  }
}

function readPool(pool: IPPoolResource, findings: Findings): Pool | undefined {
  const cidr = parsePrefix(pool.spec.cidr)
  if (!cidr) {
    const why = explainPrefix(pool.spec.cidr)?.message ?? 'a network'
    findings.fault('invalid', pool, ['spec', 'cidr'], `a strictly masked network (${why})`, pool.spec.cidr)
    return undefined
  }
  if (LINK_LOCAL.some((range) => overlaps(range, cidr))) {
    findings.fault('invalid', pool, ['spec', 'cidr'], 'a range outside the link-local range', cidr)
  }
  const blockSize = blockSizeOf(pool, cidr, findings)
  if (blockSize === undefined) return undefined
  checkModes(pool, cidr, findings)
  const { spec } = pool
  const family = familyOf(cidr)
  return {
    name: pool.metadata.name,
    cidr,
    family,
    blockSize,
    base: numberOf(prefixAddress(cidr)),
    blocks: 1n << BigInt(blockSize - prefixLength(cidr)),
    ipip: family === 4 ? (spec.ipipMode ?? 'Never') : 'Never',
    vxlan: spec.vxlanMode ?? 'Never',
    natOutgoing: spec.natOutgoing ?? false,
    disabled: (spec.disabled ?? false) || pool.metadata.deletionTimestamp !== undefined,
    manual: spec.assignmentMode === 'Manual',
    disableBgpExport: spec.disableBGPExport ?? false,
    nodeSelector: selectorOf(pool, 'nodeSelector', findings),
    ...(spec.namespaceSelector ? { namespaceSelector: selectorOf(pool, 'namespaceSelector', findings) } : {}),
    uses: spec.allowedUses?.length ? spec.allowedUses : ['Workload', 'Tunnel'],
    resource: pool,
  }
}

/**
 * All pools, in the order in which they are used: by name. Pools that cannot be read are left out; every fault goes to
 * `findings`.
 *
 * @calico libcalico-go/lib/ipam/pools.go, libcalico-go/lib/clientv3/ippool.go
 */
export function readPools(resources: readonly IPPoolResource[], findings: Findings): Pool[] {
  const pools: Pool[] = []
  for (const resource of resources) {
    const pool = readPool(resource, findings)
    if (!pool) continue
    const other = pools.find((known) => overlaps(known.cidr, pool.cidr))
    if (other) {
      const expected = `a range apart from ${objectName(other.resource)} (${other.cidr})`
      findings.fault('invalid', resource, ['spec', 'cidr'], expected, pool.cidr)
      continue
    }
    pools.push(pool)
  }
  return pools.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
