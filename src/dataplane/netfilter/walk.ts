import type { RuleHit, TableName } from '../../model/index.ts'
import type { WalkedRules } from '../kernel/log-row.ts'
import type { PacketBuffer } from '../kernel/skb.ts'
import { NF_LOCAL_OUT } from '../kernel/stack.ts'
import { deviceOf, type NfPacket } from './packet.ts'
import { CONTINUE, type CompiledChain, type CompiledRule, type RuleState } from './rule.ts'

/** What is known of a walk: nothing yet, that it must be gone anew for each packet, or all of it. */
type Knowledge = 'nothing' | 'not steady' | 'all'

/** Rules that packets of a flow meet. */
class WalkWay implements WalkedRules {
  readonly table: TableName
  readonly hits: RuleHit[] = []
  readonly positions: number[] = []
  readonly marks: number[] = []

  constructor(table: TableName) {
    this.table = table
  }
}

/** How the packets of a flow go through a table from a base chain: which rules they meet, what those do, and the verdict. */
export class Walk {
  /** What is known. */
  knowledge: Knowledge = 'nothing'
  /** Rules that matched, in order. */
  readonly rules: CompiledRule[] = []
  /** What the record of them and of the policy refers to. */
  way: WalkWay
  /** The base chain, when its policy decided. */
  policy: CompiledChain | null = null
  /** Some rule has a target that does more than to mark or untrack the packet. */
  calls = false
  /** The mark the packet leaves with. */
  mark = 0
  /** The IP_CT_ constant it leaves with. */
  ctinfo = 0
  /** The route is chosen anew behind it. */
  private leadsElsewhere = false
  /** NF_ verdict. */
  verdict = 0
  /** No rule was asked anything that may come out otherwise for the next packet. */
  isSteady = true
  /** Packets that went this way and are not counted yet with the rules they met. */
  private packets = 0
  private bytes = 0

  constructor(table: TableName) {
    this.way = new WalkWay(table)
  }

  /** Forgets all. Records keep what they refer to. */
  clear(): void {
    this.settle()
    this.knowledge = 'nothing'
    this.rules.length = 0
    this.way = new WalkWay(this.way.table)
    this.policy = null
    this.calls = false
    this.isSteady = true
  }

  /**
   * Another packet goes this way, which calls no target: counts and marks as the first time. {@link Walk.settle} tells the rules.
   *
   * @param length - from the IP header on
   */
  again(skb: PacketBuffer, length: number): void {
    this.count(1, length)
    skb.mark = this.mark
    skb.ctinfo = this.ctinfo
  }

  /** Packets went this way. {@link Walk.settle} tells the rules. */
  count(packets: number, bytes: number): void {
    this.packets += packets
    this.bytes += bytes
  }

  /** Counts with each rule what went this way since the last time. */
  settle(): void {
    const { packets, bytes } = this
    if (packets === 0) return
    this.packets = 0
    this.bytes = 0
    for (const { state } of this.rules) add(state, packets, bytes)
    if (this.policy !== null) add(this.policy.policyState, packets, bytes)
  }

  /** A rule matched; a target it calls has been called. */
  met(p: NfPacket, rule: CompiledRule): void {
    this.rules.push(rule)
    this.note(p, rule.position, rule.ref)
  }

  /** No rule decided, but the policy of the base chain. */
  decidedBy(p: NfPacket, base: CompiledChain, ref: RuleHit): void {
    this.policy = base
    this.note(p, 0, ref)
  }

  private note(p: NfPacket, position: number, ref: RuleHit): void {
    const { way } = this
    way.positions.push(position)
    way.marks.push(p.skb.mark)
    way.hits.push(ref)
  }

  /** All is known, and another packet can go this way by being counted and marked: no target is called, no route chosen anew. */
  get isPlain(): boolean {
    return this.knowledge === 'all' && !this.calls && !this.leadsElsewhere
  }

  /** The walk is over. `mark` is what the packet had before it. */
  end(p: NfPacket, verdict: number, mark: number): void {
    this.verdict = verdict
    this.mark = p.skb.mark
    this.ctinfo = p.skb.ctinfo
    this.leadsElsewhere = p.hook === NF_LOCAL_OUT && this.way.table === 'mangle' && mark !== this.mark
    this.knowledge = this.isSteady && !p.hotdrop && p.unmodelled === '' ? 'all' : 'not steady'
  }
}

/**
 * Goes a known walk with another packet: counts, marks, calls and records as the first time.
 *
 * @param ends - with it the table's part in the hook is over
 */
export function walkAgain(p: NfPacket, walk: Walk, ends: boolean): number {
  if (walk.calls) return callAgain(p, walk, ends)
  walk.again(p.skb, p.end - p.at)
  const { log } = p.ns
  if (log !== null) log.walk(p.skb, deviceOf(p), p.hook, walk.way, ends ? walk.verdict : -1)
  return walk.verdict
}

/** Targets may change the packet, or refuse it. */
function callAgain(p: NfPacket, walk: Walk, ends: boolean): number {
  const { log } = p.ns
  const verdict = callEach(p, walk)
  if (ends && log !== null) log.hookEnd(p.skb, deviceOf(p), p.hook, verdict, walk.way.table, '')
  return verdict
}

function callEach(p: NfPacket, { rules, policy, way: { positions, hits }, verdict }: Walk): number {
  const { log } = p.ns
  for (let i = 0; i < rules.length; i++) {
    const { state, action } = rules[i]!
    add(state, 1, p.end - p.at)
    const end = action.kind === 'call' ? action.run(p) : CONTINUE
    if (log !== null) log.rule(p.skb, deviceOf(p), p.hook, positions[i]!, hits[i]!)
    if (end !== CONTINUE) return end
  }
  if (policy !== null) {
    add(policy.policyState, 1, p.end - p.at)
    if (log !== null) log.rule(p.skb, deviceOf(p), p.hook, 0, hits[rules.length]!)
  }
  return verdict
}

function add(state: RuleState, packets: number, bytes: number): void {
  state.packets += packets
  state.bytes += bytes
}
