import { fstatSync, writeSync } from 'node:fs'

/** An error of the system while something was written. */
export type WriteError = Pick<NodeJS.ErrnoException, 'code' | 'message'>

/**
 * Standard output or standard error. A file or a pipe is written to at once: Node's own stream for it loads sockets, which takes a
 * tenth of the start. A terminal, and whatever does not take all of it now, gets Node's stream.
 */
export class StandardStream {
  private readonly fd: 1 | 2
  private readonly onError: (error: WriteError) => void
  private opened: NodeJS.WriteStream | undefined
  private known: boolean | undefined

  /** @param onError - what follows when it cannot be written to */
  constructor(fd: 1 | 2, onError: (error: WriteError) => void) {
    this.fd = fd
    this.onError = onError
  }

  /** Node's stream for a terminal; undefined for a file or a pipe. */
  get terminal(): NodeJS.WriteStream | undefined {
    return this.isPlain ? undefined : this.stream
  }

  /** Node's stream. */
  get stream(): NodeJS.WriteStream {
    if (this.opened === undefined) {
      this.opened = this.fd === 1 ? process.stdout : process.stderr
      this.opened.on('error', this.onError)
    }
    return this.opened
  }

  /** Whether all that was written is out. */
  get isIdle(): boolean {
    return this.opened === undefined || this.opened.writableLength === 0
  }

  /** Writes. */
  write(content: string | Uint8Array): void {
    const rest = this.opened === undefined && this.isPlain ? this.writeNow(content) : content
    if (rest.length > 0) this.stream.write(rest)
  }

  private get isPlain(): boolean {
    this.known ??= isFileOrPipe(this.fd)
    return this.known
  }

  /** @returns what was not taken: a pipe may be full, and of a sort that does not wait */
  private writeNow(content: string | Uint8Array): Uint8Array {
    let rest: Uint8Array = typeof content === 'string' ? Buffer.from(content) : content
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.fd, rest))
    } catch (error) {
      const failed = error as NodeJS.ErrnoException
      if (failed.code === 'EAGAIN') return rest
      this.onError(failed)
      return rest.subarray(rest.length)
    }
    return rest
  }
}

function isFileOrPipe(fd: number): boolean {
  try {
    const stat = fstatSync(fd)
    return stat.isFile() || stat.isFIFO() || stat.isSocket()
  } catch {
    return false
  }
}

/** Whoever reads our output may stop early (`| head`): nothing is wrong then. A full disk is. */
function outputFailed({ code, message }: WriteError): void {
  if (code === 'EPIPE') process.exit()
  const why = code === 'ENOSPC' ? 'no space left on device' : (code ?? message)
  standardError.write(`packetwalk: standard output: ${why}\n`)
  process.exit(2)
}

/** Standard output. */
export const standardOutput: StandardStream = new StandardStream(1, outputFailed)
/** Standard error: where nobody hears what went wrong, nothing more can be said. */
export const standardError: StandardStream = new StandardStream(2, () => {})

/** Whether all that was written is out. Each part of the command has streams of its own. */
export function isWritten(): boolean {
  return standardOutput.isIdle && standardError.isIdle
}
