// Records hold what matched; what was tried in vain between is told by the ruleset.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/index.ts'
import type { IptRule, Match, Target } from '../../src/model/index.ts'
import { triedRules } from '../../src/trace/index.ts'
import { guarded } from './firewall.ts'
import { POD_B } from './two-nodes.ts'

const UDP: Match = { kind: 'protocol', protocol: 17 }
const rule = (target: Target, ...matches: Match[]): IptRule => ({ matches, target })
const jump = (chain: string): Target => ({ kind: 'jump', chain })
const go = (chain: string): Target => ({ kind: 'goto', chain })
const DROP: Target = { kind: 'DROP' }
const MARK: Target = { kind: 'MARK', op: 'or', value: 1, mask: 1 }

/** Chains of FORWARD, and what is tried: `chain position`, with `!` where it matched. */
const CASES: readonly {
  readonly name: string
  readonly chains: Readonly<Record<string, readonly IptRule[]>>
  readonly walk: string
}[] = [
  {
    name: 'before the first that matches',
    chains: { FORWARD: [rule(DROP, UDP), rule(MARK)] },
    walk: 'FORWARD 1, FORWARD 2!, policy!',
  },
  {
    name: 'to the end of a chain, and on behind the jump',
    chains: { FORWARD: [rule(jump('a')), rule(DROP, UDP), rule(MARK)], a: [rule(DROP, UDP), rule(DROP, UDP)] },
    walk: 'FORWARD 1!, a 1, a 2, FORWARD 2, FORWARD 3!, policy!',
  },
  {
    name: 'a chain entered by goto does not come back',
    chains: { FORWARD: [rule(jump('a')), rule(MARK)], a: [rule(go('b')), rule(DROP)], b: [rule(DROP, UDP)] },
    walk: 'FORWARD 1!, a 1!, b 1, FORWARD 2!, policy!',
  },
  {
    name: 'RETURN leaves the rest untried',
    chains: { FORWARD: [rule(jump('a')), rule(DROP, UDP)], a: [rule({ kind: 'RETURN' }), rule(DROP)] },
    walk: 'FORWARD 1!, a 1!, FORWARD 2, policy!',
  },
]

describe('rules tried in vain', () => {
  it.each(CASES)('$name', ({ chains, walk }) => {
    const table = Object.fromEntries(
      Object.entries(chains).map(([name, rules]) => [
        name,
        name === 'FORWARD' ? { policy: 'ACCEPT' as const, rules } : { rules },
      ]),
    )
    const network = guarded({ n1: { tables: { filter: { chains: table } } } })
    const { trace } = Lab.fromNetwork(network).ping('a', POD_B)
    const request = trace.exchanges[0]!.request
    const tried = triedRules(trace, network)
    const said = trace.hops.flatMap((hop, i) => {
      if (hop.kind !== 'rule' || hop.packet !== request) return []
      const own = hop.position === 0 ? 'policy!' : `${hop.chain} ${hop.position}!`
      return [...(tried.get(i) ?? []).map((one) => `${one.chain} ${one.position}`), own]
    })
    expect(said.join(', ')).toBe(walk)
  })

  it('are none where nobody has the rules', () => {
    const { trace } = Lab.fromNetwork(
      guarded({ n1: { tables: { filter: { chains: { FORWARD: { policy: 'ACCEPT', rules: [rule(MARK)] } } } } } }),
    ).ping('a', POD_B)
    expect(triedRules(trace, guarded({})).size).toBe(0)
  })
})
