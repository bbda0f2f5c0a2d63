import { parseIp } from '../../wire/index.ts'
import { ADDRESS, type Fact, form, NOTHING, type Reader } from './fact.ts'

/** `conntrack -L`, and /proc/net/nf_conntrack, which has a family and its number before. */
function connection(text: string): Fact | undefined {
  const found = /(?:^|\s)(?<protocol>tcp|udp|icmp(?:v6)?|sctp)\s+\d+\s+(?:\d+\s+)?(?<state>[A-Z_]+\s)?.*?src=/.exec(
    text,
  )
  if (found === null) return undefined
  const values = (key: string): string[] =>
    [...text.matchAll(new RegExp(`\\b${key}=(${ADDRESS})`, 'g'))].map(([, value = '']) => value)
  const [source = '', answerFrom = ''] = values('src')
  const [destination = '', answerTo = ''] = values('dst')
  const { protocol = '', state = '' } = found.groups ?? {}
  const isUnanswered = text.includes('[UNREPLIED]')
  return { kind: 'connection', protocol, state: state.trim(), isUnanswered, source, destination, answerFrom, answerTo }
}

/** `LISTEN 0 128 0.0.0.0:80 0.0.0.0:*` of ss, `tcp 0 0 0.0.0.0:80 0.0.0.0:* LISTEN` of netstat. */
function listener(text: string): Fact | undefined {
  const isListening = /^(?:tcp\s+)?LISTEN\s/.test(text) || /^tcp6?\s.*\sLISTEN\b/.test(text)
  const ends = isListening
    ? /\s\[?(?<address>[0-9a-fA-F.:*]*?)\]?(?:%\S+)?:(?<port>\d+)\s/.exec(text)?.groups
    : undefined
  if (ends === undefined) return undefined
  return { kind: 'listener', address: ends['address'] ?? '', port: Number(ends['port']) }
}

/** `ESTAB 0 0 10.0.0.1:40000 10.0.0.2:80` of ss, `tcp 0 0 10.0.0.1:40000 10.0.0.2:80 ESTABLISHED` of netstat. */
function socket(text: string): Fact | undefined {
  const ends = /\s\[?(?<local>[0-9a-fA-F.:]+?)\]?:\d+\s+\[?(?<remote>[0-9a-fA-F.:]+?)\]?:\d+(?:\s|$)/.exec(text)?.groups
  const state = /^(?:tcp6?\s+)?(?<ss>[A-Z][A-Z0-9-]+)\s|^tcp6?\s.*\s(?<netstat>[A-Z][A-Z0-9_]+)\b/.exec(text)?.groups
  const named = state?.['ss'] ?? state?.['netstat']
  if (ends === undefined || named === undefined) return undefined
  return {
    kind: 'socket',
    state: named.replace('_', '-').replace('ESTABLISHED', 'ESTAB'),
    local: ends['local'] ?? '',
    remote: ends['remote'] ?? '',
  }
}

/** Names of columns of `ip -s link`, which stand a line above their numbers. */
const COLUMNS = /^\s*(?<way>RX|TX)(?: errors)?: +(?<names>[a-z ]+)$/

/** Columns that tell of packets lost. */
const LOSSES: ReadonlySet<string> = new Set(['errors', 'dropped', 'missed', 'overrun', 'carrier', 'overrsn'])

/** The numbers of `ip -s link`. */
function lost(text: string, before: string): Fact | undefined {
  const { way = '', names } = COLUMNS.exec(before)?.groups ?? {}
  if (names === undefined || !/^\s*[\d ]+$/.test(text)) return undefined
  const values = text.trim().split(/\s+/).map(Number)
  const columns = names.trim().split(/\s+/)
  const found = columns.findIndex((name, i) => LOSSES.has(name) && (values[i] ?? 0) > 0)
  const [name, value] = [columns[found] ?? 'dropped', values[found] ?? 0]
  return { kind: 'lost', what: `${way} ${name}`, value }
}

