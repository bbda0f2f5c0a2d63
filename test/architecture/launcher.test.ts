// The launcher of the command: a code cache reaches V8 only under the right key and whole.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ROOT } from '../support/source-files.ts'

// Says whether V8 took a cache: a function that was compiled before is not compiled again.
const PART = `(function (require, module, exports) { function late() { return 'ran' } process.stdout.write(late()); process.exitCode = Number(process.argv[2] ?? 0) })`

let folder: string
let cache: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'packetwalk-launcher-'))
  cache = join(folder, 'cache')
  copyFileSync(join(ROOT, 'tools/launcher.mjs'), join(folder, 'packetwalk.mjs'))
  writeFileSync(join(folder, 'packetwalk.cjs'), PART)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): string {
  const done = spawnSync(process.execPath, [join(folder, 'packetwalk.mjs'), ...args], {
    encoding: 'utf8',
    timeout: 10_000,
    env: { ...process.env, NODE_OPTIONS: '', PACKETWALK_CACHE: cache, ...env },
  })
  return `${done.signal ?? done.status} ${done.stdout}${done.stderr}`
}
const caches = (): string[] => (existsSync(cache) ? readdirSync(cache).sort() : [])
const only = (): string => join(cache, caches()[0] as string)

describe('launcher', () => {
  it('keeps what was compiled at the first start, and does not write again', () => {
    expect(start()).toBe('0 ran')
    expect(caches()).toHaveLength(1)
    const kept = readFileSync(only())
    expect(start()).toBe('0 ran')
    expect(readFileSync(only()).equals(kept)).toBe(true)
  })

  it('runs a part once, however often it is asked for', () => {
    writeFileSync(
      join(folder, 'packetwalk.cjs'),
      "(function (require) { process.stdout.write(String(require('./part.cjs') === require('./part.cjs'))) })",
    )
    writeFileSync(
      join(folder, 'part.cjs'),
      "(function (require, module) { process.stdout.write('ran '); module.exports = {} })",
    )
    expect(start()).toBe('0 ran true')
  })

  it('says to an older Node that it needs a newer one', () => {
    const old = join(folder, 'old.cjs')
    writeFileSync(
      old,
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } }); delete process.getBuiltinModule",
    )
    expect(start([], { NODE_OPTIONS: `--require=${old}` })).toBe(
      '2 packetwalk needs Node 20.19 or newer, this is 18.20.8\n',
    )
  })

  it('keeps nothing of a run that stopped at its usage', () => {
    expect(start(['2'])).toBe('2 ran')
    expect(caches()).toEqual([])
  })

  it.each([
    ['a byte of the code', (bytes: Buffer) => bytes.writeUInt8((bytes.at(-9) as number) ^ 0xff, bytes.length - 9)],
    ['the version in the key', (bytes: Buffer) => bytes.write('X', bytes.indexOf(process.version.slice(1)))],
    ['the architecture in the key', (bytes: Buffer) => bytes.write('X', bytes.indexOf(`"${process.arch}"`) + 1)],
    ['the noted sum', (bytes: Buffer) => bytes.write('zzzzzzzz', bytes.indexOf('\n') + 1)],
  ])('does not hand over a cache in which %s is another, and makes it anew', (_what, damage) => {
    start()
    const good = readFileSync(only())
    const bad = Buffer.from(good)
    damage(bad)
    expect(bad.equals(good)).toBe(false)
    writeFileSync(only(), bad)
    expect(start()).toBe('0 ran')
    expect(readFileSync(only()).equals(bad)).toBe(false)
    expect(
      readFileSync(only())
        .subarray(0, good.indexOf('\n'))
        .equals(good.subarray(0, good.indexOf('\n'))),
    ).toBe(true)
  })

  it('does not hand over a cache that was cut off', () => {
    start()
    const good = readFileSync(only())
    for (const length of [0, 10, good.indexOf('\n') + 1, good.indexOf('\n') + 5, good.length - 1]) {
      writeFileSync(only(), good.subarray(0, length))
      expect(start(), `${length} bytes`).toBe('0 ran')
    }
  })

  it.each([
    ['other flags', { NODE_OPTIONS: '--disallow-code-generation-from-strings' }],
    ['more memory', { NODE_OPTIONS: '--max-old-space-size=900' }],
  ])('keeps a cache of its own for %s', (_what, env) => {
    start()
    expect(start([], env)).toBe('0 ran')
    expect(caches()).toHaveLength(2)
  })

  it('keeps a cache of its own for each command: what another one has compiled is of little use to it', () => {
    start(['0'])
    expect(start(['1'])).toBe('1 ran')
    expect(caches()).toHaveLength(2)
  })

  it('keeps a cache of its own for another source', () => {
    start()
    writeFileSync(join(folder, 'packetwalk.cjs'), PART.replaceAll('ran', 'run'))
    expect(start()).toBe('0 run')
    expect(caches()).toHaveLength(2)
  })

  it('does without where there is no folder, or a file in its place, or one that others may write to', () => {
    expect(start([], { PACKETWALK_CACHE: '' })).toBe('0 ran')
    expect(start([], { PACKETWALK_CACHE: '/proc/nothing/here' })).toBe('0 ran')
    writeFileSync(cache, '')
    expect(start()).toBe('0 ran')
    rmSync(cache)
    mkdirSync(cache)
    chmodSync(cache, 0o777)
    expect(start()).toBe('0 ran')
    expect(caches()).toEqual([])
  })

  it('holds a bounded number of them', () => {
    mkdirSync(cache, { mode: 0o700 })
    for (let i = 0; i < 60; i++) writeFileSync(join(cache, `packetwalk-${i}.cache`), '')
    start()
    expect(caches()).toHaveLength(48)
  })
})
