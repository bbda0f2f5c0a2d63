#!/usr/bin/env node
// Becomes dist/packetwalk.mjs: runs the command from V8's code cache, so that nothing is compiled that was compiled when it
// was built. Another version of Node refuses the cache and compiles.
// Node's own modules come by getBuiltinModule: an import would first load every part of node:fs, streams included.
const { readFileSync, writeFileSync } = process.getBuiltinModule('node:fs')
const { join } = process.getBuiltinModule('node:path')
const { Script } = process.getBuiltinModule('node:vm')

const scripts = new Map()

function cached(cache) {
  try {
    return { cachedData: readFileSync(cache) }
  } catch {
    return {}
  }
}

/** A part of the command, or a module of Node. */
function load(id) {
  if (!id.startsWith('./')) return process.getBuiltinModule(id)
  const filename = join(import.meta.dirname, id)
  // esbuild writes ASCII only; read as Latin-1 it stays one byte a character.
  const source = readFileSync(filename, 'latin1')
  const cache = filename.replace(/cjs$/, 'cache')
  const known = cached(cache)
  const script = new Script(source, { filename, ...known })
  if (known.cachedData === undefined) scripts.set(cache, script)
  const module = { exports: {} }
  script.runInThisContext()(load, module, module.exports)
  return module.exports
}

load('./packetwalk.cjs')

// The build runs the command and keeps what V8 compiled on the way, where nothing is kept yet.
if (process.env.PACKETWALK_WRITE_CODE_CACHE === '1') {
  process.on('exit', () => {
    for (const [cache, script] of scripts) writeFileSync(cache, script.createCachedData())
  })
}

// A module, also to those who only read it.
export {}
