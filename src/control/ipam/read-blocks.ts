import { pushTo } from '../../model/index.ts'
import { familyOf, type Ip, overlaps, type Prefix, prefixAddress, prefixLength } from '../../wire/index.ts'
import { numberOf } from '../address-number.ts'
import type { BlockAffinityResource, IPAMBlockResource } from '../calico-kinds.ts'
import type { Findings } from '../findings.ts'
import { objectName } from '../objects-by-kind.ts'
import { announcersOf, OpenBlock, slotAddress, type TunnelKind } from './block.ts'
import type { IpamBook } from './book.ts'
import { podKey } from './pod-address.ts'
import { checkSlots, storedRange } from './stored-block.ts'

/** `type` attribute of a stored allocation → tunnel. */
const STORED_TUNNEL: Readonly<Record<string, TunnelKind>> = {
  wireguardTunnelAddress: 'wireguard',
  wireguardV6TunnelAddress: 'wireguard-v6',
  ipipTunnelAddress: 'ipip',
  vxlanTunnelAddress: 'vxlan',
  vxlanV6TunnelAddress: 'vxlan-v6',
}

/** A block, and the object it was read from. */
interface ReadBlock {
  readonly block: OpenBlock
  readonly resource: IPAMBlockResource
}

/** Blocks that overlap are in one range of the largest size that a block can have. */
function neighbourhood({ base }: OpenBlock): string {
  return typeof base === 'number' ? `4 ${Math.floor(base / 2 ** 12)}` : `6 ${base >> 12n}`
}

/** The affinities of the input by range. */
type Affinities = ReadonlyMap<string, readonly BlockAffinityResource[]>

/**
 * Puts the blocks of the input into the book; their allocations say which pod or tunnel holds which slot. What real datastores
 * hold against each other has the effect it has there: Felix goes by the block, BIRD by the affinities.
 *
 * @param isTold - affinities tell who announces blocks, even where there is none of them here
 * @returns the ranges of the blocks
 * @param stored - takes the addresses of each holder: {@link podKey} or `TUNNEL NODE`
 * @calico felix/calc/l3_route_resolver.go, node/filesystem/etc/calico/confd/templates/bird_aggr.cfg.template
 */
export function readBlocks(
  book: IpamBook,
  blocks: readonly IPAMBlockResource[],
  affinities: readonly BlockAffinityResource[],
  stored: Map<string, Ip[]>,
  isTold: boolean,
  findings: Findings,
): ReadonlySet<Prefix> {
  const known = affinitiesByRange(affinities)
  const read: ReadBlock[] = []
  const near = new Map<string, ReadBlock[]>()
  for (const resource of blocks) {
    const { spec } = resource
    const cidr = storedRange(resource, findings)
    if (cidr === undefined) continue
    if (spec.deleted) {
      findings.warn(
        'invalid',
        resource,
        ['spec', 'deleted'],
        'false: a block that is marked as deleted counts as gone',
        'true',
      )
      continue
    }
    const block = storedBlock(book, cidr, spec.unallocated)
    if (!checkSlots(resource, block.size, findings)) continue
    if (spec.affinity?.startsWith('host:')) block.affinity = spec.affinity.slice('host:'.length)
    block.resource = resource
    if (isTold || known.size > 0) claim(block, resource, known, findings)
    else noteOrphan(block, resource, findings)
    book.add(block)
    readAllocations(block, resource, stored)
    const place = neighbourhood(block)
    noteOddRange(block, resource, near.get(place) ?? [], findings)
    pushTo(near, place, { block, resource })
    read.push({ block, resource })
  }
  const withBlock = new Set(read.map(({ block }) => block.cidr))
  for (const affinity of affinities) claimAlone(book, affinity, withBlock, findings)
  return withBlock
}

/** A block as it was stored: its free slots come back in the order of `unallocated`. */
function storedBlock(book: IpamBook, cidr: Prefix, unallocated: readonly number[]): OpenBlock {
  const first = prefixAddress(cidr)
  return new OpenBlock(cidr, numberOf(first), book.poolOf(first), [...unallocated])
}

function isLive({ spec }: BlockAffinityResource): boolean {
  return spec.type !== 'virtual' && String(spec.deleted) !== 'true'
}

function isConfirmed({ spec }: BlockAffinityResource): boolean {
  return (spec.state ?? 'confirmed') === 'confirmed'
}

function affinitiesByRange(affinities: readonly BlockAffinityResource[]): Affinities {
  const known = new Map<string, BlockAffinityResource[]>()
  for (const affinity of affinities.filter(isLive)) pushTo(known, affinity.spec.cidr, affinity)
  return known
}

/** Who announces a block, and what contradicts itself in that. */
function claim(block: OpenBlock, resource: IPAMBlockResource, known: Affinities, findings: Findings): void {
  const own = known.get(resource.spec.cidr) ?? []
  block.affinities = own
  const nodes = [...new Set(own.filter(isConfirmed).map(({ spec }) => spec.node))]
  const { affinity, cidr } = block
  if (affinity !== undefined) block.confirmed = nodes.includes(affinity)
  if (affinity !== undefined && own.length === 0) {
    const expected = `a BlockAffinity of ${affinity} for ${cidr}; without one BIRD of ${affinity} does not announce it`
    findings.warn('missing_reference', resource, ['spec', 'affinity'], expected, 'none')
  }
  const others = own.filter(({ spec }) => spec.node !== affinity)
  if (others.length > 0) block.claims = nodes
  for (const other of others) noteRival(block, resource, other, nodes, findings)
  if (own.length === 0) noteOrphan(block, resource, findings)
}

