import { checkArgument, isRecord } from '../model/index.ts'
import type { Answers, Verdict } from './exercise.ts'
import { exercise } from './exercises.ts'
import { type Shown, shown } from './shown.ts'
import type { Student } from './variant.ts'

/** Form and version of an answer sheet. */
export const SHEET_SCHEMA = 'packetwalk.answers/1'

/** What a student hands in: plain data, JSON. Whether it is right is computed anew by whoever reads it. */
export interface AnswerSheet {
  /** Form and version. */
  readonly schema: typeof SHEET_SCHEMA
  /** Who hands it in. */
  readonly student: Student
  /** The last answer to each exercise, and with how many hints. */
  readonly answers: readonly SheetAnswer[]
}

/** One answer of a sheet. */
export interface SheetAnswer {
  /** The exercise. */
  readonly exercise: string
  /** The answer. */
  readonly answers: Answers
  /** The highest hint that was asked for; 0 = none. */
  readonly hints: number
}

/** A sheet, judged. */
export interface JudgedSheet extends Shown {
  /** Who handed it in. */
  readonly student: Student
  /** What came of each answer. */
  readonly verdicts: readonly { readonly exercise: string; readonly verdict: Verdict; readonly hints: number }[]
  /** How many are right. */
  readonly passed: number
}

/**
 * Judges what a student handed in, by the variant of the student: nothing that the sheet says of itself is believed.
 *
 * ```ts
 * checkSheet(JSON.parse(text)).passed
 * ```
 *
 * @throws InputError for what is no sheet, and for exercises that there are not
 */
export function checkSheet(sheet: AnswerSheet): JudgedSheet {
  const isSheet = isRecord(sheet) && sheet.schema === SHEET_SCHEMA && sheet.student !== undefined
  checkArgument(isSheet && Array.isArray(sheet.answers), 'sheet', 'an answer sheet, as lesson.sheet() makes it', sheet)
  const { student } = sheet
  const verdicts = sheet.answers.map((one) => {
    const verdict = exercise(one.exercise, student).check(one.answers)
    return { exercise: one.exercise, verdict, hints: one.hints }
  })
  const passed = verdicts.filter(({ verdict }) => verdict.passed).length
  const toMarkdown = (): string => {
    const rows = verdicts.map(
      ({ exercise: name, verdict, hints }) =>
        `| ${name} | ${verdict.passed ? 'right' : `${verdict.right} of ${verdict.of}`} | ${hints} |`,
    )
    return `### ${student}: ${passed} of ${verdicts.length}\n\n| exercise | answer | hints |\n| --- | --- | --- |\n${rows.join('\n')}\n`
  }
  return shown({ student, verdicts, passed, toMarkdown })
}
