import { keptIn } from '../../model/index.ts'
import type { IPAMBlockResource } from '../calico-kinds.ts'
import { AssignedPods } from '../ipam/assigned-pods.ts'
import { OpenBlock } from '../ipam/block.ts'
import type { Ipam } from '../ipam/cluster-ipam.ts'
import { attributeOf, blockResource, type KeptBlock, keptBlock } from '../ipam/kept-block.ts'
import { Ledger } from '../ipam/ledger.ts'
import { PodPlans } from '../ipam/pod-plans.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import type { Roster } from './roster.ts'

/** What IPAM has given by a roster, as columns: for those who look at all of it. */
export function flatIpam(roster: Roster): Ipam {
  const { base, state } = roster
  const { plans, placeOf, placeOfAdded } = plansOf(roster)
  const ledger = new Ledger(plans)
  const blocks = new Map(base.blocks.map((block) => [block, emptied(block, state.free.get(block))]))
  for (const [block, free] of state.free) {
    if (block.resource !== undefined || state.leaked.has(block))
      blocks.get(block)!.resource = storedBlock(roster, block, free)
  }
  const pods = new AssignedPods(plans, ledger)
  for (let id = 0; id < base.ledger.length; ) id = handOver(roster, id, placeOf, blocks, ledger, pods)
  state.added.forEach(({ slots }, i) => {
    const plan = placeOfAdded[i]!
    const start = ledger.length
    for (const { block, slot } of slots) ledger.occupy(blocks.get(block)!, slot, plan)
    pods.take(plan, start)
  })
  return {
    ...base,
    blocks: placed([...blocks.values()]),
    pods,
    ledger,
    blockOf: (address) => {
      const block = base.blockOf(address)
      return block && blocks.get(block)
    },
    plans,
    carried: base.carried ?? { affinities: [] },
  }
}

function placed(blocks: readonly OpenBlock[]): readonly OpenBlock[] {
  blocks.forEach((block, place) => {
    block.place = place
  })
  return blocks
}

/** Those that may have an address, and where those are that had one, and those that are new; -1 for one that is gone. */
function plansOf({ base, state }: Roster): {
  readonly plans: PodPlans
  readonly placeOf: Int32Array
  readonly placeOfAdded: readonly number[]
} {
  const { plans } = base
  const { added, out } = state
  const pods: PodResource[] = []
  const places: number[] = []
  const placeOf = new Int32Array(plans.length).fill(-1)
  const placeOfAdded: number[] = []
  const nodes = new Map<string, number>()
  const add = (until: number): void => {
    for (
      let one = added[placeOfAdded.length];
      one !== undefined && one.anchor <= until;
      one = added[placeOfAdded.length]
    ) {
      const { node, pod } = one
      placeOfAdded.push(pods.push(pod) - 1)
      places.push(keptIn(nodes, node.name, () => plans.nodes.indexOf(node)))
    }
  }
  plans.pods.forEach((pod, plan) => {
    add(plan)
    const now = out.get(pod)
    if (now === null) return
    placeOf[plan] = pods.push(now?.pod ?? pod) - 1
    places.push(plans.places[plan]!)
  })
  add(plans.length)
  return { plans: new PodPlans(pods, places, plans.nodes), placeOf, placeOfAdded }
}

/** A block with nobody in it yet. @param free - its free slots, where they are others than they were */
function emptied(block: OpenBlock, free: readonly number[] | undefined): OpenBlock {
  const { cidr, base, pool, old, released, next } = block
  const made = new OpenBlock(cidr, base, pool, free ?? (old ? released : undefined))
  const { affinity, confirmed, claims, lent, resource, affinities } = block
  Object.assign(made, { affinity, confirmed, claims, lent, resource, affinities })
  if (free === undefined) made.next = next
  return made
}

/** The object of a block that was read from one, as it is now. */
function storedBlock({ base, state }: Roster, block: OpenBlock, free: readonly number[]): IPAMBlockResource {
  const { plans, ledger } = base
  const kept: KeptBlock = { ...keptBlock(block), free: [...free] }
  for (const [slot, id] of block.ids.entries()) {
    const holder = id === undefined ? -1 : ledger.holderOf(id)
    if (holder >= 0 && state.out.get(plans.pods[holder]!) === null) kept.slots[slot] = undefined
  }
  for (const { pod, node, slots } of state.added) {
    for (const own of slots) if (own.block === block) kept.slots[own.slot] = attributeOf({ pod, node: node.name })
  }
  for (const [slot, attribute] of state.leaked.get(block) ?? []) kept.slots[slot] = attribute
  return blockResource(kept, ledger)
}

/** Gives an allocation to who had it, and all others of a pod. @returns the id of the next one */
function handOver(
  { base }: Roster,
  first: number,
  placeOf: Int32Array,
  blocks: ReadonlyMap<OpenBlock, OpenBlock>,
  ledger: Ledger,
  pods: AssignedPods,
): number {
  const holder = base.ledger.holderOf(first)
  const last = holder < 0 ? first + 1 : base.pods.endOf(holder)
  const user = holder < 0 ? base.ledger.userOf(first) : undefined
  const heir = user === undefined ? placeOf[holder]! : ledger.tunnel(user.node, user.tunnel!)
  if (user === undefined && heir < 0) return last
  const start = ledger.length
  for (let id = first; id < last; id++) {
    const block = base.ledger.blockOf(id)
    const now = block && blocks.get(block)
    const slot = base.ledger.slotOf(id)
    if (slot < 0) ledger.keep(base.ledger.addressOf(id), now, heir)
    else ledger.occupy(now!, slot, heir)
  }
  if (user === undefined) pods.take(heir, start)
  return last
}
