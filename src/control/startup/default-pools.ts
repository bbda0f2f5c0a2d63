import {
  contains,
  type Family,
  familyOf,
  type Ip,
  overlaps,
  type Prefix,
  parseCidr,
  prefixLength,
  prefixOf,
} from '../../wire/index.ts'
import type { EncapMode } from '../calico-kinds.ts'
import { BLOCK_SIZES, LINK_LOCAL } from '../ipam/pool.ts'
import { isSelectorFault, parseSelector } from '../selector.ts'
import type { PodSubnets } from './kubeadm.ts'

/** What decides about the pools that calico-node makes. */
export interface PoolSituation {
  /** A variable of its environment; undefined when it is not set. */
  readonly variable: (name: string) => string | undefined
  /** Ranges of kubeadm; absent: no kubeadm. */
  readonly podSubnets?: PodSubnets
  /** Pools that are there. */
  readonly pools: readonly { readonly name: string; readonly cidr: string }[]
  /** Blocks that are there. */
  readonly blocks: readonly Prefix[]
  /** Addresses of the machine: the usual range keeps clear of them. */
  readonly hostAddresses: readonly Ip[]
  /** Whether the kernel has IPv6. */
  readonly ipv6: boolean
  /** A range of IPv6 drawn at random; absent: what nobody named gets no pool. */
  readonly randomRange?: () => Prefix
}

/** A pool that calico-node makes. */
export interface MadePool {
  /** Name. */
  readonly name: string
  /** Its range and settings, as far as the environment tells them. */
  readonly spec: {
    readonly cidr: Prefix
    readonly ipipMode: EncapMode
    readonly vxlanMode: EncapMode
    readonly natOutgoing: boolean
    readonly blockSize: number
    readonly nodeSelector?: string
    readonly disableBGPExport: boolean
  }
}

/** Why calico-node ends instead of making pools. */
export interface PoolFault {
  /** The variable that is wrong. */
  readonly variable: string
  /** What would be right. */
  readonly expected: string
  /** The last words of calico-node. */
  readonly message: string
}

/** The pools that calico-node makes, up to where it gives up, and what it says. */
export interface DefaultPools {
  readonly pools: readonly MadePool[]
  readonly fault?: PoolFault
  readonly messages: readonly string[]
}

const FIRST_RANGE = '192.168.0.0/16' as Prefix
const FALLBACKS = Array.from({ length: 16 }, (_, i) => `172.${16 + i}.0.0/16` as Prefix)
const NAT_OUTGOING = { 4: true, 6: false } as const

/** The modes of an encapsulation as the environment spells them, in any case. */
const MODES: Readonly<Record<string, EncapMode>> = {
  '': 'Never',
  off: 'Never',
  never: 'Never',
  always: 'Always',
  crosssubnet: 'CrossSubnet',
  'cross-subnet': 'CrossSubnet',
}

/** A pool as it is read from the environment, before its modes are looked at. */
interface Draft {
  readonly family: Family
  readonly cidr: Prefix
  readonly blockSize: number
  readonly nodeSelector: string
}

/**
 * The pools that calico-node makes at its start where there is none of a family. What is wrong with the variables of one
 * family ends it before any pool is made; wrong modes, and what the API refuses, only when it comes to that pool.
 *
 * @calico node/pkg/lifecycle/startup/startup.go configureIPPools
 */
