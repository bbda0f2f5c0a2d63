import { checkArgument, checkText, textHash } from '../model/index.ts'

/**
 * The seed of a student: the same name gives the same variant, on every machine and in every year; two names give two.
 * Spaces at the ends and the case of letters do not matter.
 *
 * ```ts
 * scene('ipip', variant('Ada Lovelace'))
 * ```
 */
export function variant(student: string): number {
  checkText('student', student, 'the name of a student')
  return textHash(student.trim().toLowerCase().normalize('NFC'))
}

/** A student by name, or the seed of a variant. */
export type Student = string | number

/** The seed of a student: of a name its hash, a number as it is. @throws InputError for neither */
export function seedOf(student: Student): number {
  const isStudent = typeof student === 'string' || Number.isSafeInteger(student)
  checkArgument(isStudent, 'student', 'the name of a student, or a whole number', student)
  return typeof student === 'number' ? student : variant(student)
}
