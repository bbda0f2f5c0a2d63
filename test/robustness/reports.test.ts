// A report may come from a file, or from anybody's hand: whatever stands in one of its places, what is wrong is said by that place.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as ask from '../../src/ask/index.ts'
import { InputError, Lab } from '../../src/index.ts'
import { renderPcapng, renderTimelineJson } from '../../src/render/index.ts'
import * as views from '../../src/views/index.ts'

const TEXT = readFileSync('examples/demo/ipip.yaml', 'utf8')
const [A, B] = ['default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv']
const lab = Lab.load(TEXT)
const PLAN = ask.readExpectations({
  name: 'plan.yaml',
  text: `{ apiVersion: packetwalk/v1, kind: Expectations, metadata: { name: p }, spec: { expectations: [{ from: ${A}, to: ${B}, expect: deny }] } }`,
})
const broken = Lab.load(TEXT.replace('ipipMode: Always', 'ipipMode: Never'))
const flow = { from: A, to: B, protocol: 'icmp' }

/** Reports of every sort, and all that is done with them. */
const REPORTS: readonly (readonly [string, object, Readonly<Record<string, (report: never) => unknown>>])[] = [
  [
    'who reaches whom',
    ask.reachOf(lab, { from: [A, 'outside'], to: [B, 'nodes'] }),
    {
      mergedReach: (report) => ask.mergedReach([report]),
      narrowed: (report) => ask.narrowed(report, { only: 'denied' }),
      flowIn: (report) => ask.flowIn(report, flow),
      checkReach: (report) => ask.checkReach(lab, report, 1, () => 0),
      reachText: ask.reachText,
      reachMarkdown: ask.reachMarkdown,
      reachCsv: ask.reachCsv,
      reachCsvParts: (reach) => [...ask.reachCsvParts(reach as never)],
      reachDot: ask.reachDot,
      reachSvg: ask.reachSvg,
      reachHtml: ask.reachHtml,
    },
  ],
  [
    'largest payloads',
    ask.payloadOf(lab, { from: A, to: B }),
    { payloadText: ask.payloadText, payloadMarkdown: ask.payloadMarkdown },
  ],
  [
    'a capture',
    ask.explainCapture(lab, [{ name: 'a.pcapng', bytes: renderPcapng(lab.ping(A, B).trace) }]),
    { captureText: ask.captureText, captureMarkdown: ask.captureMarkdown },
  ],
  [
    'expectations',
    ask.judgeExpectations(lab, PLAN),
    {
      renderExpectationsText: ask.renderExpectationsText,
      renderExpectationsJunit: ask.renderExpectationsJunit,
      renderExpectationsTap: ask.renderExpectationsTap,
      renderExpectationsGithub: ask.renderExpectationsGithub,
    },
  ],
  [
    'a review',
    ask.reviewOf(lab, broken),
    {
      renderReviewText: ask.renderReviewText,
      renderReviewMarkdown: ask.renderReviewMarkdown,
      renderReviewSarif: (report) => ask.renderReviewSarif(report, '1.0.0'),
      isEmptyReview: ask.isEmptyReview,
    },
  ],
  [
    'what happened over time',
    JSON.parse(
      renderTimelineJson(
        broken.timeline(`{ apiVersion: packetwalk/v1, kind: Timeline, metadata: { name: t }, spec: { until: 3s,
  probes: [{ name: p, ping: { from: ${A}, to: ${B} }, every: 1s }],
  events: [{ at: 1s, agent: { name: bird, node: node01, action: kill } }] } }`),
      ),
    ) as object,
    {
      renderTimelineSvg: views.renderTimelineSvg,
      renderTimelineHtml: views.renderTimelineHtml,
      renderTimelineText: (report) => views.renderTimelineText(report, { log: true }),
    },
  ],
  [
    'a diagnosis',
    ask.diagnoseLab(broken, { from: A, to: B }),
    { diagnosisText: ask.diagnosisText, diagnosisMarkdown: ask.diagnosisMarkdown },
  ],
]

/** What stands where something else belongs. */
const WRONG: readonly unknown[] = [undefined, null, -1, 'x', [], {}, [null]]

type Path = readonly (string | number)[]

/** Places of a report: of a list its first two members are as good as all. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const entries = Array.isArray(value) ? value.slice(0, 2).map((one, i) => [i, one] as const) : Object.entries(value)
  return [...(path.length === 0 ? [] : [path]), ...entries.flatMap(([key, one]) => placesIn(one, [...path, key]))]
}

/** A report with something else at a place. */
function spoiled(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>
  copy[key] = spoiled(copy[key], rest, by)
  return copy
}

describe.each(REPORTS)('%s', (_, report, uses) => {
  const whole = JSON.parse(JSON.stringify(report)) as object
  const places = placesIn(whole)

  it.each(Object.entries(uses))(
    '%s takes it as JSON, and refuses it by name with anything wrong in it',
    (_name, use) => {
      expect(places.length).toBeGreaterThan(10)
      use(whole as never)
      const faults = new Set<string>()
      let refused = 0
      for (const path of places) {
        for (const by of WRONG) {
          try {
            use(spoiled(whole, path, by) as never)
          } catch (error) {
            if (error instanceof InputError) refused += 1
            else faults.add(`${path.map((key) => (typeof key === 'number' ? '*' : key)).join('.')}: ${error}`)
          }
        }
      }
      expect([...faults]).toEqual([])
      expect(refused).toBeGreaterThan(places.length)
    },
  )
})

describe('what is said', () => {
  const reach = ask.reachOf(lab, { from: [A], to: [B] })

  it.each<[string, unknown, string]>([
    [
      'a cell of an end that is not there',
      { ...reach, cells: [{ from: 9, to: 0, pattern: 0 }] },
      'shards[0].cells.0: expected { from, to, pattern }: places of 2 ends and of 1 patterns, received an object with from, to, pattern',
    ],
    [
      'a verdict that is none',
      { ...reach, outcomes: [{ ...reach.outcomes[0], verdict: 'maybe' }, ...reach.outcomes.slice(1)] },
      'shards[0].outcomes.0.verdict: expected one of allowed, denied, broken, partly, undecided, received "maybe"',
    ],
    ['null for an end', { ...reach, ends: [null] }, 'shards[0].ends.0: expected an object, received null'],
  ])('%s', (_, shard, said) => {
    expect(() => ask.mergedReach([shard as never])).toThrow(said)
  })
})
