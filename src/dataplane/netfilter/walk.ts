import type { RuleHit } from '../../model/index.ts'
import type { NfPacket } from './packet.ts'
import { CONTINUE, type CompiledChain, type CompiledRule } from './rule.ts'

/** What is known of a walk: nothing yet, that it must be gone anew for each packet, or all of it. */
type Knowledge = 'nothing' | 'not steady' | 'all'

/** How the packets of a flow go through a table from a base chain: which rules they meet, what those do, and the verdict. */
export class Walk {
  /** What is known. */
  knowledge: Knowledge = 'nothing'
  /** Rules that matched, in order. */
  rules: CompiledRule[] = []
  /** Their positions, with 0 for the policy. */
  positions: number[] = []
  /** The mark of the packet behind each. */
  marks: number[] = []
  /** What their records refer to. */
  hits: RuleHit[] = []
  /** The base chain, when its policy decided. */
  policy: CompiledChain | null = null
  /** Some rule has a target that does more than to mark the packet. */
  calls = false
  /** The mark the packet leaves with. */
  mark = 0
  /** NF_ verdict. */
  verdict = 0
  /** No rule was asked anything that may come out otherwise for the next packet. */
  isSteady = true

  /** Forgets all. */
  clear(): void {
    this.knowledge = 'nothing'
    this.rules = []
    this.positions = []
    this.marks = []
    this.hits = []
    this.policy = null
    this.calls = false
    this.isSteady = true
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
    this.positions.push(position)
    this.marks.push(p.skb.mark)
    this.hits.push(ref)
  }

  /** The walk is over. */
  end(p: NfPacket, verdict: number): void {
    this.verdict = verdict
    this.mark = p.skb.mark
    this.knowledge = this.isSteady && !p.hotdrop && p.unmodelled === '' ? 'all' : 'not steady'
  }
}

/** Goes a known walk with another packet: counts, marks, calls and records as the first time. */
export function walkAgain(p: NfPacket, walk: Walk): number {
  if (walk.calls) return callAgain(p, walk)
  const { rules, policy } = walk
  const length = p.end - p.at
  for (let i = 0; i < rules.length; i++) {
    const { state } = rules[i]!
    state.packets++
    state.bytes += length
  }
  if (policy !== null) {
    const { policyState } = policy
    policyState.packets++
    policyState.bytes += length
  }
  p.skb.mark = walk.mark
  const { log } = p.ns
  if (log !== null) log.rules(p.skb, p.outdev ?? p.indev, p.hook, walk)
  return walk.verdict
}

/** Targets may change the packet, or refuse it. */
function callAgain(p: NfPacket, { rules, policy, positions, hits, verdict }: Walk): number {
  const { log } = p.ns
  for (let i = 0; i < rules.length; i++) {
    const { state, action } = rules[i]!
    state.packets++
    state.bytes += p.end - p.at
    const end = action.kind === 'call' ? action.run(p) : CONTINUE
    if (log !== null) log.rule(p.skb, p.outdev ?? p.indev, p.hook, positions[i]!, hits[i]!)
    if (end !== CONTINUE) return end
  }
  if (policy !== null) {
    policy.policyState.packets++
    policy.policyState.bytes += p.end - p.at
    if (log !== null) log.rule(p.skb, p.outdev ?? p.indev, p.hook, 0, hits[rules.length]!)
  }
  return verdict
}
