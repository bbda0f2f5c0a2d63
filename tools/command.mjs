// The command, bundled by esbuild into parts that a launcher runs as scripts: the options, `trace`, the other commands, and what no
// first trace runs code of. A module is in one part only, whoever asks for it: what several parts share is a part as well.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { build } from 'esbuild'
import { asScript } from './as-script.mjs'
import { modulesOfFirstTrace } from './first-trace.mjs'
import { latePackages, PACKAGES } from './late-packages.mjs'
import { root } from './setup.mjs'

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const COMMON = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  supported: { 'dynamic-import': false },
  define: { 'process.env.PACKETWALK_VERSION': JSON.stringify(version) },
  logLevel: 'warning',
}
const SMALL = { minifySyntax: true, minifyWhitespace: true, legalComments: 'linked' }
/** Files that are scripts of their own: what they hold is in no other. */
const ALONE = {
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  banner: { js: '(function (require, module, exports) {' },
  footer: { js: '})' },
}
const OPTIONS = { packetwalk: 'src/cli/main.ts' }
const TRACE = 'src/cli/parts/trace.ts'
const PARTS = { 'packetwalk-trace': TRACE, 'packetwalk-rest': 'src/cli/parts/rest.ts' }
const LATE = 'packetwalk-late'

const slashed = (absolute) => relative(root, absolute).split(sep).join('/')

/** The options load the parts by the names of their files. */
const parts = {
  name: 'parts',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/parts\/\w+\.ts$/ }, ({ path, kind, resolveDir }) => {
      const [name] = Object.entries(PARTS).find(([, file]) => file === slashed(join(resolveDir, path))) ?? []
      return name === undefined || kind !== 'dynamic-import' ? undefined : { path: `./${name}.cjs`, external: true }
    })
  },
}

/** The functions a module exports; none where it exports anything else besides types: that cannot wait for a call. */
function functionsOf(path) {
  const lines = [...readFileSync(join(root, path), 'utf8').matchAll(/^export (?!type |interface )(.*)$/gm)]
  const names = lines.map(([, line]) => /^(?:async )?function (\w+)/.exec(line)?.[1])
  return names.includes(undefined) ? [] : [...new Set(names)]
}

/** Modules that are imported from `path` on, however far away, in the order in which they are run. */
function reachedFrom(path, inputs, seen = new Set()) {
  if (seen.has(path)) return []
  seen.add(path)
  const before = (inputs[path]?.imports ?? []).flatMap(({ path: next }) => reachedFrom(next, inputs, seen))
  return [...before, path]
}

/** Modules that can wait, and their functions: a first trace imports them and runs nothing of them. */
async function waiting(out) {
  const folder = join(root, out, 'first')
  const entryPoints = { ...OPTIONS, ...PARTS }
  const { metafile } = await build({
    ...COMMON,
    ...ALONE,
    entryPoints,
    outdir: folder,
    plugins: [parts, latePackages],
    metafile: true,
  })
  copyFileSync(join(root, 'tools/launcher.mjs'), join(folder, 'packetwalk.mjs'))
  const used = modulesOfFirstTrace(folder)
  rmSync(folder, { recursive: true })
  const unused = reachedFrom(TRACE, metafile.inputs).filter((path) => path.startsWith('src/') && !used.has(path))
  return new Map(unused.flatMap((path) => (functionsOf(path).length === 0 ? [] : [[path, functionsOf(path)]])))
}

/** Those who can wait import each other; all others import faces of them, whose functions load the part at their first call. */
function late(modules) {
  const number = new Map([...modules.keys()].map((path, i) => [path, i]))
  const known = (name, path) => `${name}_${number.get(path)}`
  const face = (path) =>
    modules
      .get(path)
      .map(
        (name) => `export function ${name}(...args) { return require('./${LATE}.cjs').${known(name, path)}(...args) }`,
      )
  const all = ([path, names]) =>
    `export { ${names.map((name) => `${name} as ${known(name, path)}`).join(', ')} } from './${path}'`
  return {
    name: 'late',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\..*\.ts$/ }, ({ path, importer, resolveDir, namespace }) => {
        const target = slashed(join(resolveDir, path))
        const waits = namespace === 'file' && modules.has(target) && !modules.has(slashed(importer))
        return waits ? { path: target, namespace: 'face', sideEffects: false } : undefined
      })
      onResolve({ filter: /^late$/ }, ({ path }) => ({ path, namespace: 'late' }))
      onResolve({ filter: /^\.\/packetwalk-late\.cjs$/ }, ({ path }) => ({ path, external: true }))
      onLoad({ filter: /.*/, namespace: 'face' }, ({ path }) => ({ contents: face(path).join('\n'), resolveDir: root }))
      onLoad({ filter: /.*/, namespace: 'late' }, () => ({
        contents: [...modules].map(all).join('\n'),
        resolveDir: root,
      }))
    },
  }
}

/** Writes the command into the folder `out`. */
export async function buildCommand(out) {
  const modules = await waiting(out)
  await build({
    ...COMMON,
    ...SMALL,
    ...ALONE,
    entryPoints: { ...OPTIONS, ...PACKAGES },
    outdir: out,
    plugins: [parts, latePackages],
  })
  const { outputFiles } = await build({
    ...COMMON,
    ...SMALL,
    entryPoints: { ...PARTS, [LATE]: 'late' },
    outdir: out,
    chunkNames: 'packetwalk-[hash]',
    format: 'esm',
    splitting: true,
    write: false,
    plugins: [latePackages, late(modules)],
  })
  for (const { path, text } of outputFiles) {
    const file = path.replace(/\.js(?=$|\.LEGAL)/, '.cjs')
    writeFileSync(file, path.endsWith('.js') ? asScript(text, path.endsWith(`${LATE}.js`)) : text)
  }
}
