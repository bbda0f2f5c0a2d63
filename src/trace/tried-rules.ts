import { iptablesRuleText } from '../linux/index.ts'
import type { Chain, NetworkData, Ruleset, TableName } from '../model/index.ts'
import type { RuleHop } from './hop.ts'
import type { Trace } from './trace.ts'

/** A rule that was looked at and did not match. */
export interface TriedRule {
  /** Chain. */
  readonly chain: string
  /** Position, from 1. */
  readonly position: number
  /** As `iptables-save` prints it. */
  readonly text: string
}

/**
 * The rules that were tried in vain before each rule hop, by the index of the hop. Records hold what matched; every rule between
 * two of those was looked at, so the ruleset tells the rest.
 * @param network - the network of the trace; with a table edited since, rules of another moment would be told
 */
export function triedRules(
  trace: Pick<Trace, 'hops'>,
  network: NetworkData,
): ReadonlyMap<number, readonly TriedRule[]> {
  const tried = new Map<number, readonly TriedRule[]>()
  const walks = new Map<number, Walk>()
  for (const [i, hop] of trace.hops.entries()) {
    if (hop.kind !== 'rule') {
      if (hop.kind === 'hook' || hop.kind === 'rx') walks.delete(hop.packet)
      continue
    }
    const walk = walks.get(hop.packet)
    const next = walk?.isIn(hop) === true ? walk : Walk.into(hop, network)
    if (next === undefined) continue
    walks.set(hop.packet, next)
    tried.set(i, next.to(hop))
    if (next.isOver) walks.delete(hop.packet)
  }
  return tried
}

interface Place {
  readonly chain: string
  next: number
}

/** A packet's way through one table at one hook, followed from hit to hit. */
class Walk {
  isOver = false
  private readonly hop: RuleHop
  private readonly chains: Readonly<Record<string, Chain>>
  private readonly stack: Place[]

  private constructor(hop: RuleHop, chains: Readonly<Record<string, Chain>>) {
    this.hop = hop
    this.chains = chains
    this.stack = [{ chain: hop.hook, next: 0 }]
  }

  static into(hop: RuleHop, network: NetworkData): Walk | undefined {
    const ns = network.namespaces[hop.netns]
    const rules: Ruleset | undefined = hop.family === 'inet' ? ns?.iptables : ns?.ip6tables
    const table = rules?.tables[hop.table as TableName]
    return table === undefined ? undefined : new Walk(hop, table.chains)
  }

  isIn({ netns, hook, table, family }: RuleHop): boolean {
    const { hop } = this
    return !this.isOver && hop.netns === netns && hop.hook === hook && hop.table === table && hop.family === family
  }

  /** Goes on to a rule that matched; what was passed on the way. */
  to(hit: RuleHop): readonly TriedRule[] {
    const passed: TriedRule[] = []
    const end = hit.position === 0 ? Number.POSITIVE_INFINITY : hit.position - 1
    for (let at = this.stack.at(-1); at !== undefined; at = this.stack.at(-1)) {
      const rules = this.chains[at.chain]?.rules ?? []
      const isHere = hit.position !== 0 && at.chain === hit.chain && at.next <= end
      const stop = isHere ? end : rules.length
      for (let i = at.next; i < stop; i++) passed.push(this.rule(at.chain, i))
      if (isHere) {
        at.next = hit.position
        this.follow(hit)
        return passed
      }
      this.stack.pop()
    }
    this.isOver = true
    return passed
  }

  /** Where the rule that matched leads. */
  private follow(hit: RuleHop): void {
    const target = this.chains[hit.chain]?.rules[hit.position - 1]?.target
    switch (target?.kind) {
      case 'jump':
        this.stack.push({ chain: target.chain, next: 0 })
        return
      case 'goto':
        this.stack.pop()
        this.stack.push({ chain: target.chain, next: 0 })
        return
      case 'RETURN':
        this.stack.pop()
        return
      default:
        return
    }
  }

  private rule(chain: string, index: number): TriedRule {
    const rule = this.chains[chain]?.rules[index]
    const text = rule === undefined ? '' : iptablesRuleText(chain, rule, this.hop.family)
    return { chain, position: index + 1, text }
  }
}
