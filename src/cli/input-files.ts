import { closeSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type ByteSource, type InputFile, isArchive, PulledSource, readArchive } from '../input/index.ts'
import { printable } from '../model/index.ts'
import { filesIn, named, openFile, readSome, refuse } from './files.ts'
import { Progress } from './terminal.ts'

const TEXT_FILES = /\.(ya?ml|json)(\.gz)?$/i

/** Bytes of a file that are read at once, and kept; of longer ones only pieces are in memory. */
const AT_ONCE = 16 * 1024 * 1024
/** Bytes at the beginning of a file that tell an archive. */
const HEAD = 512
/** Bytes an archive may have, and unpack to: it is in memory in whole. */
const MOST_IN_MEMORY = 2 ** 31
/** Bytes that come out of a pipe, which may have no end; they are kept. */
const MOST_OF_A_PIPE = 2 ** 33
/** An archive of objects is at most so many times as large unpacked; who claims more is no friend. */
const MOST_RATIO = 200
const ALWAYS_UNPACKED = 256 * 1024 * 1024
/** Bytes that a system reads at a time. */
const MOST_AT_A_TIME = 2 ** 28
const MEGA = 1e6
/** Bytes between two steps of progress. */
const TOLD_EVERY = 10 * MEGA

/** The bytes of a file, which stays open. */
class FileSource implements ByteSource {
  private readonly path: string
  private readonly fd: number
  private readonly size: number
  private readonly told: (read: number) => void

  constructor(path: string, fd: number, size: number, told: (read: number) => void) {
    this.path = path
    this.fd = fd
    this.size = size
    this.told = told
  }

  piece(start: number, end: number): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(Math.max(Math.min(end, this.size) - start, 0))
    let length = 0
    try {
      for (let more = 1; more > 0 && length < bytes.length; length += more)
        more = readSome(this.fd, bytes.subarray(length, length + MOST_AT_A_TIME), start + length)
    } catch (error) {
      throw named(error, this.path)
    }
    this.told(start + length)
    return bytes.subarray(0, length)
  }
}

/** The files of `-f`, and how far reading them is. */
export class InputFiles {
  private readonly progress = new Progress()
  private lastTold = 0

  /**
   * Opens files, folders (every .yaml, .yml and .json in them), archives and .gz of such, `-` for standard input.
   * @param skipped - told of what stands in a folder and is not read: pipes, devices, links to nothing
   */
  open(paths: readonly string[], skipped: (line: string) => void): InputFile[] {
    return paths.flatMap((path) => {
      if (path === '-' || !statSync(path).isDirectory()) return this.filesOf(path)
      return filesIn(path, skipped)
        .filter((name) => TEXT_FILES.test(name))
        .flatMap((name) => this.filesOf(join(path, name)))
    })
  }

  /** Reads them; how far that is, is said until it is done. */
  read<T>(read: () => T): T {
    try {
      return read()
    } finally {
      this.progress.done()
    }
  }

  /** The file; of a .gz what is in it, of an archive all its texts. */
  private filesOf(path: string): InputFile[] {
    const bytes = this.source(path)
    if (!isArchive(bytes.piece(0, HEAD))) return [{ name: path, bytes }]
    const packed = bytes.piece(0, MOST_IN_MEMORY + 1)
    if (packed.length > MOST_IN_MEMORY) throw refuse(path, `an archive of at most ${MOST_IN_MEMORY} bytes`, 'more')
    const most = Math.min(MOST_IN_MEMORY, Math.max(ALWAYS_UNPACKED, packed.length * MOST_RATIO))
    const files = [...readArchive(path, packed, most, most)]
    const texts = files.length === 1 ? files : files.filter(([name]) => TEXT_FILES.test(name))
    return texts.map(([name, content]) => ({
      name: files.length === 1 ? path : `${path}/${name}`,
      bytes: content,
    }))
  }

  private source(path: string): ByteSource {
    const { fd, size } = openFile(path)
    const told = (read: number): void => this.told(path, read, size)
    if (size === undefined || path === '-') return pulled(path, fd, told)
    const file = new FileSource(path, fd, size, told)
    if (size > AT_ONCE) return file
    const bytes = file.piece(0, size)
    if (fd !== 0) closeSync(fd)
    return { piece: (start, end) => bytes.subarray(start, end) }
  }

  private told(path: string, read: number, size: number | undefined): void {
    if (Math.abs(read - this.lastTold) < TOLD_EVERY) return
    this.lastTold = read
    const [at, all] = [read, size].map((bytes) => Math.round((bytes ?? 0) / MEGA))
    this.progress.step(`reading ${printable(path)}: ${at} ${size === undefined ? '' : `of ${all} `}MB`)
  }
}

/** What comes out of a pipe, as it is looked at. */
function pulled(path: string, fd: number, told: (read: number) => void): ByteSource {
  let read = 0
  return new PulledSource((into) => {
    try {
      const length = readSome(fd, into)
      read += length
      if (read > MOST_OF_A_PIPE) throw refuse(path, `at most ${MOST_OF_A_PIPE} bytes`, 'more')
      told(read)
      return length
    } catch (error) {
      throw named(error, path)
    }
  })
}
