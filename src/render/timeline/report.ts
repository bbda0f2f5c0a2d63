import type { DropCause, Finding } from '../../model/index.ts'
import type { LogEntry } from '../../timeline/index.ts'
import type { Trace } from '../../trace/index.ts'

/** An event of a timeline, and what came of it. Times in nanoseconds of virtual time. */
export interface ReportedEvent {
  /** Its number in the order of events, from 1; what follows from it in the log has the same. */
  readonly number: number
  /** When it happened. */
  readonly at: number
  /** What it is, in a few words. */
  readonly title: string
  /** How many entries of the log follow from it. */
  readonly changes: number
  /** When the last of them was; absent when nothing changed. */
  readonly settled?: number
  /** Why it was refused; absent when it was not. */
  readonly refused?: string
}

/** Where the first packet of a gap ended. */
export interface ReportedEnd {
  /** Network namespace. */
  readonly netns: string
  /** Interface; '' when none is involved. */
  readonly dev: string
  /** Why it was dropped. */
  readonly cause: DropCause
}

/** A time in which a probe had no answer. */
export interface ReportedGap {
  /** When the first probe was sent that had no answer. */
  readonly from: number
  /** When the next one was sent that had an answer; absent when there was none to the end. */
  readonly to?: number
  /** Probes without an answer. */
  readonly lost: number
  /** What the program said of the first: `timeout`, the words of an ICMP error, `connect error: ECONNREFUSED`. */
  readonly outcome: string
  /** Where its packet ended; absent when no drop of it was seen. */
  readonly end?: ReportedEnd
  /** What happened to it, in a paragraph; '' when it was over before it could be asked again. */
  readonly story: string
  /** Why, first cause first. */
  readonly findings: readonly Finding[]
  /** The life of a packet asked again within the gap; absent as the story. */
  readonly trace?: Trace
  /** The entry of the log with which it began, as far as one is found. */
  readonly begun?: LogEntry
  /** The entry with which it ended. */
  readonly ended?: LogEntry
}

/** What came of a probe. */
export interface ReportedProbe {
  /** Its name, as the timeline has it. */
  readonly name: string
  /** What was asked, e.g. `ping default/a to default/b`. */
  readonly asks: string
  /** When it was asked first. */
  readonly start: number
  /** When it was asked last. */
  readonly end: number
  /** Nanoseconds from one time to the next. */
  readonly every: number
  /** How often it was asked. */
  readonly asked: number
  /** How often there was no answer. */
  readonly lost: number
  /** How often nobody was there to ask. */
  readonly unasked: number
  /** Times in which there was no answer, in order. */
  readonly gaps: readonly ReportedGap[]
  /** What became of a connection that was held; absent for other probes. */
  readonly connection?: string
}

/** A time in which a program or a machine was not as usual. */
export interface ReportedSpan {
  /** Program, or `machine`. */
  readonly what: string
  /** Where; absent = everywhere. */
  readonly node?: string
  /** `stopped`, `cut off`, `down`. */
  readonly state: string
  /** Since when. */
  readonly from: number
  /** Until when; absent = to the end. */
  readonly to?: number
}

/** What happened over time: events, what they changed, and which probes were lost meanwhile. */
export interface TimelineReport {
  /** Name of the timeline. */
  readonly name: string
  /** The seed: the same one gives the same report. */
  readonly seed: number
  /** How long programs took to follow what is stored. */
  readonly delays: 'calico' | 'instant'
  /** When it ended. */
  readonly end: number
  /** What happened, in order. */
  readonly events: readonly ReportedEvent[]
  /** What was asked meanwhile, and what came of it. */
  readonly probes: readonly ReportedProbe[]
  /** When programs and machines were not as usual. */
  readonly spans: readonly ReportedSpan[]
  /** What changed, in order. */
  readonly log: readonly LogEntry[]
  /** Entries of the log that were not kept, the oldest. */
  readonly forgotten: number
  /** What the input leaves open or was assumed, a line each. */
  readonly notes: readonly string[]
}
