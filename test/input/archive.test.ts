import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync, zipSync } from 'fflate'
import { afterAll, describe, expect, it } from 'vitest'
import { isArchive, readArchive } from '../../src/input/archive.ts'
import { InputError } from '../../src/model/index.ts'
import { decodeUtf8, encodeUtf8 } from '../../src/wire/index.ts'
import { packTar } from '../../tools/tar.mjs'

const LONG = `node01/${'deep/'.repeat(40)}route.json`
const FILES = new Map([
  ['node01/link.json', encodeUtf8('[1]')],
  [LONG, encodeUtf8('[2]')],
  ['node01/empty.txt', new Uint8Array()],
  ['node01/größe.txt', encodeUtf8('ß'.repeat(1000))],
])

function textsOf(files: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  return Object.fromEntries([...files].map(([name, bytes]) => [name, decodeUtf8(bytes)] as const).sort())
}

const folder = mkdtempSync(join(tmpdir(), 'archive-'))
afterAll(() => rmSync(folder, { recursive: true }))
for (const [name, bytes] of FILES) {
  mkdirSync(dirname(join(folder, 'in', name)), { recursive: true })
  writeFileSync(join(folder, 'in', name), bytes)
}

describe('archives of the real tar', () => {
  it.each(['gnu', 'pax', 'oldgnu', 'posix'])('--format=%s, long names and all', (format) => {
    const file = join(folder, `${format}.tar`)
    execFileSync('tar', [`--format=${format}`, '-cf', file, '-C', join(folder, 'in'), './node01'])
    expect(textsOf(readArchive('d.tar', readFileSync(file)))).toEqual(textsOf(FILES))
  })

  it('links, folders and devices are left out', () => {
    const file = join(folder, 'links.tar')
    execFileSync('sh', [
      '-c',
      `mkdir -p ${folder}/l/n && echo x >${folder}/l/n/a && ln -s a ${folder}/l/n/b && tar -cf ${file} -C ${folder}/l .`,
    ])
    expect([...readArchive('l.tar', readFileSync(file)).keys()]).toEqual(['n/a'])
  })
})

const SHORT = new Map([...FILES].filter(([name]) => encodeUtf8(name).length <= 100))
const TAR = new Uint8Array(packTar(SHORT))

describe('archives', () => {
  it.each([
    ['tar', TAR],
    ['tar.gz', gzipSync(TAR)],
    ['zip', zipSync(Object.fromEntries(SHORT))],
    ['zip, stored', zipSync(Object.fromEntries(SHORT), { level: 0 })],
  ])('%s', (_name, bytes) => {
    expect(textsOf(readArchive('d', bytes))).toEqual(textsOf(SHORT))
  })

  it('a .gz of one file is that file', () => {
    expect(textsOf(readArchive('x/route.txt.gz', gzipSync(encodeUtf8('default dev eth0'))))).toEqual({
      'route.txt': 'default dev eth0',
    })
  })

  it('two gzip files behind each other are one', () => {
    const both = new Uint8Array([...gzipSync(TAR.subarray(0, 700)), ...gzipSync(TAR.subarray(700))])
    expect(textsOf(readArchive('d', both))).toEqual(textsOf(SHORT))
  })

  it.each([
    ['gzip', gzipSync(new Uint8Array(1 << 20).fill(7))],
    ['zip', zipSync({ a: new Uint8Array(1 << 20) })],
  ])('a %s that grows beyond what is allowed is refused', (_name, bytes) => {
    expect(() => readArchive('d', bytes, 1 << 19)).toThrow('at most 524288 bytes unpacked')
    expect(readArchive('d', bytes, 1 << 21).size).toBe(1)
  })

  const BIG = new Map([
    ['n1/route.txt', encodeUtf8('10.0.0.0/8 via 10.1.1.1 dev eth0\n'.repeat(40))],
    ['n1/b', encodeUtf8('b')],
  ])
  it.each([
    ['gzip', gzipSync(new Uint8Array(packTar(BIG)))],
    ['zip', zipSync(Object.fromEntries(BIG))],
    ['zip, stored', zipSync(Object.fromEntries(BIG), { level: 0 })],
  ])('%s: one wrong bit anywhere is refused, or changes nothing', (_name, good) => {
    const expected = textsOf(BIG)
    let refused = 0
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = good.slice()
      bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7))
      if (!isArchive(bad)) continue
      try {
        expect(textsOf(readArchive('d', bad)), `bit ${bit}`).toEqual(expected)
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(good.length)
  })

  it.each([
    ['gzip', gzipSync(new Uint8Array(packTar(BIG)))],
    ['zip', zipSync(Object.fromEntries(BIG))],
  ])('%s: cut anywhere it is refused', (_name, good) => {
    for (let length = 20; length < good.length; length++)
      expect(() => readArchive('d', good.subarray(0, length)), `${length} bytes`).toThrow(InputError)
  })

  it.each([
    ['an xz file', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
    ['a bzip2 file', [0x42, 0x5a, 0x68, 0x39]],
    ['a zstd file', [0x28, 0xb5, 0x2f, 0xfd]],
  ])('%s is named, not read', (what, bytes) => {
    expect(isArchive(new Uint8Array(bytes))).toBe(true)
    expect(() => readArchive('d', new Uint8Array(bytes))).toThrow(`received ${what}`)
  })

  it('a file, a number of files and a depth beyond the limits are refused by name', () => {
    const large = new Uint8Array(64 * 1024 * 1024 + 1)
    expect(() => readArchive('d.zip', zipSync({ big: large }))).toThrow('d.zip/big: expected at most 67108864 bytes')
    const deep = new Map([[`${'a/'.repeat(64)}b`, new Uint8Array()]])
    expect(() => readArchive('d.zip', zipSync(Object.fromEntries(deep)))).toThrow('at most 64 folders')
  })

  it.each([
    ['nothing', new Uint8Array(), /^$/],
    ['text', encodeUtf8('hello '.repeat(200)), /a tar header, received a block with a wrong checksum at byte 0/],
    [
      'a tar cut inside a file',
      TAR.subarray(0, 514),
      /a file of 3 bytes at byte 512, received an archive of 514 bytes/,
    ],
    ['a gzip file cut short', gzipSync(TAR).subarray(0, 100), /gzip file/],
    ['a zip cut short', zipSync(Object.fromEntries(SHORT)).subarray(0, 100), /a zip file, received damaged bytes/],
  ])('%s: is refused with the place, or holds nothing', (_name, bytes, message) => {
    let said = ''
    try {
      expect(readArchive('d', bytes).size).toBe(0)
    } catch (error) {
      expect(error).toBeInstanceOf(InputError)
      said = (error as InputError).message
    }
    expect(said).toMatch(message)
  })
})
