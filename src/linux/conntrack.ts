import type { ConntrackEntry, ConntrackTuple } from '../model/index.ts'
import { parseIp } from '../wire/index.ts'
import { parseNumber } from './json.ts'
import { linesOf, type Place, report } from './place.ts'
import { conntrackProtocol, protocolNumber } from './protocol.ts'

interface Head {
  readonly family: 'inet' | 'inet6'
  readonly protocol: number
  readonly timeout: number
  readonly rest: readonly string[]
}

/** `[ipv4 2] udp 17 27 …`: family (only with `-o extended`), protocol, seconds. */
function headOf(words: readonly string[]): Head | undefined {
  const extended = words[0] === 'ipv4' || words[0] === 'ipv6'
  const own = extended ? words.slice(2) : words
  const protocol = protocolNumber(own[1] ?? '')
  const timeout = parseNumber(own[2] ?? '')
  if (protocol === undefined) return undefined
  const family = extended
    ? words[0] === 'ipv6'
      ? 'inet6'
      : 'inet'
    : words.some((w) => /^src=.*:/.test(w))
      ? 'inet6'
      : 'inet'
  return { family, protocol, timeout: timeout ?? 0, rest: own.slice(timeout === undefined ? 2 : 3) }
}

const TUPLE_NUMBERS: ReadonlySet<string> = new Set(['sport', 'dport', 'type', 'code', 'id'])

interface Found {
  readonly tuples: Record<string, string | number>[]
  readonly other: Map<string, string>
  readonly marks: Set<string>
  state?: string
}

function collect(words: readonly string[]): Found {
  const found: Found = { tuples: [], other: new Map(), marks: new Set() }
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals < 0) {
      if (word.startsWith('[')) found.marks.add(word)
      else if (/^[A-Z_0-9]+$/.test(word)) found.state = word
      continue
    }
    const key = word.slice(0, equals)
    const value = word.slice(equals + 1)
    if (key === 'src') found.tuples.push({})
    const tuple = found.tuples.at(-1)
    const ip = key === 'src' || key === 'dst' ? parseIp(value) : undefined
    const number = TUPLE_NUMBERS.has(key) ? parseNumber(value) : undefined
    if (tuple !== undefined && tuple[key] === undefined && (ip ?? number) !== undefined) tuple[key] = (ip ?? number)!
    else found.other.set(key, value)
  }
  return found
}

function isTuple(tuple: Record<string, string | number> | undefined): boolean {
  return tuple !== undefined && typeof tuple['src'] === 'string' && typeof tuple['dst'] === 'string'
}

/** One line of `conntrack -L`; undefined when it is none. */
function parseConntrackLine(text: string): ConntrackEntry | undefined {
  const head = headOf(text.trim().split(/\s+/))
  if (head === undefined) return undefined
  const found = collect(head.rest)
  const [original, reply] = found.tuples
  if (!isTuple(original) || !isTuple(reply)) return undefined
  const numberOf = (name: string): number | undefined => {
    const text = found.other.get(name)
    return text === undefined ? undefined : parseNumber(text)
  }
  const mark = numberOf('mark')
  const zone = numberOf('zone')
  return {
    family: head.family,
    protocol: head.protocol,
    timeout: head.timeout,
    ...(found.state === undefined ? {} : { state: found.state }),
    original: original as unknown as ConntrackTuple,
    reply: reply as unknown as ConntrackTuple,
    ...(found.marks.has('[ASSURED]') ? { assured: true } : {}),
    ...(found.marks.has('[UNREPLIED]') ? { unreplied: true } : {}),
    ...(mark === undefined ? {} : { mark }),
    ...(zone === undefined ? {} : { zone }),
  }
}

/** `conntrack -L`, with or without `-o extended`, or /proc/net/nf_conntrack. Its summary line is passed over. */
export function parseConntrack(text: string, place: Place): ConntrackEntry[] {
  return linesOf(text, place).flatMap((line) => {
    if (/^(conntrack v|#)/.test(line.text)) return []
    return parseConntrackLine(line.text) ?? report(line.place, 'syntax', 'a line of conntrack -L', line.text) ?? []
  })
}

function tupleText(tuple: ConntrackTuple): string {
  const words = [`src=${tuple.src}`, `dst=${tuple.dst}`]
  for (const key of ['sport', 'dport', 'type', 'code', 'id'] as const) {
    if (tuple[key] !== undefined) words.push(`${key}=${tuple[key]}`)
  }
  return words.join(' ')
}

/** One connection as `conntrack -L -o extended` prints it, without the line break. */
export function conntrackLine(entry: ConntrackEntry, extended = true): string {
  const family = extended ? `${entry.family === 'inet' ? 'ipv4     2' : 'ipv6     10'} ` : ''
  const name = conntrackProtocol(entry.protocol)
  const state = entry.state === undefined ? '' : `${entry.state} `
  const unreplied = entry.unreplied === true ? '[UNREPLIED] ' : ''
  const assured = entry.assured === true ? '[ASSURED] ' : ''
  const mark = entry.mark === undefined ? '' : `mark=${entry.mark} `
  const zone = entry.zone === undefined ? '' : `zone=${entry.zone} `
  return (
    `${family}${name.padEnd(8)} ${entry.protocol} ${entry.timeout} ${state}${tupleText(entry.original)} ` +
    `${unreplied}${tupleText(entry.reply)} ${assured}${mark}${zone}use=1`
  )
}

/** What became of a connection. */
export type ConntrackEventKind = 'NEW' | 'UPDATE' | 'DESTROY'

/** One line of `conntrack -E`, without the line break. A connection that is gone because its time was over has none. */
export function conntrackEventLine(event: ConntrackEventKind, entry: ConntrackEntry, extended = false): string {
  const line = conntrackLine(entry, extended).replace(/(?: mark=0)? use=1$/, '')
  const text = entry.timeout > 0 ? line : line.replace(` ${entry.timeout} `, ' ')
  return `${`[${event}]`.padStart(9)} ${text}`
}

/** `conntrack -L -o extended`, or without. */
export function conntrackList(entries: readonly ConntrackEntry[] | undefined, extended = true): string {
  return (entries ?? []).map((entry) => `${conntrackLine(entry, extended)}\n`).join('')
}
