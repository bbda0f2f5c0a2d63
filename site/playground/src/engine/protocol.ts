// What the page and its engine say to each other. The page never loads the engine: all that it shows of a run comes as data.
import type { Certainty, Issue, TextView } from 'packetwalk'
import type { DroppedFile, Session, SortedFiles } from 'packetwalk/session'
import type { StepsView } from 'packetwalk/views'

/** Something the engine is asked to do. */
export type Job =
  | { readonly kind: 'play'; readonly session: Session; readonly width: number }
  | { readonly kind: 'text'; readonly session: Session; readonly view: TextView }
  | { readonly kind: 'steps'; readonly session: Session }
  | { readonly kind: 'svg'; readonly session: Session }
  | { readonly kind: 'pcapng'; readonly session: Session }
  | { readonly kind: 'compare'; readonly left: Session; readonly right: Session }
  | { readonly kind: 'complete'; readonly session: Session; readonly line: string }
  | { readonly kind: 'unfinished'; readonly session: Session; readonly text: string }
  | { readonly kind: 'sort'; readonly files: readonly DroppedFile[] }
  | WholeJob

/** Questions about a whole cluster, and what happens to it over time. */
export type WholeJob =
  | { readonly kind: 'reach'; readonly session: Session; readonly part: ReachPart }
  | { readonly kind: 'lint'; readonly session: Session }
  | { readonly kind: 'diagnose'; readonly session: Session; readonly ofAll: boolean }
  | { readonly kind: 'time'; readonly session: Session; readonly timeline: string }

/** What comes of each. */
export interface Results {
  /** A session, played. */
  readonly play: Played
  /** A run as text. */
  readonly text: string
  /** A run one step at a time. */
  readonly steps: StepsView
  /** A run as a picture to take along, a whole SVG document. */
  readonly svg: string
  /** A run as a file for Wireshark. */
  readonly pcapng: Uint8Array
  /** Two runs beside each other. */
  readonly compare: Compared
  /** Words that could stand at the end of a line. */
  readonly complete: readonly string[]
  /** Whether more has to be typed before a line can run. */
  readonly unfinished: boolean
  /** Objects and dumps among files. */
  readonly sort: SortedFiles
  /** Who reaches whom, with what the question sends. */
  readonly reach: ReachTable
  /** What of the objects will hurt. */
  readonly lint: readonly Hurting[]
  /** What could make it fail. */
  readonly diagnose: Causes
  /** What happened over time. */
  readonly time: TimeView
}

/** Rows and columns of a table that somebody can look at in one piece. */
export const REACH_PAGE = 30

/** Which part of a table somebody looks at. */
export interface ReachPart {
  /** Who asks has this in its name, or in that of a member; '' for all. */
  readonly from: string
  /** Who is asked, in the same way. */
  readonly to: string
  /** First row of those that are left, from 0. */
  readonly row: number
  /** First column of them. */
  readonly column: number
}

/** How many rows or columns there are. */
export interface ReachCount {
  /** In all. */
  readonly all: number
  /** With the name that was asked for. */
  readonly found: number
  /** The first that is shown, from 0. */
  readonly first: number
}

/** Who reaches whom, as a table. */
export interface ReachTable {
  /** What is sent: `ping`, `tcp 80`. */
  readonly sends: string
  /** How many ask. */
  readonly askers: ReachCount
  /** How many are asked. */
  readonly targets: ReachCount
  /** Who is asked, in the order of the columns. */
  readonly to: readonly ReachClass[]
  /** Who asks, with an answer for each column; null where nothing is said. */
  readonly rows: readonly { readonly from: ReachClass; readonly answers: readonly (ReachAnswer | null)[] }[]
  /** What it rests on. */
  readonly notes: readonly string[]
}

/** Ends that behave alike. */
export interface ReachClass {
  /** In a few words. */
  readonly label: string
  /** Who they are. */
  readonly members: readonly string[]
}

/** What becomes of it between two classes. */
export interface ReachAnswer {
  /** In a word. */
  readonly verdict: 'allowed' | 'denied' | 'broken' | 'partly' | 'undecided'
  /** Why; '' where nothing is in the way. */
  readonly why: string
  /** Two of them, to be traced; null where they are ranges of addresses. */
  readonly flow: Session['question']
}

