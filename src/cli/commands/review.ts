import { existsSync } from 'node:fs'
import {
  isEmptyReview,
  type ReachEvent,
  type Review,
  reachEvents,
  renderReviewMarkdown,
  renderReviewSarif,
  renderReviewText,
  reviewOf,
} from '../../review/index.ts'
import type { REVIEW_FORMATS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { holdsDumps, refuse } from '../files.ts'
import { openLab, type SourceOptions } from '../open-lab.ts'
import { checkOutput, writeOutput } from '../output-file.ts'
import { standardOutput } from '../standard-stream.ts'
import { Progress, styleFor } from '../terminal.ts'

/** Options of `packetwalk diff A B`. */
export interface ReviewCommandOptions extends SourceOptions {
  /** `-o`. */
  readonly output?: (typeof REVIEW_FORMATS)[number]
  /** `-j`. */
  readonly json?: boolean
  /** `-w`. */
  readonly write?: string
  /** `--nodes`. */
  readonly nodes?: number
  /** `--no-reach`. */
  readonly reach?: boolean
  /** `--fail-on`. */
  readonly failOn?: readonly ReachEvent[]
}

/** Prints what differs between two clusters. */
export function reviewCommand(a: string, b: string | undefined, options: ReviewCommandOptions): number {
  const { file = [], dump = [], write, nodes, reach, failOn } = options
  if (b === undefined || file.length + dump.length > 0)
    throw refuse(
      '',
      'two clusters, A and B, each by its objects or its dumps',
      b === undefined ? 'one' : 'A with -f or --dump',
    )
  if (a === '-' && b === '-') throw refuse('', 'standard input once', 'twice')
  if (write !== undefined) checkOutput(write)
  const [isOfDumps, other] = [isOfMachines(a), isOfMachines(b)]
  if (isOfDumps !== other) {
    const expected = 'objects of both or dumps of both (dumps beside objects: packetwalk diff -f OBJECTS --dump DUMPS)'
    throw refuse('', expected, `${isOfDumps ? 'dumps' : 'objects'} and ${other ? 'dumps' : 'objects'}`)
  }
  const open = (path: string) => openLab({ ...options, file: [], dump: [], [isOfDumps ? 'dump' : 'file']: [path] }).lab
  const progress = new Progress()
  const review = reviewOf(open(a), open(b), {
    ...(nodes === undefined ? {} : { nodes }),
    ...(reach === undefined ? {} : { reach }),
    progress: (side, done, all) =>
      progress.step(`who reaches whom in the ${side} cluster: ${done} of ${all} pairs of classes`),
  })
  progress.done()
  const text = rendered(review, options)
  if (write === undefined) standardOutput.write(text)
  else writeOutput(write, text)
  if (failOn === undefined) return isEmptyReview(review) ? EXIT.ok : EXIT.failed
  const events = reachEvents(review)
  return failOn.some((one) => events.has(one)) ? EXIT.failed : EXIT.ok
}

/** Whether a path leads to dumps of machines, not to objects; `NODE=PATH` says so itself. */
function isOfMachines(path: string): boolean {
  return holdsDumps(path) || (/^[\w.-]+=./.test(path) && !existsSync(path))
}

function rendered(review: Review, { output, json, write }: ReviewCommandOptions): string {
  switch (output ?? (json === true ? 'json' : 'text')) {
    case 'text':
      return write === undefined ? renderReviewText(review, styleFor(process.stdout)) : renderReviewText(review)
    case 'md':
      return renderReviewMarkdown(review)
    case 'json':
      return `${JSON.stringify(review, null, 2)}\n`
    case 'sarif':
      return renderReviewSarif(review, process.env['PACKETWALK_VERSION'] ?? '0.0.0')
  }
}
