import { endpointsIn } from '../control/index.ts'
import { checkLab, type Lab } from '../lab/index.ts'
import { checkCount, checkFunction, checkReport } from '../model/index.ts'
import { REACH_FORM, type Reach, type ReachHeaders, type ReachOutcome } from './reach.ts'

/** A flow that was asked by a packet of its own. */
export interface CheckedFlow {
  /** Who asked. */
  readonly from: string
  /** Who was asked. */
  readonly to: string
  /** Class of headers that the answer is about. */
  readonly headers: ReachHeaders
  /** Port of it that was asked. */
  readonly port: number
  /** What the answer says. */
  readonly outcome: ReachOutcome
  /** Whether the packet arrived and was answered. */
  readonly arrived: boolean
}

/** What came of comparing an answer with packets. */
export interface ReachCheck {
  /** Flows that were asked, by what the answer says of them. */
  readonly asked: Readonly<Record<ReachOutcome['verdict'], number>>
  /** Those of which the answer says otherwise. */
  readonly wrong: readonly CheckedFlow[]
}

/** Protocols that programs send. */
const SENT: readonly string[] = ['tcp', 'udp', 'icmp']

/** How many draws may hit what is not sent, for each that is. */
const TRIES = 20

/**
 * Asks flows by packets, drawn from all pairs of ends and classes of headers, each from the same moment, and compares with what an answer
 * says. Addresses outside are not drawn. The lab is as before when it returns.
 *
 * @param count - how many
 * @param draw - a number from 0 to below
 */
export function checkReach(lab: Lab, reach: Reach, count: number, draw: (below: number) => number): ReachCheck {
  checkLab(lab)
  checkReport('reach', reach, REACH_FORM)
  checkCount('count', count)
  checkFunction('draw', draw, 'a function that draws a number: (below) => number')
  const start = lab.snapshot()
  const asked = { allowed: 0, denied: 0, broken: 0, partly: 0, undecided: 0 }
  const wrong: CheckedFlow[] = []
  let done = 0
  for (let i = 0; i < count * TRIES && done < count && reach.cells.length > 0; i++) {
    const flow = drawn(reach, draw)
    if (flow === undefined) continue
    done += 1
    lab.restore(start)
    const arrived = arrives(lab, flow)
    asked[flow.outcome.verdict] += 1
    if (!isRight(lab, reach, flow, flow.outcome, arrived)) wrong.push({ ...flow, arrived })
  }
  lab.restore(start)
  return { asked, wrong }
}

function drawn(reach: Reach, draw: (below: number) => number): Omit<CheckedFlow, 'arrived'> | undefined {
  const cell = reach.cells[draw(reach.cells.length)]
  const [start, end] = [reach.ends[cell?.from ?? 0], reach.ends[cell?.to ?? 0]]
  const flows = (reach.patterns[cell?.pattern ?? 0] ?? []).filter(({ headers }) => SENT.includes(headers.protocol))
  const flow = flows[draw(Math.max(flows.length, 1))]
  if (flow === undefined || start === undefined || end === undefined) return undefined
  // IPv6 is asked where both ends have nothing else.
  if (start.kind === 'outside' || end.kind === 'outside' || flow.headers.family === 6) return undefined
  const [from, to] = [start.members[draw(start.members.length)], end.members[draw(end.members.length)]]
  const outcome = reach.outcomes[flow.outcome]
  if (from === undefined || to === undefined || from === to || outcome === undefined) return undefined
  const { low, high } = flow.headers
  return { from, to, headers: flow.headers, port: low + draw(high - low + 1), outcome }
}

function arrives(lab: Lab, { from, to, headers, port }: Omit<CheckedFlow, 'arrived'>): boolean {
  switch (headers.protocol) {
    case 'tcp':
      return lab.tcp(from, to, port, { timeout: 3 }).exitCode === 0
    case 'udp':
      return lab.udp(from, to, port, { size: 32 }).exitCode === 0
    default:
      return lab.ping(from, to, { linger: 1 }).exitCode === 0
  }
}

/** Whether what a small packet met is what an outcome says. */
function isRight(
  lab: Lab,
  reach: Reach,
  flow: Omit<CheckedFlow, 'arrived'>,
  outcome: ReachOutcome,
  arrived: boolean,
): boolean {
  const { verdict, partly, parts = [] } = outcome
  switch (verdict) {
    case 'allowed':
      return arrived
    case 'denied':
    case 'broken':
      return !arrived
    case 'undecided':
      return true
    case 'partly': {
      const wanted = partly === 'size' ? 'small packets' : partly === 'node pair' ? nearness(lab, flow) : undefined
      const own = parts.filter(({ when }) => wanted === undefined || when === wanted)
      return (own.length === 0 ? parts : own).some((part) =>
        isRight(lab, reach, flow, reach.outcomes[part.outcome] as ReachOutcome, arrived),
      )
    }
  }
}

function nearness(lab: Lab, { from, to }: Pick<CheckedFlow, 'from' | 'to'>): string {
  const finder = endpointsIn(lab.cluster?.workloadEndpoints ?? [])
  const nodeOf = (name: string): string => finder.at(name)?.node ?? name.replace(/^node\//, '')
  return nodeOf(from) === nodeOf(to) ? 'on one node' : 'on different nodes'
}

/** Numbers drawn by a seed: the same seed, the same numbers (mulberry32). */
export function drawnBy(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
