import type { Reach, ReachFlow, ReachOutcome, ReachPattern } from '../reach.ts'

/** What becomes of some headers, in words. */
export interface Said {
  /** The headers: `tcp 80, 443; icmp`, `everything`, `everything else`. */
  readonly headers: string
  /** What becomes of them. */
  readonly outcome: ReachOutcome
}

/** The echo request of each family. */
const ECHO: Readonly<Record<string, number>> = { icmp: 8 * 256, icmpv6: 128 * 256 }

/**
 * A pattern in few words: headers with the same outcome together, the outcome of most last. What no pod may send anywhere (encapsulated
 * packets of its own) is left out.
 */
export function patternWords({ outcomes }: Pick<Reach, 'outcomes'>, pattern: ReachPattern): Said[] {
  const flows = withoutOwnTunnels(outcomes, pattern)
  const groups = new Map<number, ReachFlow[]>()
  for (const flow of flows) groups.set(flow.outcome, [...(groups.get(flow.outcome) ?? []), flow])
  const sorted = [...groups].sort(([, a], [, b]) => width(a) - width(b))
  return sorted.map(([outcome, own], i) => {
    const isLast = i === sorted.length - 1
    const isAll = isLast && own.some(({ headers }) => headers.protocol === 'other')
    const headers = isAll ? (i === 0 ? 'everything' : 'everything else') : headerWords(own)
    return { headers, outcome: outcomes[outcome] as ReachOutcome }
  })
}

/** How much of all headers some flows are: a protocol counts as much as another. */
function width(flows: readonly ReachFlow[]): number {
  return flows.reduce((sum, { headers: { low, high, protocol } }) => {
    return sum + (protocol === 'other' ? 1 : (high - low + 1) / 65_536)
  }, 0)
}

/** Flows, those of encapsulated packets of pods as what stands beside them. */
function withoutOwnTunnels(outcomes: readonly ReachOutcome[], pattern: ReachPattern): ReachFlow[] {
  const flows: ReachFlow[] = []
  for (const [i, flow] of pattern.entries()) {
    const isTunnel = outcomes[flow.outcome]?.by?.[0] === 'FelixConfiguration'
    const beside = pattern[i - 1] ?? pattern[i + 1]
    const outcome = isTunnel && beside !== undefined ? beside.outcome : flow.outcome
    const last = flows.at(-1)
    const isNext = last?.headers.protocol === flow.headers.protocol && last.headers.family === flow.headers.family
    if (last !== undefined && isNext && last.outcome === outcome) {
      flows[flows.length - 1] = { headers: { ...last.headers, high: flow.headers.high }, outcome }
    } else flows.push({ ...flow, outcome })
  }
  return flows
}

function headerWords(flows: readonly ReachFlow[]): string {
  const byProtocol = new Map<string, string[]>()
  for (const { headers } of flows) {
    const { protocol, low, high, family } = headers
    const name = `${protocol}${family === undefined ? '' : ` (IPv${family})`}`
    byProtocol.set(name, [...(byProtocol.get(name) ?? []), interval(protocol, low, high)])
  }
  return [...byProtocol]
    .map(([name, parts]) => [name, parts.filter((one) => one !== '').join(', ')].filter((one) => one !== '').join(' '))
    .join('; ')
}

function interval(protocol: string, low: number, high: number): string {
  const echo = ECHO[protocol]
  if (echo === undefined) {
    if (low <= 1 && (high === 65_535 || high === 0)) return ''
    return low === high ? String(low) : `${low}-${high}`
  }
  if (low === 0 && high === 65_535) return ''
  if (low === echo && high === echo + 255) return 'echo'
  if (low >> 8 === high >> 8) return `type ${low >> 8}${high - low === 255 ? '' : ` code ${low & 255}`}`
  return `types ${low >> 8}-${high >> 8}`
}

/** An outcome in a few words. */
export function outcomeWords({ verdict, why, by, code, partly, certainty }: ReachOutcome): string {
  const what = partly === undefined ? verdict : `partly (${partly})`
  const who = verdict === 'denied' && by !== undefined && by.length > 0 ? ` by ${by.join(', ')}` : ''
  const reason = who === '' && why !== '' ? `: ${why}` : ''
  const sort = code === undefined || reason === '' ? '' : ` [${code}]`
  const worth = certainty === 'undecided' ? ' (undecided)' : ''
  return `${what}${worth}${who}${reason}${sort}`
}

/** Cells of one asking class in groups: those that are asked and get the same answer together. */
export function rowsOf(
  reach: Reach,
): { readonly from: number; readonly groups: { readonly pattern: number; readonly to: number[] }[] }[] {
  const rows = new Map<number, Map<number, number[]>>()
  for (const { from, to, pattern } of reach.cells) {
    const row = rows.get(from) ?? new Map<number, number[]>()
    rows.set(from, row)
    row.set(pattern, [...(row.get(pattern) ?? []), to])
  }
  return [...rows].map(([from, row]) => ({ from, groups: [...row].map(([pattern, to]) => ({ pattern, to })) }))
}

/** What the answer is made of, a line each. */
export function footnotes(reach: Reach): string[] {
  const { ends, classes, pairs, verdicts, ways, packets } = reach.counts
  const number = (value: number): string => value.toLocaleString('en-US')
  const used = new Set(
    reach.cells.flatMap(({ pattern }) => reach.patterns[pattern]?.map(({ outcome }) => outcome) ?? []),
  )
  const notes = [...used].flatMap((one) => reach.outcomes[one]?.notes ?? [])
  const isTunnel = [...used].some((one) => reach.outcomes[one]?.by?.[0] === 'FelixConfiguration')
  return [
    ...(reach.partial === undefined ? [] : [`PARTIAL: ${reach.partial}`]),
    `${number(ends)} ends in ${number(classes)} classes, ${number(pairs)} pairs: policy calculated over whole classes of headers (${number(verdicts)} verdicts), ${number(ways)} ways walked with ${number(packets)} programs’ packets`,
    ...(isTunnel
      ? ['encapsulated packets of a pod’s own are always dropped by its node (Felix), and left out here']
      : []),
    ...reach.notes,
    ...[...new Set(notes)].map((note) => `rests on: ${note}`),
  ]
}
