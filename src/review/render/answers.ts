import { confidenceText, printable } from '../../model/index.ts'
import { eventOf } from '../reach-events.ts'
import type { FlowChange, ReachChange, Review, WayChange } from '../review.ts'
import { counted } from './words.ts'

/** Ends and headers that are named. */
const MOST_NAMED = 4

function list(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map(printable).join(', ')
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown
}

/** What became of flows: `+ tcp 5432: denied → allowed`. */
function flowText(flow: FlowChange): string {
  const event = eventOf(flow)
  const sign = event === 'added' ? '+' : event === undefined ? '~' : '-'
  return `${sign} ${list(flow.headers)}: ${flow.was.verdict} → ${flow.now.verdict}`
}

/** Why: the reason of the side on which something is in the way, and what the answer rests on. */
function whyText({ was, now }: FlowChange): string {
  const why = now.why !== '' ? `now: ${now.why}` : was.why !== '' ? `before: ${was.why}` : ''
  const rests = confidenceText(now.confidence)
  return printable(why === '' ? rests : `${why}; ${rests}`)
}

/** One change of reachability: who and whom, then each sort of headers with its reason. */
export function reachLines({ from, to, flows, causes }: ReachChange): readonly string[] {
  return [
    `${list(from)} to ${list(to)}${fromText(causes)}`,
    ...flows.flatMap((flow) => [`  ${flowText(flow)}`, `      ${whyText(flow)}`]),
  ]
}

/** One change of ways. */
export function wayLines({ field, was, now, pairs, causes, confidence }: WayChange): readonly string[] {
  return [
    `~ ${field}: ${printable(was)} → ${printable(now)}  ${list(pairs)}${fromText(causes)}; ${printable(confidenceText(confidence))}`,
  ]
}

function fromText(causes: readonly string[]): string {
  return causes.length === 0 ? '' : `, from ${list(causes)}`
}

/** How many pairs of ends reach each other otherwise. */
export function reachTitle({ reach }: Review): string {
  const pairs = reach.reduce((sum, { from, to }) => sum + from.length * to.length, 0)
  return `${counted(pairs, 'pair')} ${pairs === 1 ? 'reaches' : 'reach'} each other otherwise`
}
