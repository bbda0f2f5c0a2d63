import { printable, shortened } from './printable.ts'

/** What is wrong with input. `unsupported`: legal for Calico or Linux, but not modelled here. */
export type IssueKind = 'syntax' | 'invalid' | 'missing_reference' | 'unsupported'

/** One fault in the caller's data, with its place. */
export interface Issue {
  /** Sort of fault. */
  readonly kind: IssueKind
  /** Input file, or the caller's name for it (`-` for standard input); empty for objects made in memory. */
  readonly file: string
  /** Line in the file, from 1; absent for objects made in memory. */
  readonly line?: number
  /** Column in the line, from 1. */
  readonly column?: number
  /** The object, as `Kind/name` or `Kind/namespace/name`. */
  readonly object?: string
  /** Path of the field inside the object: `['spec', 'ipipMode']`. */
  readonly path: readonly (string | number)[]
  /** What would have been right. */
  readonly expected: string
  /** What was there. */
  readonly received: string
}

/** Characters of what was expected and of what was there that are told; of a name fewer. */
const LONG = 2000

/** An issue in one line. Room-internal: `describeIssue` is for callers. */
export function issueText(issue: Issue): string {
  const place = [issue.file, issue.line, issue.column].filter((part) => part !== undefined && part !== '').join(':')
  const parts = [shortened(issue.object ?? ''), shortened(issue.path.join('.'))]
  const subject = parts.filter((part) => part !== '').join(' ')
  const start = [place, subject].filter((part) => part !== '').join(': ')
  return printable(
    `${start === '' ? '' : `${start}: `}expected ${shortened(issue.expected, LONG)}, received ${shortened(issue.received, LONG)}`,
  )
}

/** Faults told in full; the rest is a number. */
const MOST_TOLD = 40

/** A line an issue, the first 40 of them and then how many more there are. */
export function describeIssues(issues: readonly Issue[]): string[] {
  const told = issues.slice(0, MOST_TOLD).map(issueText)
  return issues.length > MOST_TOLD ? [...told, `and ${issues.length - MOST_TOLD} more faults`] : told
}

/** The caller's data is wrong: all faults at once, each with its place. Never thrown for a bug of packetwalk. */
export class InputError extends Error {
  /** Always `InputError`. */
  override readonly name: string = 'InputError'
  /** Every fault found, in input order. */
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[]) {
    super(describeIssues(issues).join('\n'))
    this.issues = issues
  }
}
