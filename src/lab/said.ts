import type { Cluster } from '../control/index.ts'
import type { LoadedDump } from '../dumps/index.ts'
import type { LoadedResources } from '../input/index.ts'
import { describeIssue, describeNote, type Note, type NoteCode, type NoteEffect, note, pushTo } from '../model/index.ts'
import type { BgpProbe } from './bgp-probe.ts'

/** What was passed over while reading, a line each, as the command prints it. */
export function remarksOnInput(loaded: Pick<LoadedResources, 'warnings' | 'unread'>): string[] {
  const warnings = loaded.warnings.map((warning) => `warning: ${describeIssue(warning)}`)
  if (loaded.unread.length === 0) return warnings
  const kinds = loaded.unread.map(({ kind, count }) => (count === 1 ? kind : `${kind} (${count})`)).join(', ')
  return [...warnings, `kinds that are not read: ${kinds}`]
}

/** Notes of one sort that are said one by one; the rest is counted. */
const SAID = 10

/** Sorts that are said only where an answer needs them. */
const QUIET: ReadonlySet<NoteCode> = new Set<NoteCode>(['policy_staged', 'endpoint_to_host_assumed'])

/** What a note is, in the word before it: what could turn answers, what answers rest on, and what turns none. */
const WORDS: Readonly<Record<NoteEffect, string>> = {
  undecided: 'not modelled',
  assumed: 'assumed',
  harmless: 'note',
}

/** What a build brought to light, a line each; Services are many, and each is said where an answer needs it. */
function remarksOf(notes: readonly Note[]): string[] {
  const bySort = new Map<string, Note[]>()
  for (const one of notes) {
    if (QUIET.has(one.code) || one.object === '') continue
    pushTo(bySort, `${one.code} ${one.effect}`, one)
  }
  return [...bySort.values()].flatMap((list) => {
    const { code, effect } = list[0]!
    if (code === 'service') {
      return byWhat(list).map(([what, count]) => `${count === 1 ? '1 Service' : `${count} Services`}: ${what}`)
    }
    const lines = list.slice(0, SAID).map((one) => `${WORDS[effect]}: ${describeNote(one)}`)
    return list.length > SAID ? [...lines, `${WORDS[effect]}: ${list.length - SAID} more of these`] : lines
  })
}

/** How many objects each of these notes is said of. */
function byWhat(notes: readonly Note[]): (readonly [what: string, objects: number])[] {
  const objects = new Map<string, Set<string>>()
  for (const { what, object } of notes) objects.set(what, (objects.get(what) ?? new Set()).add(object))
  return [...objects].map(([what, names]) => [what, names.size])
}

/** What building a cluster brought to light. */
export interface Said {
  /** For people. */
  readonly lines: readonly string[]
  /** For judging answers. */
  readonly notes: readonly Note[]
}

/** What building a cluster and trying its sessions brought to light. */
export function saidOf(cluster: Cluster, probe: BgpProbe): Said {
  const { notes } = cluster.findings
  if (probe.tried >= probe.wanted) return { lines: linesOf(cluster, probe), notes }
  const untried = note('bgp_assumed', `${probe.wanted} BGP sessions are up; too many to try each`, {
    scope: { kind: 'between_nodes' },
  })
  return { lines: linesOf(cluster, probe), notes: [...notes, untried] }
}

function linesOf(cluster: Cluster, probe: BgpProbe): string[] {
  const lines = remarksOf(cluster.findings.notes)
  for (const warning of cluster.findings.warnings) lines.push(`warning: ${describeIssue(warning)}`)
  for (const { a, b, info } of probe.faults)
    lines.push(`BGP between ${a} and ${b} is not up (${info}): they learn no routes from each other`)
  if (probe.tried < probe.wanted) lines.push(`assumed: ${probe.wanted} BGP sessions are up; too many to try each`)
  return lines
}

/** What reading dumps brought to light. */
export function saidOfDump(dump: LoadedDump): Said {
  const issues = dump.issues.slice(0, SAID).map((issue) => `warning: ${describeIssue(issue)}`)
  const more = dump.issues.length - issues.length
  const lines = [
    ...(more > 0 ? [...issues, `warning: ${more} more of these`] : issues),
    ...dump.nodes.flatMap(({ name, remarks }) => remarks.map((line) => `warning: ${name}: ${line}`)),
    ...dump.uncertain.map((line) => `missing: ${line}`),
    ...dump.assumed.map((line) => `assumed: ${line}`),
  ]
  return { lines, notes: dump.notes }
}
