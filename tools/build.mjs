// Makes dist/: the library as one ES module a file with declarations and maps (emit.mjs), and the command as three
// parts (esbuild) behind a launcher. Written beside the old dist/ and swapped in when complete.
import { chmodSync, copyFileSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { nodeScript, root, sourceDigest, stampBuild } from './setup.mjs'

const digest = sourceDigest()
const out = `dist-${process.pid}`
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

process.on('exit', () => rmSync(join(root, out), { recursive: true, force: true }))

nodeScript('tools/emit.mjs', [out])
// Each part is one file: the face, and behind it either what traces or the other commands.
const PARTS = { './parts/trace.ts': './packetwalk-trace.cjs', './parts/rest.ts': './packetwalk-rest.cjs' }
const parts = {
  name: 'parts',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/parts\/\w+\.ts$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' && path in PARTS ? { path: PARTS[path], external: true } : undefined,
    )
  },
}
// Packages that are slow to load and seldom needed, behind faces that load them at the first use. Commander starts other
// programs only for commands that are programs of their own, which we have none of; fflate reads the archives of --dump; re2js runs
// patterns of the input; yaml reads what the reader of input/yaml does not, and writes.
const LATE = {
  'node:child_process': "module.exports = { get spawn() { return require('node:child_process').spawn } }",
  fflate: `const late = () => require('fflate')
${['inflateSync', 'deflateSync', 'strFromU8', 'strToU8'].map((name) => `export function ${name}(...args) { return late().${name}(...args) }`).join('\n')}
export function Gunzip(...args) { return new (late().Gunzip)(...args) }`,
  yaml: `const late = () => require('./packetwalk-yaml.cjs')
${['isAlias', 'isMap', 'isNode', 'isScalar', 'isSeq', 'parseAllDocuments', 'stringify'].map((name) => `export function ${name}(...args) { return late().${name}(...args) }`).join('\n')}
export function LineCounter() { return new (late().LineCounter)() }`,
  re2js: "export const RE2JS = { compile: (source) => require('./packetwalk-re2js.cjs').RE2JS.compile(source) }",
}
const late = {
  name: 'late',
  setup({ onResolve, onLoad }) {
    onResolve(
      { filter: /^(node:child_process|fflate|re2js|yaml|\.\/packetwalk-(re2js|yaml)\.cjs)$/ },
      ({ path, namespace }) => {
        if (namespace !== 'late') return { path, namespace: 'late' }
        return path === 'fflate' ? { path: FFLATE } : { path, external: true }
      },
    )
    onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => ({ contents: LATE[path], resolveDir: root }))
  },
}
// The builds for browsers run on Node as well, and load nothing for workers and Buffers.
const FFLATE = join(root, 'node_modules/fflate/esm/browser.js')
const RE2 = join(root, 'node_modules/re2js/build/index.cjs')
const YAML = join(root, 'node_modules/yaml/browser/dist/index.js')
await build({
  absWorkingDir: root,
  entryPoints: {
    packetwalk: 'src/cli/main.ts',
    'packetwalk-trace': 'src/cli/parts/trace.ts',
    'packetwalk-rest': 'src/cli/parts/rest.ts',
    'packetwalk-re2js': RE2,
    'packetwalk-yaml': YAML,
  },
  outdir: out,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  plugins: [parts, late],
  supported: { 'dynamic-import': false },
  banner: { js: '(function (require, module, exports) {' },
  footer: { js: '})' },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  define: { 'process.env.PACKETWALK_VERSION': JSON.stringify(version) },
  logLevel: 'warning',
})
copyFileSync(join(root, 'tools/launcher.mjs'), join(root, out, 'packetwalk.mjs'))
chmodSync(join(root, out, 'packetwalk.mjs'), 0o755)
rmSync(join(root, 'dist'), { recursive: true, force: true })
renameSync(join(root, out), join(root, 'dist'))
stampBuild(digest)
