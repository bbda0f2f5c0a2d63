import { parsePortRange, protocolNumber } from '../linux/index.ts'
import type { Chain, TableName } from '../model/index.ts'
import { parseIp } from '../wire/index.ts'
import { toolRefuses } from './refusal.ts'

/** Families of addresses, as rules are of one. */
export type Family = 'inet' | 'inet6'

/** The tool of a family. */
const TOOLS: Readonly<Record<Family, string>> = { inet: 'iptables', inet6: 'ip6tables' }

/** Refuses as the tool of a family does, with what the kernel answered. @throws Refusal always */
export function refused(family: Family, why: string): never {
  return toolRefuses(`${TOOLS[family]}: ${why}`)
}

/** Refuses as the tool itself does, before it asks the kernel. @throws Refusal always */
export function misread(family: Family, why: string): never {
  const tool = TOOLS[family]
  return toolRefuses(`${tool} v1.8.9 (legacy): ${why}\nTry \`${tool} -h' or '${tool} --help' for more information.`)
}

/** What both say of a table that is none. */
export function noSuchTable(family: Family, name: string): string {
  const tool = TOOLS[family]
  return `${tool} v1.8.9 (legacy): can't initialize ${tool} table \`${name}': Table does not exist (do you need to insmod?)\nPerhaps ${tool} or your kernel needs to be upgraded.`
}

/** Matches that iptables 1.8.9 has a library for. */
const MATCHES: ReadonlySet<string> = new Set(
  (
    'addrtype ah bpf cgroup cluster comment connbytes connlabel connlimit connmark conntrack cpu dccp devgroup dscp dst ecn esp eui64 ' +
    'frag hashlimit hbh hl icmp icmp6 icmpv6 iprange ipv6header ipvs length limit mac mark mh multiport nfacct osf owner physdev pkttype ' +
    'policy quota rateest realm recent rpfilter rt sctp set socket srh state statistic string tcp tcpmss time tos ttl u32 udp udplite helper'
  ).split(' '),
)

/** Targets that it has one for. */
const TARGETS: ReadonlySet<string> = new Set(
  (
    'ACCEPT DROP RETURN QUEUE AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNMARK CONNSECMARK CT DNAT DNPT DSCP ECN HL HMARK IDLETIMER LED LOG ' +
    'MARK MASQUERADE NETMAP NFLOG NFQUEUE NOTRACK RATEEST REDIRECT REJECT SECMARK SET SNAT SNPT SYNPROXY TCPMSS TCPOPTSTRIP TEE TOS ' +
    'TPROXY TRACE TTL ULOG'
  ).split(' '),
)

/** Where the kernel takes targets that are not for everywhere: the table, and built-in chains of it. @linux xt_check_target */
const PLACES: Readonly<Record<string, { readonly table: TableName; readonly chains?: readonly string[] }>> = {
  SNAT: { table: 'nat', chains: ['POSTROUTING', 'INPUT'] },
  MASQUERADE: { table: 'nat', chains: ['POSTROUTING'] },
  DNAT: { table: 'nat', chains: ['PREROUTING', 'OUTPUT'] },
  REDIRECT: { table: 'nat', chains: ['PREROUTING', 'OUTPUT'] },
  NETMAP: { table: 'nat' },
  REJECT: { table: 'filter' },
  TPROXY: { table: 'mangle', chains: ['PREROUTING'] },
  CT: { table: 'raw' },
  NOTRACK: { table: 'raw' },
  TOS: { table: 'mangle' },
  DSCP: { table: 'mangle' },
  ECN: { table: 'mangle' },
  TTL: { table: 'mangle' },
}

const PORT_OPTIONS: ReadonlySet<string> = new Set(['--dport', '--destination-port', '--sport', '--source-port'])
const PORT_PROTOCOLS: ReadonlySet<string> = new Set([
  'tcp',
  'udp',
  'sctp',
  'dccp',
  'udplite',
  '6',
  '17',
  '132',
  '33',
  '136',
])

/** Where a rule is to stand. */
export interface RulePlace {
  readonly family: Family
  readonly table: TableName
  readonly chain: string
  readonly chains: Readonly<Record<string, Chain>>
}

/**
 * What the tool and the kernel refuse of a rule that somebody types. Extensions that packetwalk does not model are no fault.
 * @throws Refusal in their words
 */
