import { describeIssues, InputError } from '../model/index.ts'

/** Exit statuses of the command. */
export const EXIT = {
  /** Delivered and answered; equal; done. */
  ok: 0,
  /** Not delivered or not answered; different. */
  failed: 1,
  /** Wrong usage or wrong input. */
  usage: 2,
  /** The input says too little to answer. */
  unknown: 3,
} as const

/** The input is right but says too little. */
export class NotEnoughInformation extends Error {
  override readonly name = 'NotEnoughInformation'
}

/** Says what went wrong and returns the exit status; a bug of packetwalk is thrown on. */
export function reportFailure(error: unknown, print: (line: string) => void): number {
  if (error instanceof InputError) {
    for (const line of describeIssues(error.issues)) print(`packetwalk: ${line}`)
    return EXIT.usage
  }
  if (error instanceof NotEnoughInformation) {
    print(`packetwalk: ${error.message}`)
    return EXIT.unknown
  }
  if (isFileError(error)) {
    print(`packetwalk: ${error.path ?? ''}: ${FILE_ERRORS[error.code] ?? error.code}`)
    return EXIT.usage
  }
  throw error
}

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory; expected a file',
  ENOTDIR: 'is not a directory',
}

function isFileError(error: unknown): error is { readonly code: string; readonly path?: string } {
  return error instanceof Error && 'code' in error && 'syscall' in error
}
