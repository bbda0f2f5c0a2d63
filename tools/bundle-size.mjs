// Bundles every public entry point for the browser and prints its size; fails when one of them needs Node.
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

/** One entry point as a minified browser bundle. Rejects when it imports a Node module. */
export async function browserBundle(entry) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  })
  return result.outputFiles[0].contents
}

if (process.argv[1]?.endsWith('bundle-size.mjs')) {
  const kib = (bytes) => `${(bytes / 1024).toFixed(1).padStart(7)} KiB`
  process.stdout.write('browser bundle          min         gzip       brotli\n')
  for (const [name, entry] of Object.entries(ENTRIES)) {
    const code = await browserBundle(entry)
    const sizes = [code.length, gzipSync(code, { level: 9 }).length, brotliCompressSync(code).length]
    process.stdout.write(`${name.padEnd(14)}${sizes.map((n) => kib(n).padStart(13)).join('')}\n`)
  }
}
