// The answer by classes is what packets meet: random clusters, whose pairs of ends are asked one by one.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { type Reach, type ReachFlow, type ReachOutcome, reachOf } from '../../src/reach/index.ts'
import { runs } from '../properties/run.ts'
import { policedClusters } from './policed-clusters.ts'

/** Flows that are asked of each cluster; with FC_RUNS more. */
const SAMPLE = process.env['FC_RUNS'] === undefined ? 60 : 400

interface Asked {
  readonly from: string
  readonly to: string
  readonly flow: ReachFlow
  readonly outcome: ReachOutcome
}

/** Flows of an answer, drawn from pairs of members and classes of headers. */
function* flowsOf(reach: Reach, draw: (below: number) => number): Generator<Asked> {
  for (let i = 0; i < SAMPLE; i++) {
    const cell = reach.cells[draw(reach.cells.length)]!
    const [from, to] = [reach.ends[cell.from]!, reach.ends[cell.to]!]
    const pattern = reach.patterns[cell.pattern]!.filter(({ headers }) =>
      ['tcp', 'udp', 'icmp'].includes(headers.protocol),
    )
    if (pattern.length === 0 || from.kind === 'outside' || to.kind === 'outside') continue
    const flow = pattern[draw(pattern.length)]!
    const [start, end] = [from.members[draw(from.members.length)]!, to.members[draw(to.members.length)]!]
    if (start !== end) yield { from: start, to: end, flow, outcome: reach.outcomes[flow.outcome]! }
  }
}

/** Whether a packet of the class arrives and is answered. */
function walks(lab: Lab, { from, to, flow }: Asked, port: number): boolean {
  switch (flow.headers.protocol) {
    case 'tcp':
      return lab.tcp(from, to, port, { timeout: 3 }).exitCode === 0
    case 'udp':
      return lab.udp(from, to, port, { size: 32 }).exitCode === 0
    default:
      return lab.ping(from, to, { linger: 1 }).exitCode === 0
  }
}

/** What must hold of a flow that was asked. */
function isRight(reach: Reach, outcome: ReachOutcome, arrives: boolean): boolean {
  switch (outcome.verdict) {
    case 'allowed':
      return arrives
    case 'denied':
    case 'broken':
      return !arrives
    case 'partly':
      return (outcome.parts ?? []).some((part) => isRight(reach, reach.outcomes[part.outcome]!, arrives))
    case 'undecided':
      return true
  }
}

describe('reach', () => {
  it('says of every flow what a packet of it meets', () => {
    const seen = { allowed: 0, denied: 0, broken: 0, partly: 0, undecided: 0 }
    fc.assert(
      fc.property(
        policedClusters({ nodes: 4, podsPerNode: 5 }),
        fc.infiniteStream(fc.nat()),
        ({ resources }, numbers) => {
          const reach = reachOf(Lab.fromResources(resources))
          const lab = Lab.fromResources(resources, { record: false })
          const start = lab.snapshot()
          const draw = (below: number): number => numbers.next().value! % below
          for (const asked of flowsOf(reach, draw)) {
            lab.restore(start)
            const { low, high } = asked.flow.headers
            const port = low + draw(high - low + 1)
            seen[asked.outcome.verdict] += 1
            const arrives = walks(lab, asked, port)
            expect({ ...asked, port, right: isRight(reach, asked.outcome, arrives) }).toEqual({
              ...asked,
              port,
              right: true,
            })
          }
        },
      ),
      runs(6),
    )
    expect(seen.allowed).toBeGreaterThan(10)
    expect(seen.denied).toBeGreaterThan(10)
  }, 3_600_000)
})
