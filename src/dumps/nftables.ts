import type { NoteScope } from '../model/index.ts'
import { fieldsOf } from './fields.ts'
import type { Source, Sources } from './sources.ts'
import type { Unmodelled } from './unmodelled.ts'

/** A chain, or a flowtable, that the kernel calls by itself. */
interface BaseChain {
  readonly family: string
  readonly table: string
  readonly chain: string
  readonly hook: string
  readonly policy: string
  /** Device, where it is bound to one (`netdev`). */
  readonly dev?: string
  /** Acts without rules. */
  readonly acts?: true
}

/** Tables that iptables itself keeps in nftables; iptables-save prints them. */
const OF_IPTABLES: ReadonlySet<string> = new Set(['filter', 'nat', 'mangle', 'raw', 'security'])

/** Base chains of native nftables that could do something to a packet, each with the packets that meet it. */
export function nftablesOf(netns: string, { file }: Source, sources: Sources): Unmodelled[] {
  const ruled = new Set<string>()
  const chains = chainsOfJson(jsonOf(file.text), ruled) ?? chainsOfText(file.text, ruled)
  const isOwn = ({ family, table, chain }: BaseChain): boolean =>
    (family === 'ip' || family === 'ip6') &&
    OF_IPTABLES.has(table) &&
    chain === chain.toUpperCase() &&
    sources.byKind.has(family === 'ip' ? 'iptables.txt' : 'ip6tables.txt')
  const acts = (one: BaseChain): boolean =>
    one.acts === true || one.policy === 'drop' || ruled.has(`${one.family} ${one.table} ${one.chain}`)
  return chains
    .filter((one) => !isOwn(one) && acts(one))
    .map((one) => {
      const { family, table, chain, hook, policy } = one
      return {
        what: `nftables chain ${family} ${table} ${chain} (hook ${hook}, policy ${policy}) is not modelled`,
        check: `nft list chain ${family} ${table} ${chain}`,
        scope: scopeOf(netns, one),
      }
    })
}

function scopeOf(netns: string, { family, hook, dev }: BaseChain): NoteScope {
  return { kind: 'hooked', netns, family, hook, ...(dev === undefined ? {} : { dev }) }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The base chains of `nft -j list ruleset`; chains with rules are put into `ruled`. */
function chainsOfJson(value: unknown, ruled: Set<string>): BaseChain[] | undefined {
  const list = (value as { readonly nftables?: unknown } | undefined)?.nftables
  if (!Array.isArray(list)) return undefined
  return list.map(fieldsOf).flatMap((item): BaseChain[] => {
    const rule = fieldsOf(item['rule'])
    if (item['rule'] !== undefined) {
      ruled.add([rule['family'], rule['table'], rule['chain']].map(String).join(' '))
    }
    const chain = fieldsOf(item['chain'] ?? item['flowtable'])
    if (chain['hook'] === undefined) return []
    const text = (key: string): string => String(chain[key])
    const dev = typeof chain['dev'] === 'string' ? { dev: chain['dev'] } : {}
    return [
      {
        family: text('family'),
        table: text('table'),
        chain: text('name'),
        hook: text('hook'),
        policy: String(chain['policy'] ?? 'accept'),
        ...(item['flowtable'] === undefined ? dev : { acts: true }),
      },
    ]
  })
}

/** The base chains of `nft list ruleset`; a line in a chain that is no head is a rule. */
function chainsOfText(text: string, ruled: Set<string>): BaseChain[] {
  const chains: BaseChain[] = []
  let [family, table, chain] = ['', '', '']
  let isFlowtable = false
  for (const line of text.split('\n').map((one) => one.trim())) {
    const inTable = /^table (\S+) (\S+) \{/.exec(line)
    const inChain = /^(chain|flowtable) (\S+) \{/.exec(line)
    const head = /^(?:type \S+ )?hook (\S+)(?: device "?([^"\s;]+)"?)?/.exec(line)
    if (inTable) [family, table, chain] = [inTable[1] as string, inTable[2] as string, '']
    else if (inChain) {
      chain = inChain[2] as string
      isFlowtable = inChain[1] === 'flowtable'
    } else if (head && chain !== '') {
      const policy = /policy (\w+)/.exec(line)?.[1] ?? 'accept'
      const dev = head[2] === undefined ? {} : { dev: head[2] }
      const common = { family, table, chain, hook: head[1] as string, policy }
      chains.push(isFlowtable ? { ...common, acts: true } : { ...common, ...dev })
    } else if (chain !== '' && line !== '' && line !== '}' && !line.startsWith('#')) {
      ruled.add(`${family} ${table} ${chain}`)
    }
    if (line === '}') chain = ''
  }
  return chains
}
