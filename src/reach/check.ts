import { checkLab, type Lab } from '../lab/index.ts'
import { checkCount, checkFunction } from '../model/index.ts'
import { type AskedFlow, drawnFlow, everyFlow, type Population, populationOf } from './drawn-flow.ts'
import type { Reach, ReachOutcome } from './reach.ts'
import { checkAnswer } from './reach-form.ts'

/** A flow that was asked by packets of its own. */
export interface CheckedFlow extends AskedFlow {
  /** Whether the packets arrived and were answered. */
  readonly arrived: boolean
}

/** What came of comparing an answer with packets. */
export interface ReachCheck {
  /** Flows that were asked, by what the answer says of them. */
  readonly asked: Readonly<Record<ReachOutcome['verdict'], number>>
  /** Those of which the answer says otherwise. */
  readonly wrong: readonly CheckedFlow[]
}

/** How many draws may hit what is not sent, for each that is. */
const TRIES = 20

/**
 * Asks flows by packets, drawn from all pairs of ends and classes of headers, of both families, small ones and such that fill the MTU, each
 * from the same moment, and compares with what an answer says. Outside is asked, and asks, by an address of its ranges. The lab is as
 * before when it returns.
 *
 * @param count - how many; `every pair`: of each pair of ends, protocol and family each outcome once
 * @param draw - a number from 0 to below
 */
export function checkReach(
  lab: Lab,
  reach: Reach,
  count: number | 'every pair',
  draw: (below: number) => number,
): ReachCheck {
  checkLab(lab)
  checkAnswer('reach', reach)
  if (count !== 'every pair') checkCount('count', count)
  checkFunction('draw', draw, 'a function that draws a number: (below) => number')
  const start = lab.snapshot()
  const population = populationOf(lab)
  const asked = { allowed: 0, denied: 0, broken: 0, partly: 0, undecided: 0 }
  const wrong: CheckedFlow[] = []
  const flows = count === 'every pair' ? everyFlow(population, reach, draw) : someFlows(population, reach, count, draw)
  for (const flow of flows) {
    lab.restore(start)
    const arrived = arrives(lab, flow)
    asked[flow.outcome.verdict] += 1
    if (!isRight(population, reach, flow, flow.outcome, arrived)) wrong.push({ ...flow, arrived })
  }
  lab.restore(start)
  return { asked, wrong }
}

function* someFlows(
  population: Population,
  reach: Reach,
  count: number,
  draw: (below: number) => number,
): Generator<AskedFlow, void, undefined> {
  let done = 0
  for (let i = 0; i < count * TRIES && done < count && reach.cells.length > 0; i++) {
    const flow = drawnFlow(population, reach, draw)
    if (flow === undefined) continue
    done += 1
    yield flow
  }
}

function arrives(lab: Lab, { asking, asked, source, headers, port, size }: AskedFlow): boolean {
  const own = source === undefined ? {} : { source }
  switch (headers.protocol) {
    case 'tcp': {
      const large = size === undefined ? {} : { request: 2 * size.mtu, reply: 2 * size.mtu }
      return lab.tcp(asking, asked, port, { ...own, ...large, timeout: 3 }).exitCode === 0
    }
    case 'udp':
      return lab.udp(asking, asked, port, { ...own, size: size?.datagram ?? 32 }).exitCode === 0
    default:
      return lab.ping(asking, asked, { ...own, linger: 1 }).exitCode === 0
  }
}

/** Whether what packets met is what an outcome says. */
function isRight(
  population: Population,
  reach: Reach,
  flow: AskedFlow,
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
      const wanted = partly === undefined ? [] : casesOf(population, flow, partly)
      const own = parts.filter(({ when }) => wanted.includes(when))
      return (own.length === 0 ? parts : own).some((part) =>
        isRight(population, reach, flow, reach.outcomes[part.outcome] as ReachOutcome, arrived),
      )
    }
  }
}

/** What parts of an answer a flow is one of, by their words; none: nobody can tell. */
function casesOf(
  { nodeOf }: Population,
  { from, to, size }: AskedFlow,
  partly: NonNullable<ReachOutcome['partly']>,
): readonly string[] {
  switch (partly) {
    case 'size':
      return [size === undefined ? 'small packets' : 'packets that fill the MTU']
    case 'node pair':
      return [nodeOf(from) === nodeOf(to) ? 'on one node' : 'on different nodes', `on ${nodeOf(from)}`]
    case 'direction':
      // A flow arrives when it is answered.
      return ['answers']
    case 'endpoint':
    case 'source port':
      return []
  }
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