/** An affinity that the block knows nothing of: that node announces the block all the same, and blackholes it. */
function noteRival(
  { affinity, cidr }: OpenBlock,
  resource: IPAMBlockResource,
  other: BlockAffinityResource,
  announcers: readonly string[],
  findings: Findings,
): void {
  const { node } = other.spec
  const owner = affinity === undefined ? `no node` : affinity
  const effect = isConfirmed(other)
    ? `; each of ${announcers.join(' and ')} announces ${cidr}, and drops what is not for a pod of its own`
    : ''
  const expected = `the node that ${objectName(resource)} names as its affinity, ${owner}${effect}`
  findings.warn('invalid', other, ['spec', 'node'], expected, `${node}, for ${cidr}`)
  noteContested(other, announcers, cidr, findings)
}

function noteContested(
  resource: BlockAffinityResource,
  announcers: readonly string[],
  cidr: Prefix,
  findings: Findings,
): void {
  if (announcers.length < 2 || !isConfirmed(resource)) return
  const what = `${announcers.join(' and ')} announce ${cidr}, and other nodes spread packets over them`
  const check = `kubectl get blockaffinities -o wide | grep ${cidr}`
  findings.note('block_contested', resource, ['spec', 'node'], what, {
    check,
    scope: { kind: 'multipath', to: [cidr] },
  })
}

/** Addresses in a block that nobody owns: each is a route of its own, and nobody announces the block. */
function noteOrphan({ affinity, cidr }: OpenBlock, resource: IPAMBlockResource, findings: Findings): void {
  if (affinity !== undefined || resource.spec.affinity?.startsWith('virtual:') === true) return
  const used = resource.spec.allocations.filter((index) => index !== null).length
  if (used === 0) return
  const expected = `a node as owner of ${cidr}; without one each of its addresses is a route of its own`
  findings.warn('invalid', resource, ['spec', 'affinity'], expected, `none, with ${used} addresses in use`)
}

function readAllocations(block: OpenBlock, { spec }: IPAMBlockResource, stored: Map<string, Ip[]>): void {
  const lent: { readonly address: Ip; readonly node: string }[] = []
  spec.allocations.forEach((attribute, slot) => {
    if (attribute === null) return
    const about = spec.attributes?.[attribute]?.secondary ?? {}
    const tunnel = about['type'] === undefined ? undefined : STORED_TUNNEL[about['type']]
    const { node } = about
    const key = tunnel ? `${tunnel} ${node}` : podKey(`${about['namespace']}/${about['pod']}`, node)
    const address = slotAddress(block, slot)
    pushTo(stored, key, address)
    if (node !== undefined && node !== block.affinity) lent.push({ address, node })
  })
  if (lent.length > 0) block.lent = lent
}

/** A block of another size than its pool makes, or inside another one: the longer range decides. */
function noteOddRange(
  { cidr, pool }: OpenBlock,
  resource: IPAMBlockResource,
  before: readonly ReadBlock[],
  findings: Findings,
): void {
  const path = ['spec', 'cidr']
  if (pool !== undefined && prefixLength(cidr) !== pool.blockSize) {
    const expected = `a block of /${pool.blockSize}, which is the blockSize of ${objectName(pool.resource)}; it stays in use as it is`
    findings.warn('invalid', resource, path, expected, cidr)
  }
  for (const other of before) {
    if (!overlaps(other.block.cidr, cidr)) continue
    const same = other.block.cidr === cidr
    const expected = same
      ? `a range of its own, not that of ${objectName(other.resource)}`
      : `a range apart from ${objectName(other.resource)} (${other.block.cidr}); addresses in both follow the longer one`
    findings.warn('invalid', resource, path, expected, cidr)
  }
}

/** A BlockAffinity without its block: the block exists and is empty. */
function claimAlone(
  book: IpamBook,
  affinity: BlockAffinityResource,
  withBlock: ReadonlySet<Prefix>,
  findings: Findings,
): void {
  const cidr = storedRange(affinity, findings)
  if (cidr === undefined || !isLive(affinity) || withBlock.has(cidr)) return
  const existing = book.blockOfRange(cidr)
  if (existing) {
    joinRival(existing, affinity, findings)
    return
  }
  if (withBlock.size > 0) {
    const expected = `an IPAMBlock of ${cidr}; without one BIRD of ${affinity.spec.node} announces it, and nobody has an address of it`
    findings.warn('missing_reference', affinity, ['spec', 'cidr'], expected, cidr)
  }
  const block = storedBlock(book, cidr, [...Array(sizeOf(cidr)).keys()])
  block.affinity = affinity.spec.node
  block.confirmed = isConfirmed(affinity)
  block.affinities = [affinity]
  book.add(block)
}

/** A second node with an affinity for a block of which only affinities tell. */
function joinRival(block: OpenBlock, affinity: BlockAffinityResource, findings: Findings): void {
  const { node } = affinity.spec
  block.affinities = [...(block.affinities ?? []), affinity]
  const before = announcersOf(block)
  const owner = block.affinity ?? before.join(' and ')
  if (node === owner || before.includes(node)) return
  if (isConfirmed(affinity)) block.claims = [...before, node]
  const expected = `the only node with an affinity for ${block.cidr}, which ${owner} has`
  findings.warn('invalid', affinity, ['spec', 'node'], expected, `${node}, for ${block.cidr}`)
  noteContested(affinity, announcersOf(block), block.cidr, findings)
}

function sizeOf(cidr: Prefix): number {
  return 2 ** ((familyOf(cidr) === 4 ? 32 : 128) - prefixLength(cidr))
}
