import { iptablesRuleText } from '../../linux/index.ts'
import type { Chain, IptRule, Namespace, Network, Ruleset, TableName } from '../../model/index.ts'
import { felixMeanings } from './felix.ts'
import type { Known, Meanings } from './known.ts'
import { kubeProxyMeanings } from './kube-proxy.ts'

type FamilyKey = 'iptables' | 'ip6tables'

/** Whose rules are told, and by what. */
export interface Told {
  /** Machines that were dumped. */
  readonly dumped: Iterable<string>
  /** What the objects beside the dumps would have made of the same machines. */
  readonly derived?: Network
  /** Pods of the objects by address. */
  readonly podAt?: Known['podAt']
}

/**
 * The network with what the rules of dumped machines stand for: those of Felix and kube-proxy, by names and comments, and by
 * the objects where these make the very same rule.
 */
export function withMeanings(network: Network, { dumped, derived, podAt }: Told): Network {
  const changed = new Map<string, Namespace>()
  for (const name of dumped) {
    const ns = network.namespaces[name]
    if (ns === undefined) continue
    const known = knownOf(network, ns, podAt)
    const rulesets = (['iptables', 'ip6tables'] as const).flatMap((key) => {
      const ruleset = ns[key]
      if (ruleset === undefined) return []
      const told = ruleMeanings(ruleset, key, known, derived?.namespaces[name]?.[key])
      return told === ruleset ? [] : [[key, told] as const]
    })
    if (rulesets.length > 0) changed.set(name, { ...ns, ...Object.fromEntries(rulesets) })
  }
  if (changed.size === 0) return network
  return network.edit((draft) => {
    Object.assign(draft.namespaces, Object.fromEntries(changed))
  })
}

function knownOf(network: Network, ns: Namespace, podAt: Known['podAt'] = () => ({})): Known {
  const peers = new Map<string, string>()
  for (const { ends } of network.wires) {
    const [a, b] = ends
    if (a.netns === ns.name) peers.set(a.dev, b.netns)
    if (b.netns === ns.name) peers.set(b.dev, a.netns)
  }
  return {
    podBehind: (dev) => {
      const peer = peers.get(dev)
      return peer !== undefined && network.namespaces[peer]?.role === 'pod' ? peer : undefined
    },
    podAt,
  }
}

function ruleMeanings(ruleset: Ruleset, key: FamilyKey, known: Known, derived: Ruleset | undefined): Ruleset {
  let isTold = false
  const tables = Object.entries(ruleset.tables).map(([name, table]) => {
    const meanings: Meanings = new Map([
      ...felixMeanings(table.chains, known),
      ...kubeProxyMeanings(table.chains, known),
    ])
    const made = derived?.tables[name as TableName]?.chains
    const chains = Object.entries(table.chains).map(([chain, content]): [string, Chain] => {
      const twin = made !== undefined && Object.hasOwn(made, chain) ? made[chain] : undefined
      const rules = toldRules(chain, content.rules, key, meanings, twin)
      if (rules === content.rules) return [chain, content]
      isTold = true
      return [chain, { ...content, rules }]
    })
    return [name, { ...table, chains: Object.fromEntries(chains) }] as const
  })
  return isTold ? { ...ruleset, tables: Object.fromEntries(tables) } : ruleset
}

function toldRules(
  chain: string,
  rules: readonly IptRule[],
  key: FamilyKey,
  meanings: Meanings,
  twin: Chain | undefined,
): readonly IptRule[] {
  const family = key === 'iptables' ? 'inet' : 'inet6'
  const same = new Map((twin?.rules ?? []).map((rule) => [iptablesRuleText(chain, rule, family), rule]))
  let isTold = false
  const told = rules.map((rule): IptRule => {
    const { meaning, origin } = same.get(wordsOf(chain, rule, family)) ?? {}
    const found = meaning ?? meanings.get(rule)
    if (found === undefined) return rule
    isTold = true
    return { ...rule, meaning: found, ...(meaning !== undefined && origin !== undefined ? { origin } : {}) }
  })
  return isTold ? told : rules
}

/** A rule as the tool prints it now, whatever the words of its dump. */
function wordsOf(chain: string, { matches, target }: IptRule, family: 'inet' | 'inet6'): string {
  return iptablesRuleText(chain, target === undefined ? { matches } : { matches, target }, family)
}
