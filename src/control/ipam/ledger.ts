import { keptIn } from '../../model/index.ts'
import type { Ip } from '../../wire/index.ts'
import {
  type AddressUser,
  type Allocation,
  type Block,
  type OpenBlock,
  settledBlock,
  slotAddress,
  slotOf,
  type TunnelKind,
} from './block.ts'
import type { PodPlans } from './pod-plans.ts'

/** Who holds an address: a pod by its place among the plans, or a tunnel, below zero. */
export type Holder = number

/** A tunnel of a node. */
interface Tunnel {
  readonly node: string
  readonly tunnel: TunnelKind
}

/**
 * Which addresses are in use and who has them, in the order in which they were given: columns of numbers, and an object for an
 * address when somebody looks at it.
 */
export class Ledger {
  private readonly plans: PodPlans
  private readonly tunnels: Tunnel[] = []
  /** How many addresses are in use; the columns are longer. */
  private count = 0
  private holders: Int32Array
  /** Numbers of blocks; below zero: in none. */
  private blocks: Int32Array
  private slots: Int32Array
  /** Blocks by number. */
  private readonly byNumber: OpenBlock[] = []
  /** Addresses that fill no slot: in no block, or somebody else has them, too. */
  private readonly loose = new Map<number, Ip>()
  private readonly made = new Map<number, Allocation>()
  private readonly finished = new Map<OpenBlock, Block>()

  constructor(plans: PodPlans) {
    this.plans = plans
    // Room for an address a pod, and tunnels: a list that grows is copied again and again.
    const room = plans.length + 2 * plans.nodes.length + 1
    this.holders = new Int32Array(room)
    this.blocks = new Int32Array(room)
    this.slots = new Int32Array(room)
  }

  /** How many there are; the id of the next one. */
  get length(): number {
    return this.count
  }

  /** A tunnel that is to hold an address. */
  tunnel(node: string, tunnel: TunnelKind): Holder {
    return -this.tunnels.push({ node, tunnel })
  }

  /** The name of a holder's node. */
  nodeOf(holder: Holder): string {
    return holder < 0 ? this.tunnels[-1 - holder]!.node : this.plans.nodeOf(holder).name
  }

  /** Gives a free slot to a holder. @returns the id of the allocation */
  occupy(block: OpenBlock, slot: number, holder: Holder): number {
    const id = this.add(block, slot, holder)
    block.ids[slot] = id
    block.used += 1
    if (block.affinity === undefined || this.nodeOf(holder) !== block.affinity) block.borrowed += 1
    return id
  }

  /** A holder has an address that fills no slot. @returns the id of the allocation */
  keep(address: Ip, block: OpenBlock | undefined, holder: Holder): number {
    const id = this.add(block, -1, holder)
    this.loose.set(id, address)
    return id
  }

  private add(block: OpenBlock | undefined, slot: number, holder: Holder): number {
    const id = this.count
    if (id === this.holders.length) this.grow()
    this.count = id + 1
    this.blocks[id] = block === undefined ? -1 : this.numberOf(block)
    this.slots[id] = slot
    this.holders[id] = holder
    return id
  }

  private numberOf(block: OpenBlock): number {
    if (block.number < 0) block.number = this.byNumber.push(block) - 1
    return block.number
  }

  private grow(): void {
    this.holders = doubled(this.holders)
    this.blocks = doubled(this.blocks)
    this.slots = doubled(this.slots)
  }

  /** Who holds an address, one after the other. @param block - the block it lies in */
  *holdersOf(address: Ip, block: OpenBlock | undefined): Iterable<Holder> {
    const id = block?.ids[slotOf(block, address)]
    if (id !== undefined) yield this.holders[id]!
    for (const [other, kept] of this.loose) if (kept === address) yield this.holders[other]!
  }

  /** Whose an allocation is. */
  holderOf(id: number): Holder {
    return this.holders[id]!
  }

  /** The slot that an allocation fills; -1 where it fills none. */
  slotOf(id: number): number {
    return this.slots[id]!
  }

  /** The block of an allocation. */
  blockOf(id: number): OpenBlock | undefined {
    return this.byNumber[this.blocks[id]!]
  }

  /** Whether an address may lie in no block, or in one that is wanted: of most clusters not one does. */
  mayHave(isWanted: (block: OpenBlock | undefined) => boolean): boolean {
    return this.loose.size > 0 || this.byNumber.some(isWanted)
  }

  /** The address of an allocation. */
  addressOf(id: number): Ip {
    const slot = this.slots[id]!
    return slot < 0 ? this.loose.get(id)! : slotAddress(this.blockOf(id)!, slot)
  }

  /** Who uses the address of an allocation. */
  userOf(id: number): AddressUser {
    const holder = this.holders[id]!
    return holder < 0 ? this.tunnels[-1 - holder]! : { node: this.nodeOf(holder), pod: this.plans.pods[holder]! }
  }

  /** An allocation, when all are made; the very same each time. */
  at(id: number): Allocation {
    return keptIn(this.made, id, () => {
      const block = this.blockOf(id)
      const where = block === undefined ? {} : { block: this.settled(block) }
      return { address: this.addressOf(id), ...where, ...this.userOf(id) }
    })
  }

  /** A block with all its users, when all are made; the very same each time. */
  settled(block: OpenBlock): Block {
    const known = this.finished.get(block)
    if (known !== undefined) return known
    const slots: (Allocation | undefined)[] = []
    const made = settledBlock(block, slots)
    this.finished.set(block, made)
    // Its users name it: it is known by now.
    for (const [slot, id] of block.ids.entries()) slots[slot] = id === undefined ? undefined : this.at(id)
    return made
  }
}

/** A column with as much room again. */
function doubled(column: Int32Array): Int32Array {
  const wider = new Int32Array(2 * column.length)
  wider.set(column)
  return wider
}
