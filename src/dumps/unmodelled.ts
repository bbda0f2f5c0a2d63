import { type Note, note } from '../model/index.ts'
import type { FileKind } from './file-kinds.ts'
import type { Source, Sources } from './sources.ts'

/** What decides about packets on a machine and is not modelled: one sentence each. */
interface Finding {
  readonly what: string
  readonly check: string
}

/** A base chain of nftables, as far as it is compared. */
interface BaseChain {
  readonly family: string
  readonly table: string
  readonly chain: string
  readonly hook: string
  readonly policy: string
}

/** Tables that iptables itself keeps in nftables; iptables-save prints them. */
const OF_IPTABLES: ReadonlySet<string> = new Set(['filter', 'nat', 'mangle', 'raw', 'security'])

/** Native nftables chains, tc filters and eBPF programs of a machine: they see packets, and packetwalk does not model them. */
export function unmodelledNotes(name: string, sources: Sources): Note[] {
  const kinds: readonly (readonly [FileKind, (source: Source) => readonly Finding[]])[] = [
    ['nft.json', (source) => nftFindings(source, sources)],
    ['tc.json', tcFindings],
    ['bpf.json', bpfFindings],
  ]
  const scope = { kind: 'through', netns: [name] } as const
  return kinds.flatMap(([kind, find]) =>
    (sources.byKind.get(kind) ?? []).flatMap((source) =>
      find(source).map(({ what, check }) =>
        note('dump_unread', what, { object: name, file: source.file.path, check: `${check}   (on ${name})`, scope }),
      ),
    ),
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function nftFindings({ file }: Source, sources: Sources): Finding[] {
  const ruled = new Set<string>()
  const chains = chainsOfJson(jsonOf(file.text), ruled) ?? chainsOfText(file.text, ruled)
  const isOwn = ({ family, table, chain }: BaseChain): boolean =>
    (family === 'ip' || family === 'ip6') &&
    OF_IPTABLES.has(table) &&
    chain === chain.toUpperCase() &&
    sources.byKind.has(family === 'ip' ? 'iptables.txt' : 'ip6tables.txt')
  const acts = (one: BaseChain): boolean => one.policy === 'drop' || ruled.has(`${one.family} ${one.table}`)
  return chains
    .filter((one) => !isOwn(one) && acts(one))
    .map(({ family, table, chain, hook, policy }) => ({
      what: `nftables chain ${family} ${table} ${chain} (hook ${hook}, policy ${policy}) is not modelled`,
      check: `nft list chain ${family} ${table} ${chain}`,
    }))
}

/** The base chains of `nft -j list ruleset`; tables with rules are put into `ruled`. */
function chainsOfJson(value: unknown, ruled: Set<string>): BaseChain[] | undefined {
  const list = (value as { readonly nftables?: unknown } | undefined)?.nftables
  if (!Array.isArray(list)) return undefined
  const chains: BaseChain[] = []
  for (const item of list as readonly Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>[]) {
    const { chain, rule } = item
    if (rule !== undefined) ruled.add(`${String(rule['family'])} ${String(rule['table'])}`)
    if (chain?.['hook'] === undefined) continue
    const [family, table, hook] = [chain['family'], chain['table'], chain['hook']].map(String) as [
      string,
      string,
      string,
    ]
    chains.push({ family, table, chain: String(chain['name']), hook, policy: String(chain['policy'] ?? 'accept') })
  }
  return chains
}

/** The base chains of `nft list ruleset`; a line in a chain that is no head is a rule. */
function chainsOfText(text: string, ruled: Set<string>): BaseChain[] {
  const chains: BaseChain[] = []
  let [family, table, chain] = ['', '', '']
  for (const line of text.split('\n').map((one) => one.trim())) {
    const inTable = /^table (\S+) (\S+) \{/.exec(line)
    const inChain = /^chain (\S+) \{/.exec(line)
    const head = /^type \S+ hook (\S+)/.exec(line)
    if (inTable) [family, table, chain] = [inTable[1] as string, inTable[2] as string, '']
    else if (inChain) chain = inChain[1] as string
    else if (head)
      chains.push({ family, table, chain, hook: head[1] as string, policy: /policy (\w+)/.exec(line)?.[1] ?? 'accept' })
    else if (chain !== '' && line !== '' && line !== '}' && !line.startsWith('#')) ruled.add(`${family} ${table}`)
    if (line === '}') chain = ''
  }
  return chains
}

function tcFindings({ file }: Source): Finding[] {
  const value = jsonOf(file.text)
  const has = Array.isArray(value) ? value.length > 0 : value === undefined && /^filter /m.test(file.text)
  return has ? [{ what: 'tc filters are not modelled', check: 'tc filter show dev DEV ingress' }] : []
}

function bpfFindings({ file }: Source): Finding[] {
  const value = jsonOf(file.text)
  const finding = { what: 'eBPF programs at xdp or tc are not modelled', check: 'bpftool net' }
  if (!Array.isArray(value)) return /^\S+\(\d+\) /m.test(file.text) ? [finding] : []
  const attached = (value as readonly Readonly<Record<string, unknown>>[]).some(({ xdp, tc }) =>
    [xdp, tc].some((list) => Array.isArray(list) && list.length > 0),
  )
  return attached ? [finding] : []
}
