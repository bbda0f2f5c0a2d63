import { protocolNumber } from '../linux/index.ts'
import { checkArgument, checkTexts, InputError, isRecord } from '../model/index.ts'
import type { Reach, ReachFlow, ReachOutcome } from './reach.ts'
import { checkAnswer } from './reach-form.ts'

/** Which flows of an answer are of interest. */
export interface Narrowing {
  /** Ports: `80`, `tcp/80`, `80/tcp`, `udp/53`, `tcp/8000-9000`, `icmp`. */
  readonly ports?: readonly string[]
  /** Only what is broken (or partly so), or denied. */
  readonly only?: 'broken' | 'denied'
}

interface PortAsked {
  readonly protocol: string | undefined
  readonly low: number
  readonly high: number
}

const WORDS = ['tcp', 'udp', 'sctp', 'icmp', 'icmpv6', 'other']

/** Part of an answer: what is left out has no cell. @throws InputError for what is no port */
export function narrowed(reach: Reach, narrowing: Narrowing): Reach {
  checkAnswer('reach', reach)
  checkArgument(isRecord(narrowing), 'narrowing', 'what is of interest: { ports, only }', narrowing)
  const { ports, only } = narrowing
  if (ports !== undefined) checkTexts('narrowing.ports', ports, 'a list of ports, such as tcp/80')
  const asked = ports?.map(portOf)
  const patterns = reach.patterns.map((pattern) =>
    pattern
      .flatMap((flow) => (asked === undefined ? [flow] : cut(flow, asked)))
      .filter((flow) => isOf(reach, flow, only)),
  )
  return { ...reach, patterns, cells: reach.cells.filter(({ pattern }) => (patterns[pattern]?.length ?? 0) > 0) }
}

function isOf({ outcomes }: Reach, { outcome }: ReachFlow, only: Narrowing['only']): boolean {
  const { verdict } = outcomes[outcome] as ReachOutcome
  if (only === undefined) return true
  return only === 'denied'
    ? verdict === 'denied'
    : verdict === 'broken' || verdict === 'partly' || verdict === 'undecided'
}

/** The parts of a flow that are asked for. */
function cut({ headers, outcome }: ReachFlow, asked: readonly PortAsked[]): ReachFlow[] {
  return asked.flatMap(({ protocol, low, high }) => {
    if (protocol !== undefined && protocol !== headers.protocol) return []
    if (protocol === undefined && !['tcp', 'udp', 'sctp'].includes(headers.protocol)) return []
    const [first, last] = [Math.max(low, headers.low), Math.min(high, headers.high)]
    return first > last ? [] : [{ headers: { ...headers, low: first, high: last }, outcome }]
  })
}

function portOf(text: string): PortAsked {
  const parts = text.toLowerCase().split('/')
  const protocol = parts.find(
    (one) => WORDS.includes(one) || (parts.length > 1 && protocolNumber(one) !== undefined && !/^\d/.test(one)),
  )
  const number = parts.find((one) => one !== protocol)
  const range = number === undefined ? undefined : /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(number)
  const [low, high] = [Number(range?.[1] ?? 0), Number(range?.[2] ?? range?.[1] ?? 65_535)]
  const isRight = parts.length <= 2 && (number === undefined || range !== null) && high <= 65_535 && low <= high
  if (isRight && (protocol !== undefined || range !== undefined)) return { protocol, low, high }
  const expected = 'a port such as 80, tcp/80, udp/53 or tcp/8000-9000, or a protocol: icmp'
  throw new InputError([{ kind: 'invalid', file: '', path: ['--port'], expected, received: `"${text}"` }])
}
