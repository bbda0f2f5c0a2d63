import { toHex } from '../../wire/index.ts'
import type { BlockAffinityResource, IPAMBlockResource } from '../calico-kinds.ts'
import { podDigest } from '../names.ts'
import { namespacedName } from '../resource.ts'
import {
  type AddressUser,
  freeSlotsOf,
  type OpenBlock,
  type SlotAttribute,
  straysOf,
  type TunnelKind,
} from './block.ts'
import type { Ledger } from './ledger.ts'
import { podKey } from './pod-address.ts'
import { cidrName } from './store/ipam-store.ts'

const API = 'crd.projectcalico.org/v1'

/** Who has a slot: by the id of its allocation, or somebody of whom only the block tells. */
type SlotHolder = number | SlotAttribute

/** A block as a datastore keeps it from one state of a cluster to the next; what happens between them changes it. */
export interface KeptBlock {
  /** As it was. */
  readonly before: OpenBlock
  /** Node that owns it. */
  affinity: string | undefined
  /** Who has which slot. */
  readonly slots: (SlotHolder | undefined)[]
  /** Free slots, in the order in which they are handed out. */
  readonly free: number[]
  /** Whether it is another one than it was. */
  isChanged: boolean
  /** Whether somebody gave back an address of it. */
  isReleased: boolean
}

/** A block before anything happens to it. */
export function keptBlock(block: OpenBlock): KeptBlock {
  const slots: KeptBlock['slots'] = block.ids.slice()
  if (block.resource !== undefined) for (const [slot, stray] of straysOf(block)) slots[slot] = stray
  return new Kept(block, slots)
}

/** Of most blocks nobody asks which slots are free. */
class Kept implements KeptBlock {
  readonly before: OpenBlock
  readonly slots: KeptBlock['slots']
  affinity: string | undefined
  isChanged = false
  isReleased = false
  private known: number[] | undefined

  constructor(before: OpenBlock, slots: KeptBlock['slots']) {
    this.before = before
    this.slots = slots
    this.affinity = before.affinity
  }

  get free(): number[] {
    this.known ??= freeSlotsOf(this.before)
    return this.known
  }
}

/** Gives back a slot: it comes behind all that are free. */
export function releaseSlot(block: KeptBlock, slot: number): void {
  block.slots[slot] = undefined
  block.free.push(slot)
  block.isChanged = true
  block.isReleased = true
}

/** Whether nobody has an address of it. */
export function isUnused({ slots }: KeptBlock): boolean {
  return slots.every((holder) => holder === undefined)
}

/** The attribute `type` of tunnel addresses. @calico libcalico-go/lib/ipam/ipam_types.go */
const TUNNEL_TYPE: Readonly<Record<TunnelKind, string>> = {
  wireguard: 'wireguardTunnelAddress',
  'wireguard-v6': 'wireguardV6TunnelAddress',
  ipip: 'ipipTunnelAddress',
  vxlan: 'vxlanTunnelAddress',
  'vxlan-v6': 'vxlanV6TunnelAddress',
}

/**
 * What an allocation is found and given back by: the same for all addresses of a pod, and another where a pod of its name is on another
 * node. No object tells the id of its container.
 */
function handleOf({ node, pod, tunnel }: AddressUser): string {
  if (pod === undefined) return `${tunnel ?? 'unknown'}-tunnel-addr-${node}`
  const [namespace = '', name = ''] = namespacedName(pod.metadata).split('/')
  const given = pod.metadata.annotations?.['cni.projectcalico.org/containerID']
  const digest = given ?? toHex(podDigest(namespace, `${name} ${node}`))
  return `k8s-pod-network.${digest}`
}

/** What a block says of the holder of a slot. */
export function attributeOf(user: AddressUser): SlotAttribute {
  const { node, pod, tunnel } = user
  const handle_id = handleOf(user)
  if (pod === undefined) return { handle_id, secondary: { node, ...(tunnel ? { type: TUNNEL_TYPE[tunnel] } : {}) } }
  const [namespace = '', name = ''] = namespacedName(pod.metadata).split('/')
  return { handle_id, secondary: { namespace, node, pod: name } }
}

/** Whose a slot was that a block has given away: as {@link podKey} has it. */
export function leakKey({ secondary }: SlotAttribute): string {
  return podKey(`${secondary?.['namespace']}/${secondary?.['pod']}`, secondary?.['node'])
}

/** Which object a block is now: the very one it was read from where it says the same. */
export function blockResource(block: KeptBlock, ledger: Ledger): IPAMBlockResource {
  const { before, slots, free, affinity } = block
  const { cidr, size, resource } = before
  const attributes: SlotAttribute[] = []
  const places = new Map<string, number>()
  const allocations = Array.from({ length: size }, (_, slot): number | null => {
    const holder = slots[slot]
    if (holder === undefined) return null
    const attribute = typeof holder === 'number' ? attributeOf(ledger.userOf(holder)) : holder
    const key = JSON.stringify(attribute)
    const known = places.get(key) ?? attributes.push(attribute) - 1
    places.set(key, known)
    return known
  })
  if (resource !== undefined && isLike(resource, block, attributes, allocations)) return resource
  const virtual = resource?.spec.affinity?.startsWith('virtual:') === true ? resource.spec.affinity : null
  const spec = {
    cidr,
    affinity: affinity === undefined ? virtual : `host:${affinity}`,
    allocations,
    unallocated: free,
    attributes,
    strictAffinity: resource?.spec.strictAffinity ?? false,
  }
  const name = resource?.metadata.name ?? cidrName(cidr)
  return { apiVersion: resource?.apiVersion ?? API, kind: 'IPAMBlock', metadata: { name }, spec }
}

/** Whether the object a block was read from still holds: its holders are those it names, and free are the same, in the same order. */
function isLike(
  { spec }: IPAMBlockResource,
  { before, affinity, free }: KeptBlock,
  attributes: readonly SlotAttribute[],
  allocations: readonly (number | null)[],
): boolean {
  if (before.affinity !== affinity || free.length !== spec.unallocated.length) return false
  if (free.some((slot, i) => slot !== spec.unallocated[i])) return false
  return allocations.every((index, slot) => {
    const known = spec.allocations[slot] ?? null
    if (index === null || known === null) return index === known
    const [mine, stored] = [attributes[index], spec.attributes?.[known]].map((one) => one?.secondary ?? {})
    return (['namespace', 'pod', 'node', 'type'] as const).every((key) => mine![key] === stored![key])
  })
}

/** Its affinities as objects. */
export function affinityResources({ before, affinity }: KeptBlock): readonly BlockAffinityResource[] {
  const { cidr, affinities } = before
  if (affinities !== undefined) {
    return affinity === before.affinity ? affinities : affinities.filter(({ spec }) => spec.node !== before.affinity)
  }
  if (affinity === undefined) return []
  const spec = { cidr, node: affinity, state: 'confirmed', type: 'host', deleted: 'false' } as const
  return [{ apiVersion: API, kind: 'BlockAffinity', metadata: { name: `${affinity}-${cidrName(cidr)}` }, spec }]
}
