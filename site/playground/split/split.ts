// A plugin of the build: what a first trace does not run is loaded later. Each such module is replaced by stand-ins of its functions
// (`src/engine/late.ts`), and comes in a chunk of its group when one of them is called.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const LATE = '?late'

/**
 * Chunks: what a first trace needs, and what comes later, by room. Rooms import downwards only, and each chunk takes along what it
 * imports unless one above has it: so no two chunks need each other, and none begins before what it needs.
 */
export const CHUNKS: readonly { readonly name: string; readonly test?: RegExp; readonly tags?: ['$initial'] }[] = [
  { name: 'engine', tags: ['$initial'] },
  { name: 'late-ground', test: /dist\/(wire|model|linux|encap|dataplane|control|input|trace|diagnose|programs)\// },
  { name: 'late-time', test: /dist\/(timeline|controllers|failures|render)\// },
  { name: 'late-dumps', test: /dist\/dumps\// },
  { name: 'late-shell', test: /dist\/(shell|commands)\// },
  { name: 'late-rest', test: /dist\/(lab|session|calico|topology)\// },
  { name: 'whole' },
]

/** What a first trace does not run: path in dist, with the names it exports. */
function lateModules(): ReadonlyMap<string, readonly string[]> {
  const script = fileURLToPath(new URL('needs.ts', import.meta.url))
  const json = execFileSync(process.execPath, ['--import', 'tsx', script], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  const found = JSON.parse(json) as Record<string, string[]>
  return new Map(Object.entries(found).map(([file, names]) => [`${root}dist/${file}`, names]))
}

/** The plugin. */
export function split(): Plugin {
  let late: ReadonlyMap<string, readonly string[]> = new Map()
  return {
    name: 'packetwalk-split',
    enforce: 'pre',
    buildStart() {
      late = lateModules()
    },
    resolveId(source, importer) {
      if (source.endsWith(LATE)) return { id: source, moduleSideEffects: false }
      if (!importer?.endsWith(LATE) || !source.startsWith('.')) return undefined
      const id = resolve(dirname(importer), source)
      return { id: late.has(id) ? id + LATE : id, moduleSideEffects: false }
    },
    load(id) {
      if (id.endsWith(LATE)) return readFileSync(id.slice(0, -LATE.length), 'utf8')
      const names = late.get(id)
      if (names === undefined) return undefined
      const group = CHUNKS.find(({ test, tags }) => tags === undefined && test?.test(id) !== false)?.name
      return [
        `import { standIns as $standIns } from '${root}site/playground/src/engine/late.ts'`,
        `const $of = /*@__PURE__*/ $standIns('${group}', () => import('${id}${LATE}'))`,
        ...names.map((name) => `export const ${name} = /*@__PURE__*/ $of('${name}')`),
      ].join('\n')
    },
  }
}
