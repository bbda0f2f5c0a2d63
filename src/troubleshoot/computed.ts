import { LOSS_CODES, type LossCode } from '../diagnose/index.ts'
import type { Failure } from '../failures/index.ts'
import { groundsOf } from '../model/index.ts'
import { confidenceIn, objectText, worthOf } from './confidence.ts'
import { deciderOf } from './deciders/deciders.ts'
import type { Candidate, Decider, Likelihood } from './diagnosis.ts'
import { LIKELIHOODS } from './diagnosis.ts'
import { placeOf } from './place.ts'
import type { Guess, Shown } from './shown.ts'
import { signsOf } from './signatures/signs.ts'
import { failureOf } from './weights.ts'

/** A candidate with what decides its rank. */
export interface Ranked {
  readonly candidate: Candidate
  /** The more, the nearer to the top among those equally likely. */
  readonly score: number
}

/** What failing flows are signs of: those of one failure at one place are one candidate. */
export function computedCandidates(shown: readonly Shown[], isComplaint: boolean): Ranked[] {
  const found = new Map<string, Ranked>()
  const explained = new Set<string>()
  for (const one of shown) {
    const guesses = signsOf(one)
    for (const [i, guess] of guesses.entries()) {
      const key = keyOf(guess, one)
      const fresh = ranked(guess, i, one, isComplaint)
      const known = found.get(key)
      found.set(key, known === undefined ? fresh : joined(known, fresh))
      explained.add(key)
    }
  }
  return [...found.values()]
}

function keyOf({ failure, title }: Guess, { finding }: Shown): string {
  return failure ?? `${title} ${finding.netns}`
}

const SHARE = { 1: 0.15, 2: 0.5, 3: 1 } as const

function ranked(guess: Guess, rank: number, shown: Shown, isComplaint: boolean): Ranked {
  const { flow } = shown
  const importance = flow.sort === 'asked' ? (flow.size === undefined ? 6 : 4) : flow.sort === 'contrast' ? 0.5 : 1
  const score = SHARE[guess.fits] * importance * (rank === 0 ? 1.1 : 1) * (guess.wanted === true ? 0.2 : 1)
  return { candidate: candidateOf(guess, rank, shown, isComplaint), score }
}

function candidateOf(guess: Guess, rank: number, shown: Shown, isComplaint: boolean): Candidate {
  const { finding, loss, end, run } = shown
  const { failure, title = '' } = guess
  const known = failure === undefined ? undefined : failureOf(failure)
  const { stage, code } = guess.loss ?? { stage: loss.stage, code: usualCode(known, loss.code, rank) }
  const isElsewhere = end.stage !== stage || end.code !== code
  const because = [guess.because ?? '', finding.what, groundsOf(finding)].filter((part) => part !== '')
  return {
    ...(failure === undefined ? {} : { failure }),
    title: known?.title ?? title,
    stage,
    code,
    detail: guess.loss === undefined ? loss.detail : '',
    ...(isElsewhere ? { end } : {}),
    where: finding.netns,
    object: objectText(finding),
    because: [...new Set(because)].join('; '),
    right: finding.right,
    likelihood: likelihoodOf(guess, rank, shown, isComplaint),
    confidence: confidenceIn(shown),
    decide: decides(guess, shown),
    flows: [run.trace.title],
  }
}

/** What is thought of besides is known by a code of its own, where the packet's end does not fit it. */
function usualCode(known: Failure | undefined, code: LossCode, rank: number): LossCode {
  if (rank === 0 || known === undefined || known.drops.length === 0) return code
  const own = known.drops.find((one) => LOSS_CODES.some((any) => any === one)) as LossCode | undefined
  return known.drops.includes(code) ? code : (own ?? code)
}

function likelihoodOf(guess: Guess, rank: number, { run, flow }: Shown, isComplaint: boolean): Likelihood {
  if (guess.wanted === true && flow.sort !== 'asked') return isComplaint ? 'possible' : 'unlikely'
  if (flow.sort === 'contrast' && guess.wanted === true) return 'unlikely'
  const worth = worthOf(run)
  if (worth === 'undecided') return rank === 0 ? 'possible' : 'unlikely'
  if (guess.fits === 3) return rank === 0 && worth === 'certain' ? 'certain' : 'likely'
  if (guess.fits === 2) return rank === 0 ? 'likely' : 'possible'
  return rank === 0 ? 'possible' : 'unlikely'
}

function decides(guess: Guess, shown: Shown): Decider {
  const place = placeOf(shown)
  const own = guess.failure === undefined ? undefined : deciderOf(guess.failure, place)
  if (own !== undefined) return own
  const { finding, loss } = shown
  if (RULES.has(loss.code) && place.chain !== '')
    return {
      at: place.node,
      command: `${place.target.includes(':') ? 'ip6tables' : 'iptables'} -nvL ${place.chain}`,
      shows: '^ *[1-9]\\S* .*(?:DROP|REJECT) ',
      ifSo: `the rule that drops counts: ${finding.what}`,
      ifNot: 'it counts nothing',
    }
  const [check = `ip route get ${place.target}`] = finding.checks
  const { command = check, at = '' } = /^(?<command>.*\S) +\(on (?<at>[^\s,:)]+).*\)$/.exec(check)?.groups ?? {}
  return { at, command, shows: '', ifSo: finding.what, ifNot: 'something else' }
}

/** Losses by a rule that counts what it drops. */
const RULES: ReadonlySet<LossCode> = new Set<LossCode>(['POLICY_DENY', 'NF_DROP'])

/** Two sightings of one candidate. */
function joined(a: Ranked, b: Ranked): Ranked {
  const [better, other] =
    rankOf(a) - rankOf(b) < 0 || (rankOf(a) === rankOf(b) && isUsual(a) >= isUsual(b)) ? [a, b] : [b, a]
  const flows = [...new Set([...a.candidate.flows, ...b.candidate.flows])]
  return { score: better.score + other.score, candidate: { ...better.candidate, flows } }
}

/** Whether it was seen by a code that the catalogue has for it: some flows show a failure by its consequences. */
function isUsual({ candidate: { failure, code } }: Ranked): number {
  return failure !== undefined && failureOf(failure)?.drops.includes(code) === true ? 1 : 0
}

function rankOf({ candidate }: Ranked): number {
  return LIKELIHOODS.indexOf(candidate.likelihood)
}
