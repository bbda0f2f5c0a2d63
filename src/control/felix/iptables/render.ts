import type { Chain, IptRule, Match, NatRange, Ruleset, Table, TableName } from '../../../model/index.ts'
import { assertNever } from '../../../wire/index.ts'
import type { FelixAction, FelixChain, FelixMatch, FelixRule } from '../rules/chain.ts'
import { ruleHashes } from './rule-hash.ts'

function not(invert: boolean | undefined): string {
  return invert === true ? '! ' : ''
}

/** A mark: zero stands without `0x`. */
function mark(value: number, mask: number): string {
  return `${value === 0 ? '0' : `0x${value.toString(16)}`}/0x${mask.toString(16)}`
}

function protocolWord(protocol: number): string {
  return protocol === 6 ? 'tcp' : protocol === 17 ? 'udp' : String(protocol)
}

function addrtypeText({ srcType, dstType, limitIfaceIn, limitIfaceOut }: FelixMatch & { kind: 'addrtype' }): string {
  const words = ['-m addrtype']
  if (srcType !== undefined) words.push(`${not(srcType.invert)}--src-type ${srcType.types.join(',')}`)
  if (dstType !== undefined) words.push(`${not(dstType.invert)}--dst-type ${dstType.types.join(',')}`)
  if (limitIfaceIn === true) words.push('--limit-iface-in')
  if (limitIfaceOut === true) words.push('--limit-iface-out')
  return words.join(' ')
}

function matchText(match: FelixMatch): string {
  switch (match.kind) {
    case 'in-interface':
      return `${not(match.invert)}--in-interface ${match.name}`
    case 'out-interface':
      return `${not(match.invert)}--out-interface ${match.name}`
    case 'protocol':
      return `${not(match.invert)}-p ${protocolWord(match.protocol)}`
    case 'mark':
      return `-m mark ${not(match.invert)}--mark ${mark(match.mark, match.mask)}`
    case 'conntrack':
      return `-m conntrack ${not(match.state?.invert)}--ctstate ${match.state?.states.join(',') ?? ''}`
    case 'set':
      return `-m set ${not(match.invert)}--match-set ${match.set} ${match.dims.join(',')}`
    case 'addrtype':
      return addrtypeText(match)
  }
}

function natText(option: string, address: string | undefined, range: NatRange): string {
  const ports = range.minPort === undefined ? undefined : `${range.minPort}-${range.maxPort ?? range.minPort}`
  const to = [address, ports].filter((part) => part !== undefined).join(':')
  return `${to === '' ? '' : ` ${option} ${to}`}${range.randomFully === true ? ' --random-fully' : ''}`
}

function actionText(action: FelixAction): string {
  switch (action.kind) {
    case 'jump':
      return `--jump ${action.chain}`
    case 'goto':
      return `--goto ${action.chain}`
    case 'MARK':
      return `--jump MARK --set-mark ${mark(action.value, action.mask)}`
    case 'MASQUERADE':
      return `--jump MASQUERADE${natText('--to-ports', undefined, action.range)}`
    case 'SNAT':
      return `--jump SNAT${natText('--to-source', action.range.minAddress, action.range)}`
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
      return `--jump ${action.kind}`
    default:
      return assertNever(action)
  }
}

/** The text of a rule that its hash covers: comments, matches and action in iptables' long options. */
function hashText({ comment = [], match, action }: FelixRule): string {
  const comments = comment.map((text) => `-m comment --comment "${text}"`)
  return [...comments, ...match.map(matchText), actionText(action)].join(' ')
}

/** Tests of the packet's header: iptables prints them before all others. */
const HEADER_TESTS: ReadonlySet<Match['kind']> = new Set(['in-interface', 'out-interface', 'protocol'])

function toRules({ name, builtIn, rules }: FelixChain): IptRule[] {
  // Rules at the end of a chain of the kernel are hashed under a name of their own.
  const hashes = ruleHashes(builtIn === 'append' ? `${name}*appends*` : name, rules.map(hashText))
  return rules.map(({ match, action, comment = [], origin }, i) => ({
    matches: [
      ...match.filter(({ kind }) => HEADER_TESTS.has(kind)),
      ...[`cali:${hashes[i]}`, ...comment].map((text): Match => ({ kind: 'comment', comment: text })),
      ...match.filter(({ kind }) => !HEADER_TESTS.has(kind)),
    ],
    target: action,
    origin,
  }))
}

function toChain(chain: FelixChain): Chain {
  return { ...(chain.builtIn === undefined ? {} : { policy: 'ACCEPT' as const }), rules: toRules(chain) }
}

/** Chains of Felix by table, as iptables has them: each rule carries its `cali:` hash. */
export function toRuleset(tables: Readonly<Partial<Record<TableName, readonly FelixChain[]>>>): Ruleset {
  const rendered = Object.entries(tables).map(([table, chains]): [string, Table] => [
    table,
    { chains: Object.fromEntries(chains.map((chain) => [chain.name, toChain(chain)])) },
  ])
  return { tables: Object.fromEntries(rendered) }
}
