import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const FOLDER = 'test/golden'
/** Where texts are written that are not as they were, or all of them when they shall be kept. */
const TEXTS = 'node_modules/.cache/golden'
/** `update`: what comes out now is right. `keep`: writes every text, to compare two revisions with `diff -r`. */
const MODE = process.env['PACKETWALK_GOLDEN']
/** Hex digits of SHA-256 that are kept. */
const DIGITS = 16

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, DIGITS)

/** The digests of a file by their keys. */
function readDigests(file: string): Map<string, string> {
  if (!existsSync(file)) return new Map()
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return new Map(lines.map((line) => [line.slice(DIGITS + 1), line.slice(0, DIGITS)]))
}

function writeText(name: string, key: string, text: string): string {
  const path = join(TEXTS, name, `${key.replaceAll(/[^\w.@=+-]/g, '_').slice(0, 200)}.txt`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

/**
 * Results that were right when they were last looked at, and too large to keep: of each text only a digest stands in
 * `test/golden/NAME.txt`, a line a key. A test a key says whether it is as it was.
 *
 * When one is not, its text is under `node_modules/.cache/golden`. With PACKETWALK_GOLDEN=keep all texts are written there, in two
 * revisions to see what changed; with PACKETWALK_GOLDEN=update they are right as they are now.
 *
 * @param name - the file
 * @param keys - all keys, in order; a line each in the file
 * @param textOf - what comes out under a key
 */
export function goldens(name: string, keys: readonly string[], textOf: (key: string) => string): void {
  const file = join(FOLDER, `${name}.txt`)
  const before = readDigests(file)
  const now = new Map<string, string>()
  it.each(keys)('%s', (key) => {
    const text = textOf(key)
    const digest = digestOf(text)
    now.set(key, digest)
    if (MODE === 'keep') writeText(name, key, text)
    if (MODE === 'update' || digest === before.get(key)) return
    expect.unreachable(`${file}: ${key} is not as it was; it is in ${writeText(name, key, text)} now`)
  })
  if (MODE === 'update')
    afterAll(() => {
      mkdirSync(FOLDER, { recursive: true })
      writeFileSync(file, keys.map((key) => `${now.get(key) ?? before.get(key)} ${key}\n`).join(''))
    })
  else
    it('there are no others', () => {
      expect([...before.keys()]).toEqual(keys)
    })
}