export function checkRuleWords(words: readonly string[], { family, table, chain, chains }: RulePlace): void {
  const behind = (...names: readonly string[]): string | undefined =>
    words[words.findIndex((w) => names.includes(w)) + 1]
  const protocols = [
    behind('-p', '--protocol', '--proto'),
    ...words.filter((_, i) => isOf(words[i - 1], '-m', '--match')),
  ]
  let jumps = 0
  for (const [i, word] of words.entries()) {
    const next = words[i + 1]
    if (isOf(word, '-m', '--match')) {
      if (next === undefined) misread(family, `option "${word}" requires an argument`)
      if (!MATCHES.has(next as string)) misread(family, `Couldn't load match \`${next}':No such file or directory\n`)
    } else if (isOf(word, '-j', '--jump')) {
      if (next === undefined) misread(family, `option "${word}" requires an argument`)
      if (++jumps > 1) misread(family, 'multiple -j flags not allowed')
      checkTarget(next as string, { family, table, chain, chains })
    } else if (PORT_OPTIONS.has(word)) {
      if (!protocols.some((one) => PORT_PROTOCOLS.has((one ?? '').toLowerCase())))
        misread(family, `unknown option "${word}"`)
      if (parsePortRange(next ?? '') === undefined) misread(family, `invalid port/service \`${next ?? ''}' specified`)
    }
  }
  checkValues(words, family)
  for (const [option, long, wrong] of [
    ['-i', '--in-interface', ['OUTPUT', 'POSTROUTING']],
    ['-o', '--out-interface', ['INPUT', 'PREROUTING']],
  ] as const) {
    const name = words.includes(option) || words.includes(long) ? behind(option, long) : undefined
    if (name === undefined) continue
    if (name.length > 15) misread(family, `interface name \`${name}' must be shorter than IFNAMSIZ (15)`)
    if (wrong.some((one) => one === chain)) misread(family, `Can't use ${option} with ${chain}\n`)
  }
}

const CT_STATES: ReadonlySet<string> = new Set('INVALID NEW ESTABLISHED RELATED UNTRACKED SNAT DNAT'.split(' '))

function checkValues(words: readonly string[], family: Family): void {
  for (const [i, word] of words.entries()) {
    const value = words[i + 1]
    if (value === undefined || value === '!') continue
    if (
      isOf(word, '-p', '--protocol', '--proto') &&
      protocolNumber(value.toLowerCase()) === undefined &&
      value !== 'all'
    )
      misread(family, `unknown protocol "${value}" specified`)
    if (isOf(word, '-s', '--source', '--src', '-d', '--destination', '--dst'))
      for (const one of value.split(','))
        if (!isHost(one)) misread(family, `host/network \`${one.split('/')[0]}' not found`)
    if (isOf(word, '--ctstate', '--state')) {
      const wrong = value.split(',').find((one) => !CT_STATES.has(one))
      if (wrong !== undefined) misread(family, `Bad ${word.slice(2)} "${wrong}"`)
    }
  }
}

/** An address, maybe with a mask or a length; what is wrong with these is told by whoever reads them. */
function isHost(text: string): boolean {
  return parseIp(text.split('/')[0] as string) !== undefined
}

function checkTarget(name: string, { family, table, chain, chains }: RulePlace): void {
  if (Object.hasOwn(chains, name)) return
  if (!TARGETS.has(name)) misread(family, `Couldn't load target \`${name}':No such file or directory\n`)
  const place = Object.hasOwn(PLACES, name) ? PLACES[name] : undefined
  const isBuiltIn = chains[chain]?.policy !== undefined
  const isWrong =
    place !== undefined && (place.table !== table || (isBuiltIn && place.chains?.includes(chain) === false))
  if (isWrong) refused(family, "Invalid argument. Run `dmesg' for more information.")
}

/** What the tool refuses as the name of a new chain. @throws Refusal in its words */
export function checkChainName(name: string, family: Family): void {
  if (TARGETS.has(name)) misread(family, 'chain name may not clash with target name')
  if (name.length >= 29) misread(family, `chain name \`${name}' too long (must be under 29 chars)`)
}

function isOf(word: string | undefined, ...names: readonly string[]): boolean {
  return word !== undefined && names.includes(word)
}
