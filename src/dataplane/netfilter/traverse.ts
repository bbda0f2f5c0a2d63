import { NF_ACCEPT, NF_DROP } from '../kernel/stack.ts'
import { deviceOf, type NfPacket } from './packet.ts'
import { CONTINUE, type CompiledChain, type CompiledRule } from './rule.ts'
import type { Walk } from './walk.ts'

/** Where a chain that was jumped from goes on. */
interface Return {
  readonly chain: CompiledChain
  readonly next: number
}

/** What one walk of a table may cost: a rule looked at is 1, a jump {@link JUMP}. Linux has no such bound; it would just be slow. */
const BUDGET = 2_000_000
const JUMP = 64

/**
 * Walks a table from a base chain. Counts and records every rule that matches, and writes the way into `walk`.
 * @returns an NF_ verdict
 * @linux net/ipv4/netfilter/ip_tables.c ipt_do_table
 */
export function iptDoTable(p: NfPacket, base: CompiledChain, walk: Walk | null): number {
  let chain = base
  let rules = chain.rules
  let i = 0
  let stack: Return[] | null = null
  let budget = BUDGET
  for (;;) {
    if (i >= rules.length) {
      const back = stack?.pop()
      if (back === undefined) return policy(p, base, walk)
      chain = back.chain
      rules = chain.rules
      i = back.next
      continue
    }
    const rule = rules[i++]!
    if (--budget < 0) p.unmodelled = 'chains that take more than 2,000,000 steps for one packet'
    if (!holds(p, rule, walk)) {
      if (p.hotdrop || p.unmodelled !== '') return ended(p, rule)
      continue
    }
    count(p, rule)
    const { action } = rule
    switch (action.kind) {
      case 'none':
        hit(p, rule, walk)
        break
      case 'accept':
        hit(p, rule, walk)
        return NF_ACCEPT
      case 'drop':
        hit(p, rule, walk)
        return NF_DROP
      case 'return': {
        hit(p, rule, walk)
        const back = stack?.pop()
        if (back === undefined) return policy(p, base, walk)
        chain = back.chain
        rules = chain.rules
        i = back.next
        break
      }
      case 'jump':
      case 'goto':
        hit(p, rule, walk)
        budget -= JUMP
        if (action.kind === 'jump') {
          stack ??= []
          stack.push({ chain, next: i })
        }
        chain = action.chain
        rules = chain.rules
        i = 0
        break
      case 'call': {
        const verdict = action.run(p)
        hit(p, rule, walk)
        if (walk !== null) {
          if (!action.isPlain) walk.calls = true
          if (!action.isSteady || verdict !== CONTINUE) walk.isSteady = false
        }
        if (verdict !== CONTINUE) return verdict
        break
      }
    }
  }
}

function holds(p: NfPacket, rule: CompiledRule, walk: Walk | null): boolean {
  if (p.unmodelled !== '') return false
  const { matches, steady } = rule
  for (let i = 0; i < matches.length; i++) {
    if (i === steady && walk !== null) walk.isSteady = false
    if (!matches[i]!(p)) return false
  }
  return true
}

function count(p: NfPacket, rule: CompiledRule): void {
  rule.state.packets++
  rule.state.bytes += p.end - p.at
}

function policy(p: NfPacket, base: CompiledChain, walk: Walk | null): number {
  base.policyState.packets++
  base.policyState.bytes += p.end - p.at
  const ref = base.policyRef
  if (walk !== null) walk.decidedBy(p, base, ref)
  p.ns.log?.rule(p.skb, deviceOf(p), p.hook, 0, ref)
  return base.policy
}

/** A broken packet, or a rule that cannot be judged: recorded as a hit of that rule, so that its name is seen. */
function ended(p: NfPacket, rule: CompiledRule): number {
  hit(p, rule, null)
  return NF_DROP
}

function hit(p: NfPacket, rule: CompiledRule, walk: Walk | null): void {
  if (walk !== null) walk.met(p, rule)
  p.ns.log?.rule(p.skb, deviceOf(p), p.hook, rule.position, rule.ref)
}
