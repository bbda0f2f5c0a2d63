// Bundles every public entry point for the browser and prints its size; fails when one of them needs Node.
import { basename } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from './setup.mjs'

/** Public entry points of the package: name after `packetwalk`, and source file. */
export const ENTRIES = {
  '.': 'src/index.ts',
  './ask': 'src/ask/index.ts',
  './views': 'src/views/index.ts',
  './teach': 'src/teach/index.ts',
  './session': 'src/session/index.ts',
  './trace': 'src/trace/index.ts',
  './control': 'src/control/index.ts',
  './calico': 'src/calico/index.ts',
  './programs': 'src/programs/index.ts',
  './model': 'src/model/index.ts',
  './replay': 'src/replay/index.ts',
  './dataplane': 'src/dataplane/index.ts',
  './encap': 'src/encap/index.ts',
  './wire': 'src/wire/index.ts',
  './testing': 'src/testing/index.ts',
}

/** Entry points by a name, each as a minified browser bundle of its own. Rejects when one imports a Node module. */
export async function browserBundles(entries) {
  const names = Object.keys(entries)
  const result = await build({
    absWorkingDir: root,
    // Read once for all of them.
    entryPoints: names.map((name, i) => ({ in: entries[name], out: String(i) })),
    outdir: root,
    bundle: true,
    write: false,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  })
  const contents = new Map(result.outputFiles.map((file) => [basename(file.path, '.js'), file.contents]))
  const bundles = new Map()
  for (const [i, name] of names.entries()) bundles.set(name, contents.get(String(i)))
  return bundles
}

if (process.argv[1]?.endsWith('bundle-size.mjs')) {
  const kib = (bytes) => `${(bytes / 1024).toFixed(1).padStart(7)} KiB`
  process.stdout.write('browser bundle          min         gzip       brotli\n')
  for (const [name, code] of await browserBundles(ENTRIES)) {
    const sizes = [code.length, gzipSync(code, { level: 9 }).length, brotliCompressSync(code).length]
    process.stdout.write(`${name.padEnd(14)}${sizes.map((n) => kib(n).padStart(13)).join('')}\n`)
  }
}
