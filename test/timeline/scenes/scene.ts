import { readFileSync } from 'node:fs'
import { readTimeline } from '../../../src/input/index.ts'
import { Lab, runTimeline } from '../../../src/lab/index.ts'
import type { ReportedGap, ReportedProbe, TimelineReport } from '../../../src/render/index.ts'
import type { LogEntry } from '../../../src/timeline/index.ts'

/** Two nodes, controlplane and node01, with IPIP and Calico v3.16. */
export const DEMO = readFileSync(new URL('../../../examples/demo/ipip.yaml', import.meta.url), 'utf8')

/** A pod on controlplane. */
export const A = 'default/busybox-deployment-8c7dc8548-x6ljh'

/** A pod on node01. */
export const B = 'default/busybox-deployment-8c7dc8548-btnkv'

/** Plays a timeline in the demo cluster, at the pace of Calico. @param more - further objects */
export function play(spec: string, more = ''): TimelineReport {
  const text = `apiVersion: packetwalk/v1\nkind: Timeline\nmetadata: {name: scene}\nspec:\n${spec}`
  const plan = readTimeline({ name: 'timeline.yaml', text })
  return runTimeline(Lab.load(DEMO + more, { delays: 'calico', seed: 1 }), plan)
}

/** A probe by its name. */
export function probe({ probes }: TimelineReport, name: string): ReportedProbe {
  return probes.find((one) => one.name === name)!
}

/** The one gap of a probe, times in seconds. */
export function gap(
  report: TimelineReport,
  name: string,
): Omit<ReportedGap, 'from' | 'to'> & { from: number; to: number } {
  const { gaps } = probe(report, name)
  if (gaps.length !== 1) throw new Error(`${name} has ${gaps.length} gaps`)
  const [one] = gaps as [ReportedGap]
  return { ...one, from: one.from / 1e9, to: one.to === undefined ? Number.POSITIVE_INFINITY : one.to / 1e9 }
}

/** An entry of the log in a line: by whom, where, what, because of which event. */
export function line({ actor, netns, op, thing, what, event }: LogEntry): string {
  return `${actor} ${netns ?? 'datastore'}: ${op} ${thing} ${what} (event ${event})`
}

/** What a log says of a place, of one kind of thing. */
export function lines({ log }: TimelineReport, netns: string, thing: LogEntry['thing']): string[] {
  return log.filter((entry) => entry.netns === netns && entry.thing === thing).map(line)
}
