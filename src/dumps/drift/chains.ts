import type { Cluster } from '../../control/index.ts'
import { iptablesRuleText } from '../../linux/index.ts'
import type { Chain, IptRule, Namespace, Ruleset, TableName } from '../../model/index.ts'
import type { ChainLines, Compared, Contrast } from '../objects/compared.ts'
import type { ComparedNode } from '../objects/differences.ts'

type Family = ChainLines['family']

/** Chains that kubelet makes, or that hold nothing: their release is not that of Calico. */
const NOT_COMPARED =
  /^KUBE-(KUBELET-CANARY|PROXY-CANARY|MARK-DROP|IPTABLES-HINT|FIREWALL|PROXY-FIREWALL|FORWARD|MARK-MASQ|POSTROUTING)$/
/** Chains in which kube-proxy's own maps decide the order. */
const UNORDERED = /^KUBE-(SERVICES|NODEPORTS|EXTERNAL-SERVICES)$/
/** Chains with a rule an interface, and one for all others at the end. */
const DISPATCH = /^cali-(to|from)-wl-dispatch/

/** Who writes a chain; undefined: neither Calico nor kube-proxy. */
export function writerOf(chain: string): 'felix' | 'kube-proxy' | undefined {
  if (chain.startsWith('cali-')) return 'felix'
  return chain.startsWith('KUBE-') ? 'kube-proxy' : undefined
}

/**
 * What chains of Calico and kube-proxy hold otherwise, and jumps of the kernel's chains to them. Counters, comments, the order of
 * Services and `--random-fully`, which old kernels lack, do not count; where the dump has no rules at all, or the objects ask for none, nothing is compared.
 */
export function chainContrasts({ resources }: Cluster, { netns, derived, dumped }: ComparedNode): Contrast[] {
  const writers = new Set<string>(['felix', ...(resources.services.length > 0 ? ['kube-proxy'] : [])])
  return (['inet', 'inet6'] as const).flatMap((family) => {
    const [wanted, there] = [rulesetOf(derived, family), rulesetOf(dumped, family)]
    if (wanted === undefined || there === undefined) return []
    const asked = told(wanted, there)
    const expected = ownChains(asked, family, writers)
    const has = new Set([...expected.values()].map(({ by }) => by))
    const found = ownChains(there, family, has)
    return [...compared(netns, expected, found), ...lostHooks(netns, family, asked, there, has)]
  })
}

/** The tables that the dump has, too: one that is not there was not dumped, unless none is. */
function told(wanted: Ruleset, there: Ruleset): Ruleset {
  const names = Object.keys(there.tables)
  if (names.length === 0) return wanted
  const tables = Object.fromEntries(Object.entries(wanted.tables).filter(([name]) => names.includes(name)))
  return { ...wanted, tables }
}

/** Whether a ruleset has a chain of a writer. */
export function hasChainsOf(ns: Namespace, writer: 'felix' | 'kube-proxy'): boolean {
  return (['inet', 'inet6'] as const).some((family) =>
    tablesOf(rulesetOf(ns, family)).some(([, chains]) => Object.keys(chains).some((name) => writerOf(name) === writer)),
  )
}

function rulesetOf(ns: Namespace, family: Family): Ruleset | undefined {
  return family === 'inet' ? ns.iptables : ns.ip6tables
}

function tablesOf(ruleset: Ruleset | undefined): (readonly [TableName, Readonly<Record<string, Chain>>])[] {
  const tables = ruleset?.tables ?? {}
  return (Object.keys(tables) as TableName[]).map((table) => [table, tables[table]?.chains ?? {}] as const)
}

interface OwnChain {
  readonly by: string
  readonly chain: Omit<ChainLines, 'lines' | 'isHook'>
  readonly rules: readonly IptRule[]
}

function ownChains(ruleset: Ruleset, family: Family, writers: ReadonlySet<string>): ReadonlyMap<string, OwnChain> {
  const own = new Map<string, OwnChain>()
  for (const [table, chains] of tablesOf(ruleset)) {
    for (const [chain, { rules }] of Object.entries(chains)) {
      const by = writerOf(chain)
      if (by === undefined || !writers.has(by) || NOT_COMPARED.test(chain)) continue
      own.set(`${table} ${chain}`, { by, chain: { family, table, chain }, rules })
    }
  }
  return own
}

