import { type Decision, isDenial } from './decision.ts'
import { describeDecision } from './decision-words.ts'
import { decisionsOf } from './decisions.ts'
import type { Hop } from './hop.ts'

/** Hops in which a packet that policy or a Service refused says so, instead of the words of the rule that freed it. */
export function withDenials(hops: readonly Hop[]): readonly Hop[] {
  if (!hops.some(isFiltered)) return hops
  const denials = new Map<number, Decision>()
  for (const decision of decisionsOf({ hops })) if (isDenial(decision)) denials.set(decision.packet, decision)
  return hops.map((hop, i) => {
    const denial = isFiltered(hop) ? denials.get(hop.packet) : undefined
    if (denial === undefined || denial.netns !== hop.netns || denial.hop > i) return hop
    return { ...hop, reason: describeDecision(denial) }
  })
}

function isFiltered(hop: Hop): boolean {
  return hop.kind === 'drop' && hop.cause === 'netfilter_drop'
}
