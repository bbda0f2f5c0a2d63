import {
  type ExpectationReport,
  judgeExpectations,
  renderExpectationsGithub,
  renderExpectationsJunit,
  renderExpectationsTap,
  renderExpectationsText,
} from '../../expect/index.ts'
import { decodeText, readExpectations, updatedExpectations } from '../../input/index.ts'
import type { TEST_FORMATS } from '../choices.ts'
import { EXIT } from '../exit.ts'
import { readBytes } from '../files.ts'
import { openLab, type SourceOptions } from '../open-lab.ts'
import { checkOutput, replaceFile, writeOutput } from '../output-file.ts'
import { standardError, standardOutput } from '../standard-stream.ts'
import { Progress, styleFor } from '../terminal.ts'

/** Options of `packetwalk test`. */
export interface TestOptions extends SourceOptions {
  /** `-e`. */
  readonly expectations: string
  /** `-o`. */
  readonly output: (typeof TEST_FORMATS)[number]
  /** `-w`. */
  readonly write?: string
  /** `--update`. */
  readonly update?: boolean
  /** `--pairs`. */
  readonly pairs?: number
}

/** Holds a cluster against expectations, and prints which hold. */
export function testCommand(options: TestOptions): number {
  const { expectations: file, write, update, pairs } = options
  const text = decodeText(readBytes(file))
  const plan = readExpectations({ name: file, text })
  if (write !== undefined) checkOutput(write)
  const { lab } = openLab(options)
  const progress = new Progress()
  const report = judgeExpectations(lab, plan, {
    ...(pairs === undefined ? {} : { pairs }),
    progress: (done, all) => progress.step(`${done} of ${all} expectations`),
  })
  progress.done()
  if (update === true) return updated(file, text, report)
  const written = rendered(report, options)
  if (write === undefined) standardOutput.write(written)
  else writeOutput(write, written)
  if (report.failed > 0) return EXIT.failed
  return report.undecided > 0 ? EXIT.unknown : EXIT.ok
}

/** Writes what is; what cannot be said in the file is said on standard error. */
function updated(file: string, text: string, { expectations }: ExpectationReport): number {
  const updates = expectations.flatMap((one) => one.updates)
  const fresh = updatedExpectations(file, text, updates)
  if (fresh !== text) replaceFile(file, fresh)
  for (const { name, remarks } of expectations)
    for (const remark of remarks) standardError.write(`packetwalk: ${name}: ${remark}\n`)
  const changed = new Set(updates.map(({ index }) => index)).size
  standardOutput.write(`${changed} of ${expectations.length} expectations changed in ${file}\n`)
  return EXIT.ok
}

function rendered(report: ExpectationReport, { output, write }: TestOptions): string {
  switch (output) {
    case 'text':
      return write === undefined
        ? renderExpectationsText(report, styleFor(process.stdout))
        : renderExpectationsText(report)
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`
    case 'junit':
      return renderExpectationsJunit(report)
    case 'tap':
      return renderExpectationsTap(report)
    case 'github':
      return renderExpectationsGithub(report)
  }
}