function compared(
  netns: string,
  expected: ReadonlyMap<string, OwnChain>,
  found: ReadonlyMap<string, OwnChain>,
): Contrast[] {
  const lacks = [...expected].flatMap(([key, own]): Contrast[] => {
    const twin = found.get(key)
    if (twin === undefined && plainLines(own).length === 0) return []
    if (twin === undefined) return [{ netns, table: 'chain', kind: 'missing', expected: wholeChain(own) }]
    const [wanted, there] = [plainLines(own), plainLines(twin)]
    if (wanted.join('\n') === there.join('\n')) return []
    return [
      {
        netns,
        table: 'chain',
        kind: 'changed',
        expected: onlyIn(own, wanted, there, 'none of these'),
        found: onlyIn(twin, there, wanted, 'without these'),
      },
    ]
  })
  const extra = [...found]
    .filter(([key]) => !expected.has(key))
    .map(([, own]): Contrast => ({ netns, table: 'chain', kind: 'extra', found: wholeChain(own) }))
  return [...lacks, ...extra]
}

function wholeChain(own: OwnChain): Compared {
  const lines = plainLines(own)
  const { family, table, chain } = own.chain
  const count = lines.length === 1 ? '1 rule' : `${lines.length} rules`
  return entryOf(own, lines, `${toolOf(family)} ${table} ${chain} (${count})`)
}

/** The lines of one side that the other has not; where both have the same lines, they are in another order. */
function onlyIn(own: OwnChain, lines: readonly string[], others: readonly string[], none: string): Compared {
  const { family, table, chain } = own.chain
  const left = [...others]
  const only = lines.filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  const isReordered = only.length === 0 && left.length === 0
  const shown = isReordered ? lines : only
  return entryOf(own, shown, `${toolOf(family)} ${table} ${chain}: ${shown.join('; ') || none}`)
}

function entryOf({ chain, rules }: OwnChain, lines: readonly string[], text: string): Compared {
  const origin = rules.find((rule) => rule.origin !== undefined)?.origin
  return {
    key: text,
    value: '',
    text,
    entry: { of: 'chain', chain: { ...chain, lines, isHook: false } },
    ...(origin === undefined ? {} : { origin }),
  }
}

function toolOf(family: Family): string {
  return family === 'inet' ? 'iptables' : 'ip6tables'
}

function plainLines({ chain: { chain, family }, rules }: OwnChain): string[] {
  const lines = rules.map(({ matches, target }) =>
    iptablesRuleText(
      chain,
      { matches: matches.filter(({ kind }) => kind !== 'comment'), ...(target === undefined ? {} : { target }) },
      family,
    ).replace(' --random-fully', ''),
  )
  // A rule that was only a comment does nothing.
  const doing = lines.filter((line) => line !== `-A ${chain}`)
  if (DISPATCH.test(chain)) return [...doing.slice(0, -1).sort(), ...doing.slice(-1)]
  return UNORDERED.test(chain) ? doing.sort() : doing
}

/** Jumps from the kernel's chains that are not there. */
function lostHooks(
  netns: string,
  family: Family,
  wanted: Ruleset,
  there: Ruleset,
  writers: ReadonlySet<string>,
): Contrast[] {
  const has = new Set(hooksOf(there).map(({ key }) => key))
  return hooksOf(wanted)
    .filter(({ key, to }) => writers.has(writerOf(to) ?? '') && !has.has(key) && !NOT_COMPARED.test(to))
    .map(({ key, table, chain, to, rule }): Contrast => {
      const text = `${toolOf(family)} ${table} ${chain}: -j ${to}`
      const entry = { of: 'chain', chain: { family, table, chain: to, lines: [text], isHook: true } } as const
      const origin = rule.origin === undefined ? {} : { origin: rule.origin }
      return { netns, table: 'chain', kind: 'missing', expected: { key, value: '', text, entry, ...origin } }
    })
}

interface Hook {
  readonly key: string
  readonly table: string
  readonly chain: string
  readonly to: string
  readonly rule: IptRule
}

function hooksOf(ruleset: Ruleset): Hook[] {
  return tablesOf(ruleset).flatMap(([table, chains]) =>
    Object.entries(chains).flatMap(([chain, { rules }]) =>
      writerOf(chain) !== undefined
        ? []
        : rules.flatMap((rule): Hook[] => {
            const to = rule.target?.kind === 'jump' || rule.target?.kind === 'goto' ? rule.target.chain : ''
            return writerOf(to) === undefined ? [] : [{ key: `${table} ${chain} ${to}`, table, chain, to, rule }]
          }),
    ),
  )
}