export function defaultPools(situation: PoolSituation): DefaultPools {
  const { variable } = situation
  const messages: string[] = []
  const wanted = { 4: variable('CALICO_IPV4POOL_CIDR') ?? '', 6: variable('CALICO_IPV6POOL_CIDR') ?? '' }
  if (variable('NO_DEFAULT_POOLS')?.toLowerCase() === 'true') {
    if (wanted[4] === '' && wanted[6] === '') return { pools: [], messages: ['Skipping IP pool configuration'] }
    const message =
      'Invalid configuration with NO_DEFAULT_POOLS defined and CALICO_IPV4POOL_CIDR or CALICO_IPV6POOL_CIDR defined.'
    return { pools: [], fault: { variable: 'NO_DEFAULT_POOLS', expected: 'no range beside it', message }, messages }
  }
  const drafts: Draft[] = []
  for (const family of [4, 6] as const) {
    if (wanted[family] === 'none') {
      messages.push(`Skipping IPv${family} pool configuration`)
      continue
    }
    const draft = draftOf(family, wanted[family], situation, messages)
    if (draft === undefined) continue
    if ('message' in draft) return { pools: [], fault: draft, messages }
    drafts.push(draft)
  }
  const pools: MadePool[] = []
  for (const draft of drafts) {
    const { family } = draft
    if (isThere(family, situation) || (family === 6 && !speaksIpv6(situation, messages))) continue
    const made = poolOf(draft, variable)
    const fault = 'message' in made ? made : refusal(draft, made, situation, pools)
    if (fault !== undefined) return { pools, fault, messages }
    const pool = made as MadePool
    if (situation.pools.some(({ name }) => name === pool.name)) continue
    pools.push(pool)
    messages.push(`Created default IPv${family} pool (${draft.cidr}) with NAT outgoing ${pool.spec.natOutgoing}.`)
  }
  return { pools, messages }
}

function isThere(family: Family, { pools }: PoolSituation): boolean {
  return pools.some(({ cidr }) => parseCidr(cidr) !== undefined && familyOf(cidr) === family)
}

function speaksIpv6({ variable, ipv6 }: PoolSituation, messages: string[]): boolean {
  if (!flag(variable('FELIX_IPV6SUPPORT'), true)) return false
  messages.push(`IPv6 supported on this platform: ${ipv6}`)
  return ipv6
}

function draftOf(
  family: Family,
  given: string,
  situation: PoolSituation,
  messages: string[],
): Draft | PoolFault | undefined {
  const { variable, podSubnets } = situation
  const named = (name: string): string => `CALICO_IPV${family}POOL_${name}`
  const sizeText = variable(named('BLOCK_SIZE')) ?? ''
  const size = sizeText === '' ? BLOCK_SIZES[family].usual : wholeNumber(sizeText)
  const { low, high } = BLOCK_SIZES[family]
  if (size === undefined || size < low || size > high) {
    const expected = `a prefix length from ${low} to ${high}`
    const message =
      size === undefined ? 'Unable to convert blocksize to int' : `Invalid blocksize ${size} for version ${family}`
    return { variable: named('BLOCK_SIZE'), expected, message }
  }
  const nodeSelector = variable(named('NODE_SELECTOR')) ?? ''
  const parsed = parseSelector(nodeSelector)
  if (isSelectorFault(parsed)) {
    const expected = `a selector (at ${parsed.position}: ${parsed.expected})`
    const message = `Invalid node selector '${nodeSelector}' for version ${family}: ${parsed.expected}`
    return { variable: named('NODE_SELECTOR'), expected, message }
  }
  const ofKubeadm = given === '' ? podSubnets?.[`ipv${family}`] : undefined
  if (ofKubeadm !== undefined) messages.push(`found v${family}=${ofKubeadm} in the kubeadm config map`)
  const text = given || ofKubeadm || usualRange(family, situation, messages)
  if (text === undefined) return undefined
  const cidr = parseCidr(text)
  if (cidr === undefined || familyOf(cidr.address) !== family) {
    const message = `Invalid CIDR specified in ${named('CIDR')} '${text}'`
    return { variable: named('CIDR'), expected: `an IPv${family} CIDR`, message }
  }
  return { family, cidr: prefixOf(cidr.address, cidr.length), blockSize: size, nodeSelector }
}

/** 192.168.0.0/16, or the first of 172.16.0.0/16 to 172.31.0.0/16 where the machine has an address in it; else one drawn. */
function usualRange(
  family: Family,
  { hostAddresses, randomRange }: PoolSituation,
  messages: string[],
): Prefix | undefined {
  if (family === 6) return randomRange?.()
  const free = [FIRST_RANGE, ...FALLBACKS].find((range) => !hostAddresses.some((address) => contains(range, address)))
  const range = free ?? FIRST_RANGE
  messages.push(`Selected default IP pool is '${range}'`)
  return range
}

