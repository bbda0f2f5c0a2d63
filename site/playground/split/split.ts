// A plugin of the build: what a first trace does not run is loaded later. Each such module, and each such function of a module of which
// others run, is replaced by a stand-in (`src/engine/late.ts`), and comes in a chunk of its group when one of them is called.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { type Halves, halves } from './halves.ts'
import type { Late } from './needs.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
/** What comes later of a module, with all that it exports; what it is called for; and what stays. */
const LATE = '?late'
const CALLED = '?called'
const EARLY = '?early'

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

/** What a first trace does not run, by path. */
function lateModules(): ReadonlyMap<string, Late> {
  const script = fileURLToPath(new URL('needs.ts', import.meta.url))
  const json = execFileSync(process.execPath, ['--import', 'tsx', script], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  const found = JSON.parse(json) as Record<string, Late>
  return new Map(Object.entries(found).map(([file, late]) => [`${root}dist/${file}`, late]))
}

/** Lines that declare `$of`. */
function standIns(id: string): string {
  const group = CHUNKS.find(({ test, tags }) => tags === undefined && test?.test(id) !== false)?.name
  return [
    `import { standIn as $standIn, standIns as $standIns } from '${root}site/playground/src/engine/late.ts'`,
    `const $of = /*@__PURE__*/ $standIns('${group}', () => import('${id}${CALLED}'))`,
  ].join('\n')
}

/** The plugin. */
export function split(): Plugin {
  let late: ReadonlyMap<string, Late> = new Map()
  const halvesOf = (id: string, names: readonly string[]): Halves =>
    halves(readFileSync(id, 'utf8'), new Set(names), { early: id + EARLY, standIns: standIns(id) })
  return {
    name: 'packetwalk-split',
    enforce: 'pre',
    buildStart() {
      late = lateModules()
    },
    resolveId(source, importer) {
      if (source.endsWith(EARLY)) return { id: source.slice(0, -EARLY.length), moduleSideEffects: false }
      if (source.endsWith(LATE) || source.endsWith(CALLED)) return { id: source, moduleSideEffects: false }
      if (!importer?.endsWith(LATE) || !source.startsWith('.')) return undefined
      const id = resolve(dirname(importer), source)
      return { id: late.has(id) ? id + LATE : id, moduleSideEffects: false }
    },
    load(id) {
      const path = id.replace(/\?\w+$/, '')
      const part = late.get(path)
      if (part === undefined) return undefined
      const { what, names } = part
      if (id.endsWith(CALLED)) {
        const called = what === 'module' ? names : halvesOf(path, names).called
        return `export { ${called.join(', ')} } from '${path}${LATE}'`
      }
      if (what === 'parts') return halvesOf(path, names)[id.endsWith(LATE) ? 'late' : 'early']
      if (id.endsWith(LATE)) return readFileSync(path, 'utf8')
      return [
        standIns(id),
        ...names.map((name) => `export const ${name} = /*@__PURE__*/ $standIn($of, '${name}')`),
      ].join('\n')
    },
  }
}