/** Counters of `netstat -s`, by the words before or behind their number, with the names that nstat has for them. */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/^\s*IPReversePathFilter: (?<value>\d+)/, 'IPReversePathFilter'],
  [/^\s*(?<value>\d+) (?:outgoing packets )?dropped because of missing route/, 'IpOutNoRoutes'],
  [/^\s*(?<value>\d+) SYNs to LISTEN sockets (?:dropped|ignored)/, 'TcpExtListenDrops'],
  [/^\s*(?<value>\d+) times the listen queue of a socket overflowed/, 'TcpExtListenOverflows'],
  [/^\s*(?<value>\d+) fragments failed/, 'IpFragFails'],
  [
    /^\s*(?<value>\d+) (?:outgoing )?packets? (?:with )?invalid checksum|^\s*InCsumErrors: (?<sums>\d+)/,
    'InCsumErrors',
  ],
  [/^\s*Forwarding: (?<value>\d+)/, 'IpForwarding'],
]

function sentence(text: string): Fact | undefined {
  for (const [words, name] of SENTENCES) {
    const groups = words.exec(text)?.groups
    if (groups !== undefined) return { kind: 'counter', name, value: Number(groups['value'] ?? groups['sums']) }
  }
  return undefined
}

/** A protocol of BIRD: `Mesh_172_17_0_40 BGP master up 10:00:00 Established`. */
const BIRD =
  /^\s*(?<name>(?:Mesh|Node|Global)_\S+)\s+BGP\s+\S+\s+(?<state>up|start|down)\s+\S+(?: [\d:.]+)?\s*(?<info>.*)$/

function protocol(text: string): Fact | undefined {
  const found = BIRD.exec(text)?.groups
  if (found === undefined) return undefined
  const { name = '', state = '', info = '' } = found
  const words = name.replace(/^[A-Za-z]+_/, '')
  const dotted = [words.replaceAll('_', '.'), words.replaceAll('_', ':')].find((one) => parseIp(one) !== undefined)
  const says = info.trim().replace(/\s+/g, ' ')
  return {
    kind: 'session',
    peer: dotted ?? name,
    isUp: state === 'up' && /^Established/.test(says),
    info: says || state,
  }
}

/** Readers of tables that nodes keep: connections, sockets, counters, protocols. */
export const TABLES: readonly Reader[] = [
  connection,
  form(/^conntrack v\d|^\S+\s.*flow entries have been shown/, () => NOTHING),
  listener,
  socket,
  form(/^(?:State|Netid)\s+|^Proto Recv-Q|^Active Internet/, () => NOTHING),
  (text, _line, before) => lost(text, before),
  form(COLUMNS, () => NOTHING),
  sentence,
  // What else netstat -s counts, in words.
  form(/^\s{2,}(?:\d+ [A-Za-z][\w ,()/-]*|[A-Z]\w+: \d+)$/, () => NOTHING),
  form(/^(?:Ip|Icmp|IcmpMsg|Tcp|Udp|UdpLite|TcpExt|IpExt|MPTcpExt):$|^#kernel$/, () => NOTHING),
  protocol,
  form(
    /^BIRD v?[\d.]+\S* ready|^Name\s+Proto\s+Table|^\S+\s+(?:Static|Kernel|Device|Direct|Pipe)\s+\S+\s+up\b/i,
    () => NOTHING,
  ),
  form(/Unable to connect to server control socket|bird.*(?:is )?not (?:ready|running)/i, () => ({ kind: 'no-bird' })),
  // The frame of iptables-save.
  form(/^:(?<chain>[\w-]+) (?<policy>ACCEPT|DROP|-) \[(?<packets>\d+):\d+\]/, ({ chain = '', policy, packets }) =>
    policy === '-'
      ? NOTHING
      : { kind: 'chain-policy', chain, drops: policy === 'DROP', packets: policy === 'DROP' ? Number(packets) : 0 },
  ),
  form(/^\*(?:filter|nat|mangle|raw|security)$|^COMMIT$/, () => NOTHING),
]
