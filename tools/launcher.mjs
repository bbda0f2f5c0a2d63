#!/usr/bin/env node
// Becomes dist/packetwalk.mjs: runs the command from V8's code cache, so that nothing is compiled that was compiled when it
// was built. Another version of Node refuses the cache and compiles.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'

const folder = dirname(fileURLToPath(import.meta.url))
const filename = join(folder, 'packetwalk.cjs')
const cache = join(folder, 'packetwalk.cache')

function cached() {
  try {
    return { cachedData: readFileSync(cache) }
  } catch {
    return {}
  }
}

// esbuild writes ASCII only; read as Latin-1 it stays one byte a character.
const source = `(function (require, module, exports) {${readFileSync(filename, 'latin1')}\n})`
const script = new Script(source, { filename, ...cached() })
const exports = {}
script.runInThisContext()(createRequire(import.meta.url), { exports }, exports)

// The build runs the command once and keeps what V8 compiled on the way.
if (process.env.PACKETWALK_WRITE_CODE_CACHE === '1') {
  process.on('exit', () => writeFileSync(cache, script.createCachedData()))
}
