// Which modules of the package a first trace runs, measured: the first scene is played under V8's coverage. Run by `split.ts` in a
// process of its own, because the coverage has to begin before the package is loaded. Prints the others as JSON: path in dist, exports.
import { readdirSync, readFileSync } from 'node:fs'
import { Session as Inspector } from 'node:inspector/promises'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'

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

const ran = new Set(
  result
    .filter(({ functions }) =>
      functions.some(({ ranges: [all] }) => all !== undefined && all.startOffset > 0 && all.count > 0),
    )
    .map(({ url }) => url),
)
const modules = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.js') && file.includes('/') && !ELSEWHERE.test(file))
const texts = new Map(modules.map((file) => [file, readFileSync(new URL(file, dist), 'utf8')]))
// A class is made of another while its module is loaded: that one cannot come later.
const parents = new Set(
  [...texts.values()].flatMap((text) => [...text.matchAll(/\bextends (\w+)/g)].map(([, name]) => name)),
)

const late: Record<string, string[]> = {}
for (const [file, text] of texts) {
  const url = new URL(file, dist)
  if (ran.has(url.href) || !DECLARES.test(text) || THROWN.test(text)) continue
  const values = Object.entries((await import(fileURLToPath(url))) as Record<string, unknown>)
  const canWait =
    values.length > 0 && values.every(([name, value]) => typeof value === 'function' && !parents.has(name))
  if (canWait) late[file] = values.map(([name]) => name)
}
process.stdout.write(JSON.stringify(late))
