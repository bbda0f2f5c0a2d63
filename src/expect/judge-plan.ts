import { type Expectation, type ExpectationPlan, type ExpectedFailure, endText } from '../input/index.ts'
import { checkLab, type Lab } from '../lab/index.ts'
import {
  type Confidence,
  checkArgument,
  checkCount,
  checkFunction,
  checkOptions,
  didYouMean,
  InputError,
  type Issue,
  isRecord,
  keptIn,
  namesIn,
  weakest,
} from '../model/index.ts'
import { parseIp } from '../wire/index.ts'
import { askedPairs } from './asked-pairs.ts'
import { endsOf } from './ends.ts'
import { boundText, isWithin, missesOf } from './misses.ts'
import { observed } from './observe.ts'
import type { Pair, PairMiss, Walked } from './pair.ts'
import type { ExpectationReport, Judged, Miss, Status } from './report.ts'
import { readyEndpoints } from './service-count.ts'
import { updatesOf } from './updates.ts'
import { largestWhole } from './whole-packet.ts'

/** How expectations are judged. */
export interface JudgeOptions {
  /** Pairs of an expectation that packets are sent between, at most; absent = 400. */
  readonly pairs?: number
  /** Told before each expectation. */
  readonly progress?: (done: number, all: number) => void
}

/** Pairs of one expectation that packets are sent between where nobody says how many. */
const MOST_PAIRS = 400

/**
 * Holds what a lab does against expectations. Every flow is asked from one moment: nothing that one teaches the network is known to the
 * next, and the lab is as before when it returns.
 * @throws InputError with file and line for names, ports and stations that are not there
 */
export function judgeExpectations(lab: Lab, plan: ExpectationPlan, options: JudgeOptions = {}): ExpectationReport {
  checkLab(lab)
  checkPlan(plan)
  checkOptions(options)
  const { pairs = MOST_PAIRS, progress } = options
  checkCount('options.pairs', pairs)
  if (progress !== undefined) checkFunction('options.progress', progress, 'a function: (done, all) => void')
  checkStations(lab, plan)
  const all = judgedInTurn(lab, plan.expectations, (one, i) => {
    progress?.(i, plan.expectations.length)
    return judged(lab, one, pairs)
  })
  const count = (status: Status): number => all.filter((one) => one.status === status).length
  return {
    schema: 'packetwalk.expectations/1',
    name: plan.name,
    file: plan.file,
    held: count('holds'),
    failed: count('fails'),
    undecided: count('undecided'),
    expectations: all,
  }
}

/** Judges one after the other, each in the lab as its injection leaves it; the lab is as before afterwards. */
function judgedInTurn(
  lab: Lab,
  expectations: readonly Expectation[],
  judge: (one: Expectation, i: number) => Judged,
): Judged[] {
  const moment = lab.snapshot()
  let injected: ExpectedFailure | undefined
  try {
    return expectations.map((one, i) => {
      if (one.injected !== injected) {
        lab.restore(moment)
        injected = one.injected
        if (injected !== undefined) inject(lab, injected)
      }
      return judge(one, i)
    })
  } finally {
    if (injected !== undefined) lab.restore(moment)
  }
}

/** Brings a failure about. @throws InputError at its place for one that is not known, or that the cluster cannot have */
function inject(lab: Lab, { failure, at, placeOf, index }: ExpectedFailure): void {
  try {
    // What is no code is refused by its name.
    lab.inject(failure as Parameters<Lab['inject']>[0], at === undefined ? {} : { at })
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const issues = error.issues.map((issue): Issue => {
      const field = issue.path[0] === 'at' ? 'at' : 'inject'
      return { ...issue, file: '', ...placeOf(field), path: ['spec', 'expectations', index, field] }
    })
    throw new InputError(issues)
  }
}

function checkPlan(plan: unknown): void {
  const all: unknown = isRecord(plan) ? plan['expectations'] : undefined
  const isPlan = Array.isArray(all) && all.every((one) => isRecord(one) && typeof one['placeOf'] === 'function')
  checkArgument(isPlan, 'plan', 'expectations, such as readExpectations() gives', plan)
}

/** What an expectation says of somebody who is not there is a fault of its field. */
function placed<T>({ placeOf, index }: Expectation, field: string, ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const place = placeOf(field)
    const path = ['spec', 'expectations', index, field]
    const issues = error.issues.map((issue): Issue => (issue.file === '' ? { ...issue, ...place, path } : issue))
    throw new InputError(issues)
  }
}

const TUNNELS = ['ipip', 'vxlan', 'wireguard', 'tunl0', 'vxlan.calico', 'wireguard.cali']