function poolOf(draft: Draft, variable: PoolSituation['variable']): MadePool | PoolFault {
  const { family, cidr, blockSize, nodeSelector } = draft
  const named = (name: string): string => `CALICO_IPV${family}POOL_${name}`
  const modes: Record<'IPIP' | 'VXLAN', EncapMode> = { IPIP: 'Never', VXLAN: 'Never' }
  for (const way of family === 4 ? (['IPIP', 'VXLAN'] as const) : (['VXLAN'] as const)) {
    const text = variable(named(way))?.toLowerCase() ?? ''
    const mode = MODES[text]
    if (mode === undefined) {
      const message = `Unrecognized ${way} mode specified in ${named(way)} '${text}'`
      return { variable: named(way), expected: 'Always, CrossSubnet or Never', message }
    }
    modes[way] = mode
  }
  return {
    name: `default-ipv${family}-ippool`,
    spec: {
      cidr,
      ipipMode: modes.IPIP,
      vxlanMode: modes.VXLAN,
      natOutgoing: flag(variable(named('NAT_OUTGOING')), NAT_OUTGOING[family]),
      blockSize,
      ...(nodeSelector === '' ? {} : { nodeSelector }),
      disableBGPExport: flag(variable(named('DISABLE_BGP_EXPORT')), false),
    },
  }
}

/** Why the API refuses a pool. @calico libcalico-go/lib/clientv3/ippool.go */
function refusal(
  { family }: Draft,
  { name, spec }: MadePool,
  situation: PoolSituation,
  made: readonly MadePool[],
): PoolFault | undefined {
  const { cidr, blockSize, ipipMode, vxlanMode } = spec
  const there = [...situation.pools, ...made.map((pool) => ({ name: pool.name, cidr: pool.spec.cidr as string }))]
  const refused = (what: string, expected: string, why: string): PoolFault => ({
    variable: `CALICO_IPV${family}POOL_${what}`,
    expected,
    message: `Failed to create default IPv${family} IP pool: ${cidr}: ${why}`,
  })
  if (ipipMode !== 'Never' && vxlanMode !== 'Never') {
    return refused('VXLAN', 'Never beside IPIP', 'ipipMode and vxlanMode cannot both be enabled')
  }
  if (prefixLength(cidr) > blockSize) {
    return refused('CIDR', `a range at least as large as its blocks (/${blockSize})`, 'IP pool size is too small')
  }
  if (LINK_LOCAL.some((range) => overlaps(range, cidr))) {
    return refused('CIDR', 'a range outside the link-local range', 'overlaps with IPv4 or IPv6 link-local ranges')
  }
  const other = there.find((pool) => {
    const range = pool.name === name ? undefined : parseCidr(pool.cidr)
    return range !== undefined && overlaps(prefixOf(range.address, range.length), cidr)
  })
  if (other !== undefined) {
    return refused('CIDR', 'a range of its own', `IPPool(${name}) CIDR overlaps with IPPool(${other.name})`)
  }
  if (situation.blocks.some((block) => prefixLength(block) !== blockSize && overlaps(block, cidr))) {
    const why = 'IPPool blocksSize conflicts with existing allocations that use a different blockSize'
    return refused('BLOCK_SIZE', 'the size of the blocks that are there', why)
  }
  return undefined
}

/** A truth value of the environment: all but the words for no are a yes, the empty text too. */
function flag(text: string | undefined, usual: boolean): boolean {
  return text === undefined ? usual : !['false', '0', 'no', 'n', 'f'].includes(text.toLowerCase())
}

/** What Go's `strconv.Atoi` makes of a text. */
function wholeNumber(text: string): number | undefined {
  return /^[+-]?[0-9]+$/.test(text) ? Number(text) : undefined
}
