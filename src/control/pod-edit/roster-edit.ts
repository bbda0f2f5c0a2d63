import { keptIn } from '../../model/index.ts'
import { type Ip, prefixLength } from '../../wire/index.ts'
import { plus } from '../address-number.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { usablePools } from '../ipam/assign.ts'
import { freeSlotsOf, type OpenBlock, type SlotAttribute, slotAddress, straysOf } from '../ipam/block.ts'
import { attributeOf, leakKey } from '../ipam/kept-block.ts'
import { podKey } from '../ipam/pod-address.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { byCreation } from '../objects-by-kind.ts'
import { namespacedName } from '../resource.ts'
import { selects } from '../selector.ts'
import { Roster, type RosterPod, type RosterState, type Slot } from './roster.ts'

/** What becomes of pods that have a network of their own. */
export interface PodChanges {
  /** Those that go: `namespace/name`. */
  readonly gone: readonly string[]
  /** Those of them for which nobody runs CNI DEL. */
  readonly leaks?: ReadonlySet<string>
  /** Those that stay on their nodes with their addresses and are told otherwise. */
  readonly told: readonly PodResource[]
  /** New ones, in order, with their nodes. */
  readonly added: readonly { readonly pod: PodResource; readonly node: ClusterNode }[]
}

/** What IPAM is asked for by new pods. */
export interface Asking {
  /** Families every pod asks for. */
  readonly families: readonly (4 | 6)[]
  /** Labels of a namespace. */
  readonly labelsOf: (namespace: string) => Readonly<Record<string, string>>
  /** Whether some node has an address in a block: who gets one of it is warned of. */
  readonly hasNodes: (block: OpenBlock) => boolean
}

type Draft = { -readonly [K in keyof RosterState]: RosterState[K] } & {
  told: Map<number, RosterPod>
  free: Map<OpenBlock, readonly number[]>
  leaked: Map<OpenBlock, ReadonlyMap<number, SlotAttribute>>
  out: Map<PodResource, RosterPod | null>
}

/** Whether a block is as Calico's IPAM makes it, and goes on to be its node's whoever leaves it. */
function isPlain({ claims, lent, confirmed, pool, cidr }: OpenBlock, node: ClusterNode): boolean {
  const isOdd = (claims ?? lent) !== undefined || !confirmed
  return !isOdd && pool?.blockSize === prefixLength(cidr) && selects(pool.nodeSelector, node.labels)
}

/**
 * The roster after an edit: what is given back comes behind all that was free, and new pods get the next address of a block of their
 * node. Undefined where that is not all there is to it: a block must be claimed or borrowed from, or is out of the ordinary.
 *
 * @calico libcalico-go/lib/ipam/ipam.go
 */
export function rosterAfter(
  roster: Roster,
  { gone, told, added, leaks }: PodChanges,
  asking: Asking,
): Roster | undefined {
  const { state } = roster
  const draft: Draft = {
    ...state,
    told: new Map(state.told),
    free: new Map(state.free),
    leaked: new Map(state.leaked),
    out: new Map(state.out),
  }
  for (const netns of gone) if (!leave(roster, draft, netns, leaks?.has(netns) === true)) return undefined
  for (const pod of told) if (!retell(roster, draft, pod)) return undefined
  for (const { pod, node } of added) if (!arrive(roster, draft, pod, node, asking)) return undefined
  return new Roster(roster.base, roster.placeBefore, draft)
}

function freeIn(draft: Draft, block: OpenBlock): readonly number[] {
  return draft.free.get(block) ?? freeSlotsOf(block)
}

function leave(roster: Roster, draft: Draft, netns: string, isLeaked: boolean): boolean {
  const own = roster.edited(netns)
  if (own !== undefined && own.place < 0) {
    draft.added = draft.added.filter((one) => one !== own)
    return own.slots.every((one) => release(draft, one, own, isLeaked))
  }
  const place = own?.place ?? roster.placeBefore(netns)
  if (place < 0 || roster.isGone(place)) return false
  const { pods, ledger } = roster.base
  const node = pods.node(place)
  for (const id of pods.idsOf(place)) {
    const block = ledger.slotOf(id) < 0 ? undefined : ledger.blockOf(id)
    if (block === undefined) return false
    const user = { node, pod: own?.pod ?? pods.pod(place) }
    if (!release(draft, { block, slot: ledger.slotOf(id) }, user, isLeaked)) return false
  }
  draft.gone = [...draft.gone.filter((one) => one < place), place, ...draft.gone.filter((one) => one > place)]
  draft.told.delete(place)
  draft.out.set(pods.pod(place), null)
  return true
}

