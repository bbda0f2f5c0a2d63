// The package as somebody else gets it: imported by name from dist/, by Node alone.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../support/source-files.ts'

interface Manifest {
  readonly version: string
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly typesVersions: Readonly<Record<'*', Readonly<Record<string, readonly string[]>>>>
  readonly bin: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
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

  it('has the same types for compilers that know no exports, such as that of tslab', () => {
    const parts = entries.filter((entry) => entry !== '.').map((entry) => entry.slice(2))
    const types = parts.map((name) => [name, [`./dist/${name}/index.d.ts`]])
    expect(manifest.typesVersions['*']).toEqual(Object.fromEntries(types))
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

describe('packetwalk/testing where fast-check is not installed', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'packetwalk-package-'))
    const modules = join(folder, 'node_modules')
    mkdirSync(join(modules, '@noble'), { recursive: true })
    cpSync(`${ROOT}dist`, join(modules, 'packetwalk/dist'), { recursive: true })
    cpSync(`${ROOT}package.json`, join(modules, 'packetwalk/package.json'))
    for (const name of Object.keys(manifest.dependencies))
      symlinkSync(`${ROOT}node_modules/${name}`, join(modules, name))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const run = (code: string): string =>
    execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: folder, encoding: 'utf8' })

  it('is as if it were not there', () => {
    expect(run("console.log(await import('fast-check').catch(({ code }) => code))").trim()).toBe('ERR_MODULE_NOT_FOUND')
  })

  it('the door opens, and matchers judge', () => {
    const code = `import { traceMatchers } from 'packetwalk/testing'
      const facts = { disposition: { kind: 'answered' }, summary: '', packets: [] }
      console.log(Object.keys(traceMatchers).length, traceMatchers.toBeAnswered(facts).pass)`
    expect(run(code).trim()).toBe('4 true')
  })

  it('arbitraries say what they need', () => {
    const code = `import { cluster, ipv4 } from 'packetwalk/testing'
      for (const make of [cluster, ipv4]) try { make() } catch (error) { console.log(error.name, error.message) }`
    expect(run(code)).toMatch(
      /^(InputError expected the package fast-check for arbitraries: npm install --save-dev fast-check, .*\n){2}$/,
    )
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
