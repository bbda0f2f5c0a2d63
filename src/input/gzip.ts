import { Gunzip } from 'fflate'
import { InputError } from '../model/index.ts'
import { crc32 } from '../wire/index.ts'
import { archiveError } from './archive-fault.ts'

/** Bytes given to the decompressor at once, so that what comes out can be counted. */
const STEP = 64 * 1024

/** Bytes behind the data of a member: CRC-32 and length of what it unpacks to. @rfc 1952 §2.3.1 */
const TRAILER = 8

/**
 * Unpacks a gzip file of any number of members.
 * @throws InputError when it is damaged, ends too early, or unpacks to more than `most` bytes
 */
export function gunzip(name: string, bytes: Uint8Array, most: number): Uint8Array {
  const tooMuch = (): InputError => archiveError(name, `at most ${most} bytes unpacked`, 'more')
  const chunks: Uint8Array[] = []
  const members = [0]
  let total = 0
  let ended = false
  try {
    const stream = new Gunzip((chunk, final) => {
      total += chunk.length
      if (total > most) throw tooMuch()
      chunks.push(chunk)
      ended ||= final
    })
    stream.onmember = (start) => void members.push(start)
    for (let at = 0; at < bytes.length; at += STEP)
      stream.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length)
  } catch (error) {
    throw error instanceof InputError ? error : archiveError(name, 'a gzip file', damage(error))
  }
  if (!ended) throw archiveError(name, 'a whole gzip file', 'one that ends too early')
  const unpacked = joined(chunks, total)
  checkMembers(name, bytes, members, unpacked)
  return unpacked
}

/** Holds what came out of every member against the sum and the length behind it. */
function checkMembers(name: string, bytes: Uint8Array, members: readonly number[], unpacked: Uint8Array): void {
  let from = 0
  for (const [i] of members.entries()) {
    const trailer = (members[i + 1] ?? bytes.length) - TRAILER
    const to = from + numberAt(bytes, trailer + 4)
    if (to > unpacked.length || (i === members.length - 1 && to !== unpacked.length))
      throw archiveError(name, 'a gzip file with the length it says', `${unpacked.length - from} bytes`)
    if (crc32(unpacked.subarray(from, to)) !== numberAt(bytes, trailer))
      throw archiveError(name, 'a gzip file with the checksum it says', 'another: the file is damaged')
    from = to
  }
}

/** What the decompressor says; its faults are of its own making, or those of an array that is too short. */
export function damage(error: unknown): string {
  return error instanceof Error && error.message !== '' ? `damaged bytes (${error.message})` : 'damaged bytes'
}

/** Four bytes, the lowest first. */
export function numberAt(bytes: Uint8Array, at: number): number {
  const byte = (i: number): number => bytes[at + i] ?? 0
  return byte(0) + byte(1) * 0x100 + byte(2) * 0x10000 + byte(3) * 0x1000000
}

function joined(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const all = new Uint8Array(total)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
