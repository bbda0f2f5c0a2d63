import { dirname, resolve } from 'node:path'
import { decodeText, readTimeline, type TimelinePlan } from '../../input/index.ts'
import { runTimeline } from '../../lab/index.ts'
import { InputError } from '../../model/index.ts'
import {
  renderTimelineHtml,
  renderTimelineJson,
  renderTimelineSvg,
  renderTimelineText,
  type TimelineReport,
} from '../../render/index.ts'
import type { RUN_FORMATS } from '../choices.ts'
import { EXIT, isFileError } from '../exit.ts'
import { readBytes } from '../files.ts'
import { openLab, type SourceOptions } from '../open-lab.ts'
import { checkOutput, writeOutput } from '../output-file.ts'
import { checkForm, type PictureFlags, themeOf } from '../picture-flags.ts'
import { standardOutput } from '../standard-stream.ts'
import { columnsOf, Progress, styleFor } from '../terminal.ts'

/** Options of `packetwalk run`. */
export interface RunOptions extends SourceOptions, Pick<PictureFlags, 'theme'> {
  /** `--timeline`. */
  readonly timeline: string
  /** `-o`. */
  readonly output: (typeof RUN_FORMATS)[number]
  /** `--instant`. */
  readonly instant?: boolean
  /** `--log`. */
  readonly log?: boolean
  /** `-w`. */
  readonly write?: string
}

/** Virtual seconds that progress is told in. */
const SECOND = 1e9

/** Runs a timeline and prints which probes were lost, from when to when, where and because of what. */
export function runCommand(options: RunOptions): number {
  const { timeline, write, dump = [] } = options
  checkForm('theme', options, options.output, ['svg', 'html'])
  if (dump.length > 0) {
    const expected = '-f FILE with objects: what dumps hold is not calculated, and does not change over time'
    throw new InputError([{ kind: 'invalid', file: '', path: [], expected, received: '--dump' }])
  }
  const plan = readTimeline({ name: timeline, text: decodeText(readBytes(timeline)) }, (name) =>
    textBeside(timeline, name),
  )
  if (write !== undefined) checkOutput(write)
  const { lab } = openLab({ ...options, ...seedOf(options, plan), delays: delaysOf(options, plan) })
  const progress = new Progress()
  let told = 0
  const report = runTimeline(lab, plan, {
    progress: (now, end) => {
      if (Math.floor(now / SECOND) > told) progress.step(progressText(now, end))
      told = Math.floor(now / SECOND)
    },
  })
  progress.done()
  const text = rendered(report, options)
  if (write === undefined) standardOutput.write(text)
  else writeOutput(write, text)
  return report.probes.some(({ lost }) => lost > 0) ? EXIT.failed : EXIT.ok
}

/** The text of a file that a timeline names, beside it; undefined where it cannot be read. */
function textBeside(timeline: string, name: string): string | undefined {
  try {
    return decodeText(readBytes(resolve(dirname(timeline), name)))
  } catch (error) {
    if (isFileError(error)) return undefined
    throw error
  }
}

/** What is typed is stronger than what the timeline says. */
function seedOf({ seed }: RunOptions, plan: TimelinePlan): { seed?: number } {
  const chosen = seed ?? plan.seed
  return chosen === undefined ? {} : { seed: chosen }
}

function delaysOf({ instant }: RunOptions, { delays = 'calico' }: TimelinePlan): 'calico' | 'instant' {
  return instant === true ? 'instant' : delays
}

function progressText(now: number, end: number): string {
  const of = Number.isFinite(end) ? ` of ${Math.round(end / SECOND)}` : ''
  return `${Math.round(now / SECOND)}${of} virtual seconds`
}

function rendered(report: TimelineReport, { output, log, write, theme }: RunOptions): string {
  switch (output) {
    case 'json':
      return renderTimelineJson(report)
    case 'svg':
      return renderTimelineSvg(report, themeOf({ theme }))
    case 'html':
      return renderTimelineHtml(report, themeOf({ theme }))
    case 'text': {
      const looks = write === undefined ? { width: columnsOf(process.stdout), style: styleFor(process.stdout) } : {}
      return renderTimelineText(report, { ...looks, ...(log === undefined ? {} : { log }) })
    }
  }
}
