// The loop closed: each failure that can be brought about is, in clusters drawn by seeds (FC_RUNS=3: in three each), and what is then asked is what people
// would ask: this flow, that symptom. The diagnosis knows neither the failure nor where it is.
import { describe, expect, it } from 'vitest'
import { FAILURES, type Failure, type FailureAsk, type Injection, type Look } from '../../src/failures/index.ts'
import type { Lab } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'
import { type Diagnosis, diagnoseLab, type Question, type Symptom } from '../../src/troubleshoot/index.ts'
import { DRAWN, labOf } from '../failures/clusters.ts'

const INJECTABLE = FAILURES.filter(({ notModelled }) => notModelled === undefined)
const EACH = Number(process.env['FC_RUNS'] ?? 1)

const SEEN_AS: Readonly<Partial<Record<Look, Symptom>>> = {
  timeout: 'timeout',
  refused: 'refused',
  'unreach-host': 'no-route',
  'unreach-port': 'refused',
  'small-ok-large-hang': 'small-ok-large-hang',
  intermittent: 'intermittent',
  pending: 'pending',
  'wrong-source': 'wrong-source',
}

/** What people would ask who see it. */
function asked({ shows }: Injection): Question {
  const [first] = shows
  if (first === undefined) return {}
  const symptom = SEEN_AS[first.after]
  return { ...flowOf(first.ask), ...(symptom === undefined ? {} : { symptom }) }
}

function flowOf({ kind, from, to, port }: FailureAsk): Question {
  return { from, to, ...(kind === 'ping' || port === undefined ? {} : { port, protocol: kind }) }
}

interface Result {
  readonly code: string
  readonly mode: string
  readonly rank: number
  readonly found: readonly string[]
  readonly diagnosis: Diagnosis
  readonly lab: Lab
}

/** The failure in as many clusters as it takes to have some that can have it. */
function results({ code }: Failure): Result[] {
  const found: Result[] = []
  for (const drawn of DRAWN) {
    if (found.length === EACH) break
    const lab = labOf(drawn)
    let injection: Injection
    try {
      injection = lab.inject(code)
    } catch (error) {
      if (error instanceof InputError) continue
      throw error
    }
    const diagnosis = diagnoseLab(lab, asked(injection))
    const names = diagnosis.candidates.map(({ failure, title }) => failure ?? title)
    found.push({ code, mode: drawn.mode, rank: names.indexOf(code), found: names.slice(0, 3), diagnosis, lab })
  }
  return found
}

describe('a failure that was brought about', () => {
  it('is the first candidate in 80 of 100, and among the first three in 95', () => {
    const all = INJECTABLE.flatMap(results)
    const missed = all
      .filter(({ rank }) => rank !== 0)
      .map(({ code, mode, rank, found }) => `${code} ${mode} ${rank}: ${found.join(' ')}`)
    const share = (most: number): number => all.filter(({ rank }) => rank >= 0 && rank < most).length / all.length
    const words = `${all.length} diagnoses: first ${share(1).toFixed(2)}, among three ${share(3).toFixed(2)}\n${missed.join('\n')}`
    if (process.env['PACKETWALK_LOOP'] !== undefined) console.log(words)
    expect(all.length, words).toBeGreaterThan(INJECTABLE.length / 2)
    expect(share(3), words).toBeGreaterThanOrEqual(0.95)
    expect(share(1), words).toBeGreaterThanOrEqual(0.8)
    const coded = all.filter(({ diagnosis, code, rank }) => {
      const { drops } = FAILURES.find((one) => one.code === code)!
      const mine = diagnosis.candidates[rank]
      const codes: readonly (string | undefined)[] = [mine?.code, mine?.end?.code]
      return mine === undefined || drops.length === 0 || drops.some((one) => codes.includes(one))
    })
    expect(coded.length / all.length, words).toBeGreaterThanOrEqual(0.9)
  }, 180_000)
})
