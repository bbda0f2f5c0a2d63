import type { Namespace } from '../../model/index.ts'
import type { NetNs } from '../kernel/netns.ts'
import type { Change, Part, PartKind } from '../kernel/part.ts'
import { compileNetfilter, type Netfilter, type NetfilterSnapshot } from './netfilter.ts'
import { NETFILTER_SLOT } from './slot.ts'

/** What {@link NetfilterPart.save} gives and {@link NetfilterPart.load} takes. */
export interface SavedNetfilter {
  /** The compiled chains and whether they are those of the model. */
  readonly compiled: Netfilter | null
  /** See `compiled`. */
  readonly isFresh: boolean
  /** The model they were compiled from; null where its devices are others by now. */
  readonly from: Namespace | null
  /** Connections, counters and what rules remember. */
  readonly state: NetfilterSnapshot | undefined
}

/** Netfilter in a namespace, compiled when first asked for. */
export class NetfilterPart implements Part<SavedNetfilter> {
  private readonly ns: NetNs
  private compiled: Netfilter | null = null
  private from: Namespace | null = null
  private isFresh = false

  constructor(ns: NetNs) {
    this.ns = ns
  }

  /** Chains and connections; null while no table is loaded. */
  get nf(): Netfilter | null {
    return this.isFresh ? this.compiled : this.compile()
  }

  private compile(): Netfilter | null {
    const { model } = this.ns
    if (this.from === null || rulesDiffer(this.from, model)) {
      this.compiled = compileNetfilter(this.ns, this.compiled)
      this.from = model
    }
    this.isFresh = true
    return this.compiled
  }

  update({ devices }: Pick<Change, 'devices'>): void {
    if (devices) this.from = null
    this.isFresh = false
  }

  save(): SavedNetfilter {
    const { compiled, isFresh, from } = this
    return { compiled, isFresh, from, state: compiled?.save() }
  }

  load(saved: SavedNetfilter): void {
    this.compiled = saved.compiled
    this.isFresh = saved.isFresh
    this.from = saved.from
    if (saved.state !== undefined) this.compiled?.load(saved.state)
  }
}

function rulesDiffer(before: Namespace, after: Namespace): boolean {
  return (
    before.iptables !== after.iptables ||
    before.ip6tables !== after.ip6tables ||
    before.ipsets !== after.ipsets ||
    before.conntrack !== after.conntrack
  )
}

/** Netfilter. */
export const NETFILTER: Readonly<PartKind<NetfilterPart>> = {
  slot: NETFILTER_SLOT,
  make: (ns) => new NetfilterPart(ns),
}
