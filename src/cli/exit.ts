import { describeIssues, InputError, printable } from '../model/index.ts'
import { internalFault } from './internal-fault.ts'

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
  /** Somebody pressed Ctrl-C: what there was until then is the answer (128 + SIGINT, as of shells). */
  interrupted: 130,
  /** A fault of packetwalk itself (EX_SOFTWARE of sysexits). */
  internal: 70,
} as const

/** The input is right but says too little. */
export class NotEnoughInformation extends Error {
  override readonly name = 'NotEnoughInformation'
}

/**
 * Says what went wrong, a line each and never a stack, and returns the exit status.
 * @param help - where the words typed are explained; said when they are what is wrong, not a file
 */
export function reportFailure(error: unknown, print: (line: string) => void, help = ''): number {
  if (error instanceof InputError) {
    for (const line of describeIssues(error.issues)) print(`packetwalk: ${line}`)
    if (help !== '' && error.issues.every(({ file }) => file === '')) print(help)
    return EXIT.usage
  }
  if (error instanceof NotEnoughInformation) {
    print(`packetwalk: ${printable(error.message)}`)
    return EXIT.unknown
  }
  if (isFileError(error)) {
    print(`packetwalk: ${fileErrorText(error)}`)
    return EXIT.usage
  }
  print(internalFault(error))
  return EXIT.internal
}

/** An error of the system, with the name of its file. */
export function fileErrorText(error: FileError): string {
  return `${printable(error.path ?? 'a file')}: ${FILE_ERRORS[error.code] ?? error.code}`
}

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory; expected a file',
  ENOTDIR: 'is not a directory',
  ENOSPC: 'no space left on device',
  EFBIG: 'file too large',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'read-only file system',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  EIO: 'input/output error',
}

interface FileError {
  readonly code: string
  readonly path?: string
}

/** Whether an error comes from the system. */
export function isFileError(error: unknown): error is FileError {
  return error instanceof Error && 'code' in error && 'syscall' in error
}
