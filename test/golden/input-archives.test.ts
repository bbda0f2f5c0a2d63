// What reading makes of archives of which one byte is another, or that end too early: their files, or why they are refused.
import { gzipSync, zipSync } from 'fflate'
import { describe } from 'vitest'
import { isArchive, readArchive } from '../../src/input/archive.ts'
import { InputError } from '../../src/model/index.ts'
import { decodeUtf8, encodeUtf8 } from '../../src/wire/index.ts'
import { packTar } from '../../tools/tar.mjs'
import { textOf } from '../support/cluster-text.ts'
import { goldens } from '../support/golden.ts'

const FILES: ReadonlyMap<string, Uint8Array> = new Map([
  ['node/a.txt', encodeUtf8('default via 10.0.0.1\n'.repeat(3))],
  ['./node/b.json', encodeUtf8('[]')],
  ['node/none', new Uint8Array()],
])
const TAR = new Uint8Array(packTar(FILES))
/** No clock: members without a time. */
const TIME = { mtime: 0 } as const
const ZIPPED = Object.fromEntries(FILES)
const DATE = { mtime: new Date(1980, 1, 1) } as const

function read(bytes: Uint8Array, most = 1 << 20): unknown {
  if (!isArchive(bytes)) return 'no archive'
  try {
    return [...readArchive('d', bytes, most)].map(([name, content]) => [name, decodeUtf8(content)])
  } catch (error) {
    if (error instanceof InputError) return error.issues.map(({ expected, received }) => `${expected} ${received}`)
    throw error
  }
}

const other = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = bytes.slice()
  copy[at] = value & 0xff
  return copy
}

/** Each byte zero, all ones, one more, a digit. */
function everyByte(bytes: Uint8Array, from: number, to: number): string {
  const lines: unknown[] = []
  for (let at = from; at < Math.min(to, bytes.length); at++)
    for (const value of [0, 0xff, bytes[at]! + 1, 0x37, 0x20]) lines.push([at, value, read(other(bytes, at, value))])
  return textOf(lines)
}

/** A tar whose header has other bytes at a place, and the sum it must have then. */
function tarWith(at: number, text: string, ...more: readonly (readonly [number, string])[]): Uint8Array {
  const copy = TAR.slice()
  for (const [place, word] of [[at, text] as const, ...more]) copy.set(encodeUtf8(word), place)
  copy.fill(0x20, 148, 156)
  const sum = copy.subarray(0, 512).reduce((all, byte) => all + byte, 0)
  copy.set(encodeUtf8(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
  return copy
}

const pax = (...records: readonly string[]): Uint8Array => {
  const body = records.map((record) => `${record.length + 3} ${record}\n`).join('')
  const named = new Map([['pax', encodeUtf8(body)], ...FILES])
  const tar = new Uint8Array(packTar(named))
  tar[156] = 'x'.charCodeAt(0)
  tar.fill(0x20, 148, 156)
  const sum = tar.subarray(0, 512).reduce((all, byte) => all + byte, 0)
  tar.set(encodeUtf8(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
  return tar
}

const BLOCKS = 64
function pieces(name: string, bytes: Uint8Array): [string, () => string][] {
  const count = Math.ceil(bytes.length / BLOCKS)
  return Array.from({ length: count }, (_, i) => [
    `${name}, bytes from ${i * BLOCKS}`,
    () => everyByte(bytes, i * BLOCKS, (i + 1) * BLOCKS),
  ])
}

const zip = zipSync(ZIPPED, DATE)
const stored = zipSync(ZIPPED, { ...DATE, level: 0 })
/** Members with a field behind their name, and words behind that. */
const noted = zipSync(
  {
    'n/a': [FILES.get('node/a.txt')!, { extra: { 21589: new Uint8Array([1, 2, 3, 4, 5]) }, comment: 'mine' }],
    'n/b': new Uint8Array(3),
  },
  DATE,
)
const gzip = gzipSync(TAR, TIME)
const two = new Uint8Array([...gzipSync(TAR.subarray(0, 700), TIME), ...gzipSync(TAR.subarray(700), TIME)])

const CASES: ReadonlyMap<string, () => string> = new Map([
  ...pieces('tar', TAR.subarray(0, 1536)),
  ...pieces('zip', zip),
  ...pieces('zip, stored', stored),
  ...pieces('zip with notes', noted),
  ...pieces('gzip', gzip),
  ...pieces('gzip of two members', two),
  ...[...'0123457gxLKSVDM\0'].map((type): [string, () => string] => [
    `tar, type ${type === '\0' ? 'none' : type}`,
    () => textOf(read(tarWith(156, type))),
  ]),
  ...[...'0 1 7 77 777 99 -1 x 00000000000 7777777777'.split(' '), '\x80\0\0\0\0\0\0\0\0\0\0?', '', '  5'].map(
    (size): [string, () => string] => [
      `tar, size ${JSON.stringify(size)}`,
      () => textOf(read(tarWith(124, size.padEnd(12, '\0')))),
    ],
  ),
  ...['ustar', 'ustaR', '\0\0\0\0\0'].map((magic): [string, () => string] => [
    `tar, magic ${JSON.stringify(magic)} and prefix`,
    () => textOf(read(tarWith(257, magic, [345, 'first']))),
  ]),
  ...[
    ['path=other/name'],
    ['size=3'],
    ['path=a', 'size=2'],
    ['size=x'],
    ['mtime=1'],
    ['path='],
    ['nonsense'],
    ['=x'],
  ].map((records): [string, () => string] => [`tar, pax ${records.join(' ')}`, () => textOf(read(pax(...records)))]),
  ...[
    ['tar', TAR],
    ['zip', zip],
    ['gzip', gzip],
  ].map(([name, bytes]): [string, () => string] => [
    `${name as string} cut off`,
    () =>
      textOf(
        Array.from({ length: 100 }, (_, i) =>
          read((bytes as Uint8Array).subarray(0, Math.floor(((bytes as Uint8Array).length * i) / 100))),
        ),
      ),
  ]),
  ...[1, 64, 65, 66, 67, 1000].map((most): [string, () => string] => [
    `at most ${most} bytes`,
    () => textOf([TAR, zip, stored, gzip].map((bytes) => read(bytes, most))),
  ]),
])

describe('an archive', () => {
  goldens('input-archives', [...CASES.keys()], (key) => CASES.get(key)!())
})
