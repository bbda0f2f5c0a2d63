// What of the package a first trace runs, measured: the first scene is played under V8's coverage. Run by `split.ts` in a process of its
// own, because the coverage has to begin before the package is loaded. Prints what it does not run as JSON, by path in dist: names that a
// module exports when nothing of it ran, or functions, classes and methods of one of which others did.
import { readdirSync, readFileSync } from 'node:fs'
import { Session as Inspector } from 'node:inspector/promises'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waiting } from './halves.ts'

/** What of a module can come later. */
export interface Late {
  /** All of it, or parts of it. */
  readonly what: 'module' | 'parts'
  /** What it exports, or the parts (`halves.ts`). */
  readonly names: readonly string[]
}

const dist = new URL('../../../dist/', import.meta.url)
/** No part of the page, or in a part that the engine itself loads when it is asked for (`engine/whole.ts`). */
const ELSEWHERE = /^(cli|testing|teach|ask|reach|lint|troubleshoot|payload|captured|expect|review)\//
/** What is thrown has to be known by who catches it. */
const THROWN = /\bextends (?:\w*Error)\b/
const DECLARES = /^(?:export )?(?:async )?(?:function|class|const|let)\b/m

const inspector = new Inspector()
inspector.connect()
await inspector.post('Profiler.enable')
await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
const { playFirst } = await import('../prepared.ts')
playFirst()
const { result } = await inspector.post('Profiler.takePreciseCoverage')
inspector.disconnect()

/** By module, names of functions that ran; a name that two functions have counts when one did. */
const ran = new Map(
  result.map(({ url, functions }): [string, ReadonlySet<string>] => {
    const called = functions.filter(({ ranges: [all] }) => all !== undefined && all.startOffset > 0 && all.count > 0)
    return [url, new Set(called.map(({ functionName }) => functionName))]
  }),
)
const modules = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.js') && file.includes('/') && !ELSEWHERE.test(file))
const texts = new Map(modules.map((file) => [file, readFileSync(new URL(file, dist), 'utf8')]))
// A class is made of another while its module is loaded: that one cannot come later.
const parents = new Set(
  [...texts.values()].flatMap((text) => [...text.matchAll(/\bextends (\w+)/g)].map(([, name = '']) => name)),
)

async function exportsThatWait(url: URL, text: string): Promise<readonly string[]> {
  if (!DECLARES.test(text) || THROWN.test(text)) return []
  const values = Object.entries((await import(fileURLToPath(url))) as Record<string, unknown>)
  const canWait = values.every(([name, value]) => typeof value === 'function' && !parents.has(name))
  return canWait ? values.map(([name]) => name) : []
}

const late: Record<string, Late> = {}
for (const [file, text] of texts) {
  const url = new URL(file, dist)
  const called = ran.get(url.href) ?? new Set<string>()
  const all = called.size > 0 ? [] : await exportsThatWait(url, text)
  const names = all.length > 0 ? all : waiting(text, called, parents)
  if (names.length > 0) late[file] = { what: all.length > 0 ? 'module' : 'parts', names }
}
process.stdout.write(JSON.stringify(late))
