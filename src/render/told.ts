import { keptIn, type Origin } from '../model/index.ts'
import {
  type Decision,
  decisionsOf,
  describeDecision,
  endText,
  type Hop,
  isDenial,
  isQuiet,
  type NatEntry,
  natByWords,
  natLedgerOf,
  type ServiceDecision,
  serviceName,
  type Trace,
} from '../trace/index.ts'

/** Decisions of a trace, by the hop that decided: what pictures and short views tell instead of rules. */
export interface Told {
  /** All, in order. */
  readonly all: readonly Decision[]
  /** By hop. */
  readonly by: ReadonlyMap<Hop, Decision>
}

const known = new WeakMap<Trace, Told>()

/** The decisions of a trace. */
export function toldOf(trace: Trace): Told {
  return keptIn(known, trace, tell)
}

function tell(trace: Trace): Told {
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

/** A Service as a station of a picture: its name, and the endpoint it chose among which. */
export function serviceStation({ service, chosen, backends, affinity }: ServiceDecision): {
  readonly name: string
  readonly choice: string
} {
  const names = backends.map((one) => one.pod ?? endText(one))
  const taken = backends[chosen - 1]
  const others = names.filter((_, i) => i !== chosen - 1)
  const shown =
    others.length > MOST_OTHERS ? [...others.slice(0, MOST_OTHERS), `${others.length - MOST_OTHERS} more`] : others
  const rest = others.length === 0 ? 'the only endpoint' : `not ${shown.join(', ')}`
  const address = taken === undefined ? '' : ` ${endText(taken)}`
  const who = taken?.pod === undefined ? '' : ` ${taken.pod}`
  return { name: serviceName(service), choice: `→${who}${address} (${rest}${affinity ? '; by affinity' : ''})` }
}

/** So many endpoints that were not chosen are named. */
const MOST_OTHERS = 4

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
