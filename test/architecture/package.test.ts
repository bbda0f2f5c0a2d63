// The package as somebody else gets it: imported by name from dist/, by Node alone.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../support/source-files.ts'

interface Manifest {
  readonly version: string
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly bin: Readonly<Record<string, string>>
}
const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as Manifest
const entries = Object.keys(manifest.exports).filter((entry) => !entry.endsWith('.json'))

const node = (...args: string[]): string =>
  execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

beforeAll(() => {
  node('tools/setup.mjs') // builds dist/ when it is older than its sources
}, 240_000)

describe('package', () => {
  it.each(entries)('%s can be imported by name and exports something', (entry) => {
    const name = `packetwalk${entry.slice(1)}`
    const names = node('--input-type=module', '-e', `console.log(Object.keys(await import('${name}')).join(' '))`)
    expect(names.trim()).not.toBe('')
  })

  it.each(entries)('%s has types, listed first', (entry) => {
    const target = manifest.exports[entry]
    if (typeof target !== 'object') return expect.unreachable(`${entry} has no conditions`)
    expect(Object.keys(target)).toEqual(['types', 'default'])
    expect(existsSync(ROOT + target.types)).toBe(true)
    expect(existsSync(ROOT + target.default)).toBe(true)
  })

  it('imports without side effects on stdout, and twice is the same module', () => {
    const same = node(
      '--input-type=module',
      '-e',
      "process.exit(await import('packetwalk') === await import('packetwalk') ? 0 : 1)",
    )
    expect(same).toBe('')
  })

  it('has an executable command that knows its version', () => {
    const bin = ROOT + manifest.bin['packetwalk']
    expect(readFileSync(bin, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true)
    expect(statSync(bin).mode & 0o111).toBe(0o111)
    expect(node(bin, '--version').trim()).toBe(manifest.version)
  })
})

describe('lock file', () => {
  const lock = JSON.parse(readFileSync(`${ROOT}package-lock.json`, 'utf8')) as {
    readonly version: string
    readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  }

  it('names no download host and keeps the digests', () => {
    const named = Object.entries(lock.packages).filter(([, entry]) => 'resolved' in entry)
    const bare = Object.entries(lock.packages).filter(
      ([path, entry]) => path !== '' && typeof entry['integrity'] !== 'string',
    )
    expect(named).toEqual([])
    expect(bare.map(([path]) => path)).toEqual([])
  })

  it('is for this version of the package', () => {
    expect(lock.version).toBe(manifest.version)
  })
})