function checkStations(lab: Lab, { expectations }: ExpectationPlan): void {
  for (const one of expectations) {
    for (const word of one.via ?? []) {
      const name = word.replace(/^nodes?\//, '')
      if (TUNNELS.includes(name) || parseIp(name) !== undefined || Object.hasOwn(lab.network.namespaces, name)) continue
      placed(one, 'via', () => {
        const known = [...TUNNELS, ...namesIn(lab.network.namespaces)]
        const expected = `a node, a tunnel or a gateway; ${didYouMean(name, known)}`
        throw new InputError([{ kind: 'missing_reference', file: '', path: [], expected, received: `"${word}"` }])
      })
    }
  }
}

function judged(lab: Lab, expected: Expectation, most: number): Judged {
  const { name, place, from } = expected
  const base = { name, ...(place === undefined ? {} : { place }) }
  const counted = expected.count === undefined ? [] : countMisses(lab, expected)
  if (from === undefined) {
    const confidence: Confidence = { kind: lab.dump === null ? 'objects' : 'assumed', of: COUNTED_BESIDE_DUMPS }
    return finished(expected, { ...base, pairs: 0, walked: 0, confidence, remarks: [] }, counted, [])
  }
  const { pairs, empty } = pairsOf(lab, expected)
  if (pairs.length === 0) {
    const miss: Miss = { field: empty, expected: 'somebody', found: 'nobody', why: NOBODY, pairs: [] }
    const confidence: Confidence = { kind: 'objects', of: [] }
    return finished(expected, { ...base, pairs: 0, walked: 0, confidence, remarks: [] }, [miss], [])
  }
  const { walked, remarks } = askedPairs(lab, expected, pairs, most)
  const seen = walked.map((pair) => walk(lab, expected, pair))
  const confidence = weakest(seen.map(({ observation }) => observation.confidence))
  const facts = { ...base, pairs: pairs.length, walked: walked.length, confidence, remarks }
  return finished(expected, facts, [...counted, ...grouped(seen)], seen)
}

const COUNTED_BESIDE_DUMPS = ['endpoints of Services are counted by objects']
const NOBODY = 'what selects nobody says nothing'

function walk(lab: Lab, expected: Expectation, pair: Pair): Walked {
  const moment = lab.snapshot()
  try {
    const observation = placed(expected, 'port', () => observed(lab, pair.from, pair.to, expected))
    lab.restore(moment)
    let mtu: number | undefined
    const misses = missesOf(expected, observation, () => {
      mtu = largestWhole(lab, pair.from, pair.to, expected)
      return mtu
    })
    return { pair, observation, misses, mtu }
  } finally {
    lab.restore(moment)
  }
}

/** Every pair of two ends that are not the same; selectors may select nobody. */
function pairsOf(lab: Lab, expected: Expectation): { readonly pairs: readonly Pair[]; readonly empty: string } {
  const { from, to, namespace } = expected
  const starts = placed(expected, 'from', () => {
    const found = endsOf(lab, from!, namespace)
    for (const one of found.slice(0, 1)) if (lab.endpoint(one).netns === undefined) throw nowhere(one)
    return found
  })
  const ends = placed(expected, 'to', () => endsOf(lab, to, namespace))
  const both = from?.kind === 'name' && to.kind === 'name'
  const pairs = starts.flatMap((a) => ends.flatMap((b) => (a === b && !both ? [] : [{ from: a, to: b }])))
  return { pairs, empty: starts.length === 0 ? 'from' : 'to' }
}

function nowhere(name: string): InputError {
  const expected = 'a pod, a node or an address that one of them has'
  return new InputError([{ kind: 'missing_reference', file: '', path: [], expected, received: `"${name}"` }])
}

function countMisses(lab: Lab, expected: Expectation): readonly Miss[] {
  const { count, to } = expected
  const found = placed(expected, 'to', () => readyEndpoints(lab, expected))
  if (count === undefined || isWithin(count, found)) return []
  const pairs = [endText(to)]
  return [{ field: 'count', expected: `count ${boundText(count)}`, found: `count ${found}`, why: '', pairs }]
}

/** Pairs of which the same is otherwise, in one. */
function grouped(seen: readonly Walked[]): readonly Miss[] {
  const groups = new Map<string, { readonly miss: PairMiss; readonly pairs: string[] }>()
  for (const { pair, misses } of seen) {
    for (const miss of misses) {
      const { field, expected, found } = miss
      const group = keptIn(groups, JSON.stringify([field, expected, found]), () => ({ miss, pairs: [] as string[] }))
      group.pairs.push(`${pair.from} to ${pair.to}`)
    }
  }
  return [...groups.values()].map(({ miss, pairs }) => ({ ...miss, pairs }))
}

function finished(
  expected: Expectation,
  facts: Omit<Judged, 'status' | 'misses' | 'updates'>,
  misses: readonly Miss[],
  seen: readonly Walked[],
): Judged {
  const isOpen = (miss: Miss): boolean => miss.field === 'expect' && miss.found === 'undecided'
  const status = misses.length === 0 ? 'holds' : misses.every(isOpen) ? 'undecided' : 'fails'
  const { updates, remarks } = updatesOf(expected, misses, seen)
  return { ...facts, status, misses, updates, remarks: [...facts.remarks, ...remarks] }
}
