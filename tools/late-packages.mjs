// Packages that are slow to load and seldom needed, behind faces that load them at the first use. Commander starts other programs only
// for commands that are programs of their own, which we have none of; fflate reads the archives of --dump; re2js runs patterns of the
// input; yaml reads what the reader of input/yaml does not, and writes.
import { join } from 'node:path'
import { root } from './setup.mjs'

const calls = (names) =>
  names.map((name) => `export function ${name}(...args) { return late().${name}(...args) }`).join('\n')

const FACES = {
  'node:child_process': "module.exports = { get spawn() { return require('node:child_process').spawn } }",
  fflate: `const late = () => require('fflate')
${calls(['inflateSync', 'deflateSync', 'strFromU8', 'strToU8'])}
export function Gunzip(...args) { return new (late().Gunzip)(...args) }`,
  yaml: `const late = () => require('./packetwalk-yaml.cjs')
${calls(['isAlias', 'isMap', 'isNode', 'isScalar', 'isSeq', 'parseAllDocuments', 'stringify'])}
export function LineCounter() { return new (late().LineCounter)() }`,
  re2js: "export const RE2JS = { compile: (source) => require('./packetwalk-re2js.cjs').RE2JS.compile(source) }",
}

// The builds for browsers run on Node as well, and load nothing for workers and Buffers.
const FFLATE = join(root, 'node_modules/fflate/esm/browser.js')

/** Files that hold a package each. */
export const PACKAGES = {
  'packetwalk-re2js': join(root, 'node_modules/re2js/build/index.cjs'),
  'packetwalk-yaml': join(root, 'node_modules/yaml/browser/dist/index.js'),
}

/** Puts the faces in front. */
export const latePackages = {
  name: 'late-packages',
  setup({ onResolve, onLoad }) {
    onResolve(
      { filter: /^(node:child_process|fflate|re2js|yaml|\.\/packetwalk-(re2js|yaml)\.cjs)$/ },
      ({ path, namespace }) => {
        if (namespace !== 'package') return { path, namespace: 'package' }
        return path === 'fflate' ? { path: FFLATE } : { path, external: true }
      },
    )
    onLoad({ filter: /.*/, namespace: 'package' }, ({ path }) => ({ contents: FACES[path], resolveDir: root }))
  },
}
