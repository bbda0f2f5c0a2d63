import type { Loss } from '../diagnose/index.ts'
import type { FailureCode } from '../failures/index.ts'
import type { Confidence } from '../model/index.ts'
import type { Symptom } from './question.ts'

/** How likely a candidate is. */
export type Likelihood = 'certain' | 'likely' | 'possible' | 'unlikely'

/** From most to least likely. */
export const LIKELIHOODS: readonly Likelihood[] = ['certain', 'likely', 'possible', 'unlikely']

/** The one command that decides whether a candidate is the cause. */
export interface Decider {
  /** Where it is typed: a node, a pod; '' where it does not matter. */
  readonly at: string
  /** The command line. */
  readonly command: string
  /** A regular expression of lines that stand in its output if this is the cause; '' where only the eye tells. */
  readonly shows: string
  /** What its output shows if this is the cause. */
  readonly ifSo: string
  /** What it shows if not. */
  readonly ifNot: string
}

/** Something that could make it happen. */
export interface Candidate {
  /** Its code in the catalogue of failures; absent for what has none there. */
  readonly failure?: FailureCode
  /** What it is, in a few words. */
  readonly title: string
  /** Where on its way the packet is lost by it. */
  readonly stage: Loss['stage']
  /** By what. */
  readonly code: Loss['code']
  /** What the code is about; '' when nothing is. */
  readonly detail: string
  /** Where the packet ended, when the cause is elsewhere. */
  readonly end?: Loss
  /** Machine, pod or part of the underlay; '' where it is not known. */
  readonly where: string
  /** The object that decides, and its place in a file, as `IPPool/x spec.ipipMode (pools.yaml:12)`; '' when none does. */
  readonly object: string
  /** Why it is thought of. */
  readonly because: string
  /** What would be right; '' when nothing in the input says. */
  readonly right: string
  /** How likely. */
  readonly likelihood: Likelihood
  /** What that rests on. */
  readonly confidence: Confidence
  /** What decides it on the real cluster. */
  readonly decide: Decider
  /** Flows of the simulation that it makes fail. */
  readonly flows: readonly string[]
}

/** A candidate that fell away, and why. */
export interface Excluded {
  /** Its code in the catalogue of failures; absent for what has none there. */
  readonly failure?: FailureCode
  /** What it is. */
  readonly title: string
  /** Why it is none. */
  readonly because: string
  /** What that rests on. */
  readonly confidence: Confidence
}

/** Something that pasted output says. */
export interface Seen {
  /** File and line. */
  readonly at: string
  /** What it says, in a sentence without its full stop. */
  readonly says: string
}

/** What could make something happen. */
export interface Diagnosis {
  /** Name and version of this form. */
  readonly schema: 'packetwalk.diagnosis/1'
  /** What was asked about; '' for the whole cluster. */
  readonly flow: string
  /** What was seen; absent where nobody said. */
  readonly symptom?: Symptom
  /** `cause`: one is certain or likely. `undecided`: only possible ones, or too little is known. `healthy`: nothing wrong was found. */
  readonly verdict: 'cause' | 'undecided' | 'healthy'
  /** The answer in a sentence. */
  readonly summary: string
  /** What could be, most likely first. */
  readonly candidates: readonly Candidate[]
  /** What could not. */
  readonly excluded: readonly Excluded[]
  /** What works in the simulation: flows like the one asked about. */
  readonly works: readonly string[]
  /** What pasted output said. */
  readonly seen: readonly Seen[]
  /** Pasted lines that nobody here reads, as `FILE:LINE text`. */
  readonly unread: readonly string[]
  /** The three facts to fetch where the input says too little, as lines to copy; empty where a cause is found. */
  readonly facts: readonly Decider[]
  /** The same as one line for a shell, each headed by its machine; '' where there are none. */
  readonly factsLine: string
}
