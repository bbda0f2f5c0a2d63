import { encodeUtf8 } from '../wire/index.ts'

const BLOCK = 64
const LENGTH_FIELD = 8

const words = new Int32Array(80)
const state = new Int32Array(5)
let buffer = new Uint8Array(256)

function rotate(n: number, by: number): number {
  return (n << by) | (n >>> (32 - by))
}

function compress(at: number): void {
  for (let i = 0; i < 16; i++) {
    const p = at + 4 * i
    words[i] = (buffer[p]! << 24) | (buffer[p + 1]! << 16) | (buffer[p + 2]! << 8) | buffer[p + 3]!
  }
  for (let i = 16; i < 80; i++) words[i] = rotate(words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!, 1)
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  for (let i = 0; i < 80; i++) {
    let mix: number
    if (i < 20) mix = ((b & c) | (~b & d)) + 0x5a827999
    else if (i < 40) mix = (b ^ c ^ d) + 0x6ed9eba1
    else if (i < 60) mix = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
    else mix = (b ^ c ^ d) + 0xca62c1d6
    const next = (rotate(a, 5) + mix + e + words[i]!) | 0
    e = d
    d = c
    c = rotate(b, 30)
    b = a
    a = next
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
}

/** Puts the text into the buffer; returns its length in bytes. */
function take(text: string): number {
  if (text.length + BLOCK + LENGTH_FIELD > buffer.length) buffer = new Uint8Array(2 * (text.length + BLOCK))
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return takeBytes(encodeUtf8(text))
    buffer[i] = code
  }
  return text.length
}

function takeBytes(bytes: Uint8Array): number {
  if (bytes.length + BLOCK + LENGTH_FIELD > buffer.length) buffer = new Uint8Array(2 * (bytes.length + BLOCK))
  buffer.set(bytes)
  return bytes.length
}

/**
 * SHA-1 of a text in UTF-8, into `digest` (20 bytes). A name of every pod and a MAC of every device come from it: in a cluster
 * of 150,000 pods a general implementation, which makes a hasher a call, takes a third of the time to build the cluster.
 *
 * @rfc 3174 §6.1
 */
export function sha1Into(digest: Uint8Array, text: string): void {
  const length = take(text)
  const end = Math.ceil((length + 1 + LENGTH_FIELD) / BLOCK) * BLOCK
  buffer.fill(0, length, end)
  buffer[length] = 0x80
  const bits = length * 8
  for (let i = 0; i < 4; i++) buffer[end - 1 - i] = bits >>> (8 * i)
  state[0] = 0x67452301
  state[1] = 0xefcdab89
  state[2] = 0x98badcfe
  state[3] = 0x10325476
  state[4] = 0xc3d2e1f0
  for (let at = 0; at < end; at += BLOCK) compress(at)
  for (let i = 0; i < 20; i++) digest[i] = state[i >> 2]! >>> (24 - 8 * (i & 3))
}

/** {@link sha1Into} with a digest of its own. */
export function sha1(text: string): Uint8Array {
  const digest = new Uint8Array(20)
  sha1Into(digest, text)
  return digest
}

/** Twenty bytes that follow from a seed and a text and nothing else: what a real machine would draw at random. */
export function seededBytes(seed: number, text: string): Uint8Array {
  return sha1(`${seed}/${text}`)
}