/** A slot is given back, or stays taken in the name of a pod that is gone. */
function release(
  draft: Draft,
  { block, slot }: Slot,
  { node, pod }: Pick<RosterPod, 'node' | 'pod'>,
  isLeaked: boolean,
): boolean {
  if (block.affinity !== node.name || !isPlain(block, node)) return false
  const free = freeIn(draft, block)
  draft.free.set(block, isLeaked ? free : [...free, slot])
  if (isLeaked) {
    const attribute = attributeOf({ node: node.name, pod })
    draft.leaked.set(block, new Map(draft.leaked.get(block)).set(slot, attribute))
  }
  return true
}

function retell(roster: Roster, draft: Draft, pod: PodResource): boolean {
  const netns = namespacedName(pod.metadata)
  const own = roster.edited(netns)
  if (own !== undefined && own.place < 0) {
    draft.added = draft.added.map((one) => (one === own ? { ...own, pod } : one))
    return true
  }
  const place = own?.place ?? roster.placeBefore(netns)
  if (place < 0 || roster.isGone(place)) return false
  const { pods } = roster.base
  const fresh = own ?? { node: pods.node(place), addresses: pods.addresses(place), place, anchor: -1, slots: [] }
  const made = { ...fresh, pod }
  draft.told.set(place, made)
  draft.out.set(pods.pod(place), made)
  return true
}

function arrive(roster: Roster, draft: Draft, pod: PodResource, node: ClusterNode, asking: Asking): boolean {
  const { book } = roster.base
  if (hasLeaked(roster, draft, podKey(namespacedName(pod.metadata), node.name))) return false
  const namespaceLabels = asking.labelsOf(pod.metadata.namespace ?? 'default')
  const slots: Slot[] = []
  const addresses: Ip[] = []
  for (const family of asking.families) {
    const pools = usablePools(book, { node, family, use: 'Workload', namespaceLabels })
    const own = book.ownedBy(node.name)
    if (!own.every((block) => isPlain(block, node))) return false
    const found = firstFree(roster, draft, own, (block) => pools.includes(block.pool!))
    if (found === undefined || asking.hasNodes(found.block)) return false
    const { block, slot } = found
    draft.free.set(
      block,
      freeIn(draft, block).filter((one) => one !== slot),
    )
    slots.push(found)
    addresses.push(slotAddress(block, slot))
  }
  const made = { pod, node, addresses, place: -1, anchor: roster.anchorOf(pod), slots }
  const at = draft.added.findIndex(
    (one) => one.anchor > made.anchor || (one.anchor === made.anchor && byCreation(one.pod, pod) > 0),
  )
  draft.added = at < 0 ? [...draft.added, made] : [...draft.added.slice(0, at), made, ...draft.added.slice(at)]
  return true
}

/** Whether a block holds an address in the name of a pod that is gone, and of this name: kubelet gives that back first. */
function hasLeaked({ base }: Roster, { leaked }: Draft, key: string): boolean {
  for (const slots of leaked.values()) for (const one of slots.values()) if (leakKey(one) === key) return true
  return keptIn(strays, base, () => strayKeys(base)).has(key)
}

const strays = new WeakMap<Roster['base'], ReadonlySet<string>>()

function strayKeys({ blocks }: Roster['base']): ReadonlySet<string> {
  return new Set(blocks.flatMap((block) => [...straysOf(block).values()].map(leakKey)))
}

function firstFree(
  { base }: Roster,
  draft: Draft,
  blocks: readonly OpenBlock[],
  isUsable: (block: OpenBlock) => boolean,
): Slot | undefined {
  const { reserved } = base.book
  for (const block of blocks) {
    if (!isUsable(block)) continue
    const slot = freeIn(draft, block).find((one) => !reserved(plus(block.base, one)))
    if (slot !== undefined) return { block, slot }
  }
  return undefined
}
