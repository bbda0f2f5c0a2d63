import { parseIp } from '../../wire/index.ts'
import { ADDRESS, type Fact, form, NOTHING, type Outcome, type Reader } from './fact.ts'
import type { PastedLine } from './sections.ts'

/** The words of an address and a port: `10.96.0.1:443`, `[fd00::1]:443`, `10.96.0.1 port 443`, `10.96.0.1 443`, `(10.96.0.1) 443`. */
const END = /\[?(?<to>\d+\.\d+\.\d+\.\d+|[0-9a-fA-F]*:[0-9a-fA-F:]+?)\]?\)?(?::| port | )\(?(?<port>\d{1,5})\b/

/** What came of it, by words of curl, wget, nc, telnet and of programs in Go. The first that fits. */
const OUTCOMES: readonly (readonly [RegExp, Outcome])[] = [
  [/Could(?:n't| not) resolve host|bad address|Name or service not known|name resolution|no such host/i, 'name'],
  [/connection refused/i, 'refused'],
  [/timed? ?out|i\/o timeout|deadline exceeded|TIMEOUT/i, 'timeout'],
  [/no route to host|(?:network|host) (?:is )?unreachable/i, 'unreachable'],
  [/^\* Connected to|\bsucceeded!|^< HTTP\/|^HTTP\/\d|\bConnected to \S+:\d+|\bopen$|\) open\b|connected\.$/, 'open'],
]

/** Programs that try a connection, as their lines or the prompt name them. */
const TRIES = /\b(?:curl|wget|nc|ncat|telnet|dial tcp|connect|connection|Connecting|Trying|resolve)\b/i

/** A line of curl, wget, nc, telnet. */
function tried(text: string, { command }: PastedLine): Fact | undefined {
  const found = OUTCOMES.find(([words]) => words.test(text))
  if (found === undefined || !(TRIES.test(text) || TRIES.test(command) || found[1] === 'open')) return undefined
  // Kernel and kubelet speak of other things that time out.
  if (/RTNETLINK|kernel:|ICMP|icmp_seq|packets transmitted|\|/.test(text)) return undefined
  const { to = '', port = '0' } = END.exec(text)?.groups ?? END.exec(command)?.groups ?? {}
  return { kind: 'tried', outcome: found[1], to, port: Number(port) }
}

/** A hop that has not answered is ` 3  * * *`, or `???` of mtr. */
function hop(text: string): Fact | undefined {
  const found = /^\s*(?<number>\d{1,2})(?:\.|:|\?:)?(?:\|--)?\s+(?<rest>\S.*)$/.exec(text)?.groups
  if (found === undefined) return undefined
  const { number = '', rest = '' } = found
  const isSilent = /^(?:\*(?:\s|$)|\?\?\?|no reply)/.test(rest)
  const isTimed = /\d(?:\.\d+)?\s?ms\b|^\S+\s+\d+(?:\.\d+)?%/.test(rest) || /\bpmtu \d+/.test(rest)
  if (!isSilent && !isTimed) return undefined
  const address = rest.match(/[0-9a-fA-F.:]+/g)?.find((word) => parseIp(word) !== undefined) ?? ''
  const mark = /!(?:\d+|[A-Z])\b/.exec(rest)?.[0] ?? ''
  return { kind: 'hop', number: Number(number), address: isSilent ? '' : address, mark }
}

/** Readers of what came of packets that somebody sent. */
export const PROBES: readonly Reader[] = [
  form(/^\s*(?:\d+\??:.*\s)?(?:Resume: )?pmtu (?<mtu>\d+)/, ({ mtu }) => ({ kind: 'path-mtu', mtu: Number(mtu) })),
  form(/^traceroute6? to |^Start: |^HOST: |^\s+Packets\s+Pings|^\s*Too many hops/, () => NOTHING),
  hop,
  tried,
  form(/^(?:\* {2,}Trying |Connecting to |\* TCP_NODELAY|> |< |[*{}] |--\d{4}-)/, () => NOTHING),
  form(new RegExp(`^Trying ${ADDRESS}\\.\\.\\.`), () => NOTHING),
]
