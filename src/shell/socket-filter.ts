import { contains, type Ip, parseCidr, parseIp, prefixOf } from '../wire/index.ts'

/** States of sockets as `ss` names them; a UDP socket without a peer is `closed`, and printed as UNCONN. */
const STATES = [
  'established',
  'syn-sent',
  'syn-recv',
  'fin-wait-1',
  'fin-wait-2',
  'time-wait',
  'close-wait',
  'last-ack',
  'closing',
  'listening',
  'closed',
] as const
export type SocketState = (typeof STATES)[number]

const without = (...left: readonly SocketState[]): readonly SocketState[] =>
  STATES.filter((state) => !left.includes(state))

/** Other words for a state, and words for several. */
const STATE_WORDS: Readonly<Record<string, readonly SocketState[]>> = {
  ...Object.fromEntries(STATES.map((state) => [state, [state]])),
  listen: ['listening'],
  close: ['closed'],
  unconnected: ['closed'],
  all: STATES,
  connected: without('listening', 'closed'),
  synchronized: without('listening', 'closed', 'syn-sent'),
  bucket: ['time-wait', 'syn-recv'],
  big: without('time-wait', 'syn-recv'),
}

/** What filters ask of a socket that waits: it has no peer. */
export interface FilteredSocket {
  readonly address: string
  readonly port: number
}

type Test = (socket: FilteredSocket) => boolean

/** `[state STATE | exclude STATE]… [EXPRESSION]`. */
export interface SocketFilter {
  /** States asked for; undefined where nobody says it. */
  readonly states: ReadonlySet<SocketState> | undefined
  readonly matches: Test
}

/** Why a filter is not taken, and the status `ss` ends with. */
export interface RefusedFilter {
  readonly refused: string
  readonly exitCode: number
}

/** Reads what stands behind the options of `ss`. */
export function readSocketFilter(words: readonly string[]): SocketFilter | RefusedFilter {
  let states: ReadonlySet<SocketState> | undefined
  let at = 0
  for (; words[at] === 'state' || words[at] === 'exclude'; at += 2) {
    const name = words[at + 1] ?? ''
    const word = name.toLowerCase().replaceAll('_', '-')
    const named = Object.hasOwn(STATE_WORDS, word) ? STATE_WORDS[word] : undefined
    if (named === undefined) return { refused: `ss: wrong state name: ${name}`, exitCode: 255 }
    const before: readonly SocketState[] = [...(states ?? (words[at] === 'state' ? [] : STATES))]
    states = new Set(words[at] === 'state' ? [...before, ...named] : before.filter((state) => !named.includes(state)))
  }
  const text = words.slice(at).join(' ')
  const tokens = text.match(/[()]|[!<>=]=|&&|\|\||[!<>=]|[^\s()!<>=&|]+/g) ?? []
  const reader: Reader = { tokens, at: 0 }
  const matches: Test | undefined = tokens.length === 0 ? () => true : either(reader)
  if (matches !== undefined && reader.at === tokens.length) return { states, matches }
  const how = 'sport and dport with a port (= != < > <= >=), src and dst with an address, and, or, not, ( )'
  const word = tokens[reader.at] ?? 'an end there'
  return { refused: `packetwalk: ss: ${word} is not known here; there are state, exclude, ${how}`, exitCode: 1 }
}

interface Reader {
  readonly tokens: readonly string[]
  at: number
}

/** Takes the next token if it is one of some. */
function took(reader: Reader, ...some: readonly string[]): boolean {
  const is = some.includes(reader.tokens[reader.at] ?? '')
  if (is) reader.at += 1
  return is
}

function either(reader: Reader): Test | undefined {
  const first = both(reader)
  if (first === undefined || !took(reader, 'or', '|', '||')) return first
  const second = either(reader)
  return second && ((socket) => first(socket) || second(socket))
}

/** Between two predicates without a word an `and` is meant. */
function both(reader: Reader): Test | undefined {
  const first = one(reader)
  const isAnd = took(reader, 'and', '&', '&&')
  const next = reader.tokens[reader.at]
  if (first === undefined || (!isAnd && (next === undefined || ['or', '|', '||', ')'].includes(next)))) return first
  const second = both(reader)
  return second && ((socket) => first(socket) && second(socket))
}

function one(reader: Reader): Test | undefined {
  if (took(reader, 'not', '!')) {
    const test = one(reader)
    return test && ((socket) => !test(socket))
  }
  if (took(reader, '(')) {
    const test = either(reader)
    return took(reader, ')') ? test : undefined
  }
  if (took(reader, 'sport')) return ofPort(reader, ({ port }) => port)
  if (took(reader, 'dport')) return ofPort(reader, () => 0)
  if (took(reader, 'src')) return ofAddress(reader, ({ address }) => address.replace('*', '::'))
  if (took(reader, 'dst')) return ofAddress(reader, ({ address }) => (address.includes('*') ? '::' : '0.0.0.0'))
  return undefined
}

const COMPARED: readonly (readonly [names: readonly string[], is: (a: number, b: number) => boolean])[] = [
  [['=', '==', 'eq'], (a, b) => a === b],
  [['!=', 'ne', 'neq'], (a, b) => a !== b],
  [['<=', 'le', 'leq'], (a, b) => a <= b],
  [['>=', 'ge', 'geq'], (a, b) => a >= b],
  [['<', 'lt'], (a, b) => a < b],
  [['>', 'gt'], (a, b) => a > b],
]

function ofPort(reader: Reader, of: (socket: FilteredSocket) => number): Test | undefined {
  const [, is] = COMPARED.find(([names]) => took(reader, ...names)) ?? COMPARED[0]!
  const number = /^:?(\d{1,5})$/.exec(reader.tokens[reader.at] ?? '')?.[1]
  if (number === undefined) return undefined
  reader.at += 1
  return (socket) => is(of(socket), Number(number))
}

function ofAddress(reader: Reader, of: (socket: FilteredSocket) => string): Test | undefined {
  took(reader, '=', '==', 'eq')
  const text = reader.tokens[reader.at] ?? ''
  const cidr = parseCidr(text)
  const address = parseIp(text)
  if (cidr === undefined && address === undefined) return undefined
  reader.at += 1
  const prefix = cidr && prefixOf(cidr.address, cidr.length)
  const is = (own: Ip): boolean => (prefix === undefined ? own === address : contains(prefix, own))
  return (socket) => is(parseIp(of(socket)) as Ip)
}
