import type { Origin } from '../model/index.ts'
import {
  type Decision,
  decisionsOf,
  describeDecision,
  type Hop,
  isDenial,
  isQuiet,
  type NatEntry,
  natByWords,
  natLedgerOf,
  type Trace,
} from '../trace/index.ts'

/** Decisions of a trace, by the hop that decided: what pictures and short views tell instead of rules. */
export interface Told {
  /** All, in order. */
  readonly all: readonly Decision[]
  /** By hop. */
  readonly by: ReadonlyMap<Hop, Decision>
}

/** The decisions of a trace. */
export function toldOf(trace: Trace): Told {
  const all = decisionsOf(trace)
  const by = new Map<Hop, Decision>()
  for (const decision of all) {
    const hop = trace.hops[decision.hop]
    if (hop !== undefined) by.set(hop, decision)
  }
  return { all, by }
}

/** One decision as a line. */
export interface DecisionLine {
  /** What was decided, by whom, where. */
  readonly text: string
  /** The object and line behind it. */
  readonly origin?: Origin
  /** The packet ends with it. */
  readonly bad: boolean
}

/** Those of these hops that decided what a reader does not know yet, a line each. */
export function decisionLines(told: Told, hops: readonly Hop[]): readonly DecisionLine[] {
  return hops.flatMap((hop) => {
    const decision = told.by.get(hop)
    return decision === undefined || isQuiet(decision) ? [] : [lineOf(decision)]
  })
}

function lineOf(decision: Decision): DecisionLine {
  const { origin } = decision
  return { text: describeDecision(decision), ...(origin === undefined ? {} : { origin }), bad: isDenial(decision) }
}

/** What the refusal among these hops comes to in a few words; undefined where nobody refused. */
export function refusalIn(told: Told, hops: readonly Hop[]): string | undefined {
  const denial = hops.flatMap((hop) => told.by.get(hop) ?? []).find(isDenial)
  switch (denial?.kind) {
    case undefined:
      return undefined
    case 'no-backend':
      return 'the Service has no endpoint'
    case 'source-range':
      return 'the Service refuses this source'
    case 'policy':
    case 'tier-end':
    case 'profile':
    case 'no-profile':
      return 'denied by policy'
    default:
      return 'dropped by Felix'
  }
}

/** Whether a policy said something of the way there: then what lets the way back pass is news. */
export function admissionLines(told: Told): readonly string[] {
  const isAsked = told.all.some((one) => one.kind === 'policy')
  const established = told.all.find((one) => one.kind === 'established')
  return isAsked && established !== undefined ? [describeDecision(established)] : []
}

const WAYS = { request: 'there', reply: 'back', error: 'the error', resolution: 'resolution', other: 'other' } as const

/** The ledger of translations, a line an entry; both directions, and who translated. */
export function ledgerLines(trace: Trace, told: Told): readonly string[] {
  const entries = natLedgerOf(trace, told.all)
  return entries.map((entry) => `NAT on ${entry.netns}, ${WAYS[entry.role]}: ${entryWords(entry)}`)
}

function entryWords({ before, after, by, protocol }: NatEntry): string {
  const who = [...new Set(by.filter((one) => one.kind !== 'connection').map(natByWords))]
  const name = protocol === '' ? '' : `${protocol} `
  const whose = who.length === 0 ? '' : ` (${who.join('; ')})`
  return `${name}${before.source} → ${before.destination} becomes ${after.source} → ${after.destination}${whose}`
}
