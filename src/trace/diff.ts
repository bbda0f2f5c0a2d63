import { pushTo } from '../model/index.ts'
import { checkTrace } from './argument.ts'
import type { Hop } from './hop.ts'
import type { Trace, TracePacket } from './trace.ts'

/** Where two traces part. */
export interface Parting {
  /** The hop of the first trace there; absent when it ends before. */
  readonly left?: Hop
  /** The hop of the second trace there; absent when it ends before. */
  readonly right?: Hop
  /** The last hop both have; absent when they differ from the start. */
  readonly common?: Hop
  /** What differs, in words. */
  readonly why: string
}

/** Two traces compared. */
export interface TraceDiff {
  /** Whether what happened is the same; times, packet ids and random fields apart. */
  readonly same: boolean
  /** How many hops they have in common before they part. */
  readonly commonHops: number
  /** Where they part; absent when they are the same. */
  readonly parting?: Parting
  /** Whether the outcome changed, in words; '' when it did not. */
  readonly outcome: string
}

/** Hops that move packets or decide about them: what a comparison looks at. */
const COMPARED: ReadonlySet<Hop['kind']> = new Set([
  'arp',
  'decap',
  'deliver',
  'drop',
  'encap',
  'forward',
  'fragment',
  'icmp-error',
  'nat',
  'route',
  'rp-filter',
  'rule',
  'rx',
  'tx',
])

/**
 * Where two traces part and why; times, packet ids and fields chosen at random are not compared. Neither is a question for a
 * link-layer address that only one of them asks: the other knew the answer, from a run before.
 */
export function diffTraces(left: Trace, right: Trace): TraceDiff {
  checkTrace(left, 'left')
  checkTrace(right, 'right')
  const [asked, askedThen] = [questionsOf(left), questionsOf(right)]
  const a = comparedHops(left, asked, askedThen)
  const b = comparedHops(right, askedThen, asked)
  let i = 0
  while (i < a.length && i < b.length && signature(a[i]!) === signature(b[i]!)) i += 1
  const outcome = outcomeOf(left, right)
  if (i === a.length && i === b.length) return { same: outcome === '', commonHops: i, outcome }
  const parting: Parting = {
    ...(a[i] === undefined ? {} : { left: a[i]! }),
    ...(b[i] === undefined ? {} : { right: b[i]! }),
    ...(i === 0 ? {} : { common: a[i - 1]! }),
    why: whyParted(a[i], b[i]),
  }
  return { same: false, commonHops: i, parting, outcome }
}

/** A packet that asks for a link-layer address, and those it led to: who asks for what. */
function questionOf(packet: TracePacket, byId: ReadonlyMap<number, TracePacket>): string {
  let first = packet
  for (let next: TracePacket | undefined = packet; next?.role === 'resolution'; ) {
    first = next
    next = byId.get(next.answers ?? next.parent ?? -1)
  }
  const asks = /who-has (\S+)/.exec(first.line)?.[1] ?? first.line
  return `${first.path[0] ?? ''} ${asks.replace(/,$/, '')}`
}

/** What is asked of neighbours, by the ids of the packets that ask and answer. */
function questionsOf(trace: Trace): ReadonlyMap<number, string> {
  const byId = new Map(trace.packets.map((packet) => [packet.id, packet]))
  const asking = trace.packets.filter((packet) => packet.role === 'resolution')
  return new Map(asking.map((packet) => [packet.id, questionOf(packet, byId)]))
}

/**
 * Rules of nat see only the first packet of a connection, and in all tables the others pass by the rule for what is known
 * already: what lets a packet on is not compared, what ends it is.
 */
function letsOn(hop: Hop): boolean {
  return hop.kind === 'rule' && (hop.table === 'nat' || (hop.target !== 'DROP' && hop.target !== 'REJECT'))
}

/** Hops that are compared, packet after packet, those first that the others waited for: questions that the other trace does not ask are left out. */
function comparedHops(trace: Trace, own: ReadonlyMap<number, string>, others: ReadonlyMap<number, string>): Hop[] {
  const both = new Set(others.values())
  const [questions, stories] = [new Map<number, Hop[]>(), new Map<number, Hop[]>()]
  for (const hop of trace.hops) {
    const question = own.get(hop.packet)
    if (!COMPARED.has(hop.kind) || letsOn(hop) || (question !== undefined && !both.has(question))) continue
    const kept = question === undefined ? stories : questions
    pushTo(kept, hop.packet, hop)
  }
  return [...questions.values(), ...stories.values()].flat()
}

function outcomeOf(left: Trace, right: Trace): string {
  const [a, b] = [left.disposition, right.disposition]
  if (a.kind !== b.kind) return `${a.kind} became ${b.kind}`
  if (a.kind === 'dropped' && b.kind === 'dropped' && (a.cause !== b.cause || a.netns !== b.netns)) {
    return `dropped in ${a.netns} (${a.cause}) became dropped in ${b.netns} (${b.cause})`
  }
  return ''
}

/** What of a hop must be equal. */
function signature(hop: Hop): string {
  const place = `${hop.kind} ${hop.netns} ${hop.dev}`
  switch (hop.kind) {
    case 'tx':
    case 'rx':
      return `${place} ${stable(hop.line)}`
    case 'route':
      return `${place} ${hop.direction} ${hop.destination} ${hop.result} ${hop.route ?? ''} ${hop.via ?? ''} ${hop.out ?? ''}`
    case 'drop':
      return `${place} ${hop.cause}`
    case 'rule':
      return `${place} ${hop.table} ${hop.chain} ${hop.text} ${hop.mark}`
    case 'rp-filter':
      return `${place} ${hop.passed} ${hop.out ?? ''}`
    case 'arp':
      return `${place} ${hop.answered} ${hop.target} ${hop.sender}`
    default:
      return `${place} ${JSON.stringify(hop, withoutChance)}`
  }
}

/** Fields of a hop that are other every time, and those that only say the same in words. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['time', 'packet', 'answers', 'original', 'reason', 'facts'])

function withoutChance(key: string, value: unknown): unknown {
  return NOT_COMPARED.has(key) ? undefined : value
}

/** A line of tcpdump without what is chosen at random. */
function stable(line: string): string {
  return line
    .replace(/\bid (0x)?[0-9a-f]+/g, 'id *')
    .replace(/\.(3[2-9]|[45]\d|60)\d{3}\b/g, '.*')
    .replace(/\b(seq|ack|val|ecr|cksum) [0-9a-fx:]+/g, '$1 *')
}

function whyParted(a: Hop | undefined, b: Hop | undefined): string {
  if (a === undefined) return b === undefined ? '' : `only the second goes on: ${describe(b)}`
  if (b === undefined) return `only the first goes on: ${describe(a)}`
  if (a.kind === b.kind && a.netns === b.netns) return `${a.netns}: ${saidBy(a)} — but now: ${saidBy(b)}`
  return `${describe(a)} — but now: ${describe(b)}`
}

function describe(hop: Hop): string {
  return `${hop.netns}${hop.dev === '' ? '' : ` ${hop.dev}`}: ${saidBy(hop)}`
}

function saidBy(hop: Hop): string {
  return hop.kind === 'tx' || hop.kind === 'rx' ? `${hop.kind} ${hop.dev} ${hop.line}` : hop.reason
}
