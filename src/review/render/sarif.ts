import type { Place } from '../../control/index.ts'
import { checkReport, checkText, pushTo } from '../../model/index.ts'
import { type SarifPlace, type SarifResult, type SarifRule, sarifText } from '../../render/index.ts'
import { eventOf } from '../reach-events.ts'
import type { MachineChange, ObjectChange, Review } from '../review.ts'
import { REVIEW_FORM } from '../review-form.ts'
import { reachLines } from './answers.ts'
import { counted, fieldText, objectText } from './words.ts'

const RULES: readonly SarifRule[] = [
  {
    id: 'object-changed',
    level: 'note',
    short: 'An object differs, and state of machines follows from it',
    help: 'Read what follows from it: routes, chains, sets and addresses by node.',
  },
  { id: 'reach-added', level: 'warning', short: 'Flows get there that did not' },
  { id: 'reach-removed', level: 'warning', short: 'Policy forbids flows that got there' },
  { id: 'reach-broken', level: 'error', short: 'Flows are broken that were not' },
]

/** What differs as SARIF 2.1.0, for code scanning: each object that changed at its line, with what follows from it. @param version - of packetwalk */
export function renderReviewSarif(review: Review, version: string): string {
  checkReport('review', review, REVIEW_FORM)
  checkText('version', version)
  const following = new Map<string, MachineChange[]>()
  for (const change of review.state) for (const cause of change.causes) pushTo(following, cause, change)
  const results = review.objects.map((one) => resultOf(one, following.get(one.object) ?? []))
  return sarifText({ tool: 'packetwalk diff', version, rules: RULES, results: [...results, ...reachResults(review)] })
}

/** Each sort of change of reachability at the objects that it follows from. */
function reachResults({ reach, objects }: Review): readonly SarifResult[] {
  return reach.flatMap((one) =>
    one.flows.flatMap((flow): readonly SarifResult[] => {
      const event = eventOf(flow)
      if (event === undefined) return []
      const behind = objects.filter(({ object }) => one.causes.includes(object))
      const places = behind.flatMap(({ before, after }) => after ?? before ?? []).map(sarifPlace)
      const message = reachLines({ ...one, flows: [flow] })
        .map((line) => line.trim())
        .join('. ')
      return [{ rule: `reach-${event}`, message, places, objects: one.causes }]
    }),
  )
}

function resultOf(one: ObjectChange, following: readonly MachineChange[]): SarifResult {
  const fields = one.fields.map(fieldText)
  const places = [...one.fields.map(({ before, after }) => after ?? before), one.after ?? one.before]
  return {
    rule: 'object-changed',
    message: `${[objectText(one), ...fields].join('; ')}. ${followingText(following)}`,
    places: places.flatMap((place) => (place === undefined ? [] : [sarifPlace(place)])),
    objects: [one.object],
  }
}

function sarifPlace({ file, line, column }: Place): SarifPlace {
  return { file, line, column }
}

const PLURALS: Readonly<Record<MachineChange['thing'], string>> = {
  interface: 'interfaces',
  address: 'addresses',
  route: 'routes',
  rule: 'rules',
  neighbour: 'neighbours',
  fdb: 'forwarding entries',
  sysctl: 'sysctls',
  chain: 'chains',
  set: 'sets',
  namespace: 'namespaces',
}

/** How much follows: `3 routes, 1 chain on 2 machines follow.` */
function followingText(following: readonly MachineChange[]): string {
  if (following.length === 0) return 'No state of machines follows from it.'
  const counts = new Map<MachineChange['thing'], number>()
  for (const { thing } of following) counts.set(thing, (counts.get(thing) ?? 0) + 1)
  const machines = new Set(following.flatMap(({ on }) => on)).size
  const things = [...counts].map(([thing, count]) => `${count} ${count === 1 ? thing : PLURALS[thing]}`).join(', ')
  return `What follows on ${counted(machines, 'machine')}: ${things}.`
}