/** Something of the objects that will hurt. */
export interface Hurting {
  /** Its stable name. */
  readonly name: string
  /** How bad it is. */
  readonly severity: 'error' | 'warning' | 'info'
  /** File and line; '' where it stands in none. */
  readonly at: string
  /** What was found. */
  readonly message: string
  /** Why it hurts, and how it is mended. */
  readonly more: string
}

/** What could make a flow fail. */
export interface Causes {
  /** In a sentence. */
  readonly summary: string
  /** Candidates, most likely first. */
  readonly candidates: readonly Cause[]
}

/** One of them. */
export interface Cause {
  /** What it is. */
  readonly title: string
  /** How likely: `certain`, `likely`, … */
  readonly likelihood: string
  /** Where, why it is thought of, and what would be right. */
  readonly because: string
  /** The command that decides it. */
  readonly command: string
  /** What its output shows if so. */
  readonly ifSo: string
}

/** What happened over time. */
export interface TimeView {
  /** The picture, a whole SVG document. */
  readonly svg: string
  /** Events, gaps and the log, as text. */
  readonly text: string
}

/** Who may be at an end of a question. */
export interface Ends {
  /** Pods, by name. */
  readonly pods: readonly string[]
  /** Nodes, as `node/NAME`. */
  readonly nodes: readonly string[]
  /** Services, with their ports. */
  readonly services: readonly ServiceEnd[]
}

/** A Service that may be asked. */
export interface ServiceEnd {
  /** As `svc/NAMESPACE/NAME`. */
  readonly name: string
  /** Its ports, TCP and UDP. */
  readonly ports: readonly { readonly port: number; readonly protocol: 'tcp' | 'udp' }[]
}

/** A line of the terminal and what it printed. */
export interface TypedLine {
  /** The prompt it was typed at. */
  readonly prompt: string
  /** The line. */
  readonly line: string
  /** What it printed. */
  readonly output: string
  /** Files it wrote. */
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[]
}

/** What became of a question. */
export interface RunView {
  /** Whether it succeeded. */
  readonly ok: boolean
  /** What the answer is worth. */
  readonly certainty: Certainty
  /** What became of it, in a word or two. */
  readonly word: string
  /** What happened and why, in one paragraph. */
  readonly summary: string
  /** What was found, first cause first. */
  readonly findings: readonly FoundCause[]
  /** What could turn the answer, or what it rests on, a line each. */
  readonly notes: readonly string[]
  /** A line a hop. */
  readonly text: string
}

/** A cause, with the commands that confirm it. */
export interface FoundCause {
  /** What is wrong. */
  readonly text: string
  /** Commands for a real machine. */
  readonly checks: readonly string[]
}

/** A session that was played. */
export interface Played {
  /** Who may be at an end. */
  readonly ends: Ends
  /** What the input asks for and is not modelled, and what was assumed. */
  readonly notes: readonly string[]
  /** What was typed. */
  readonly typed: readonly TypedLine[]
  /** The prompt the next line is typed at. */
  readonly prompt: string
  /** The question that was asked: that of the session, or one for who has none. */
  readonly question: Session['question']
  /** What came of it; null when there is nobody to ask, or the question cannot be asked. */
  readonly run: RunView | null
  /** Its picture, a whole SVG document, as wide as was asked; '' without a run. */
  readonly svg: string
  /** Why the question cannot be asked; empty when it can. */
  readonly refused: readonly Issue[]
}

/** Two runs beside each other. */
export interface Compared {
  /** The first. */
  readonly left: RunView | null
  /** The second. */
  readonly right: RunView | null
  /** Where they part. */
  readonly parting: Parting | null
}

/** Where two runs part. */
export interface Parting {
  /** Whether all of it is the same. */
  readonly same: boolean
  /** How many hops are. */
  readonly commonHops: number
  /** What differs there, in words. */
  readonly why: string
  /** Whether the outcome is another, in words. */
  readonly outcome: string
}

/** A job on its way to the engine. */
export interface Request {
  /** Number, from 1. */
  readonly id: number
  /** What to do. */
  readonly job: Job
}

/** What comes back; of the first answer, the milliseconds the engine was at work since its program began. */
export type Reply = { readonly worked?: number } & (
  | { readonly id: number; readonly kind: 'done'; readonly result: Results[Job['kind']] }
  /** The user's input is wrong. */
  | { readonly id: number; readonly kind: 'input'; readonly issues: readonly Issue[]; readonly message: string }
  /** Packetwalk is wrong. */
  | { readonly id: number; readonly kind: 'fault'; readonly message: string }
)
