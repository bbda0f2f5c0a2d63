#!/usr/bin/env node
// Becomes dist/packetwalk.mjs: runs the command, from the second start on out of V8's code cache.
//
// V8 looks at its own version and flags only. It crashes on a cache of another build of Node, and does not notice damaged bytes. So a
// cache is handed to it only under a key of our own, which holds everything the bytes hang on, and only when they have the sum that
// was noted. Caches are made on this machine, at the first use, in the user's own cache folder, and are never part of the package.
// Node's own modules come by getBuiltinModule: an import would first load every part of node:fs, streams included. This file is read by
// every Node there is, so it says in old words that it needs a newer one.

const FLOOR = [20, 19]
/** Files the folder may hold; the oldest go. */
const MOST_FILES = 48

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < FLOOR[0] || (major === FLOOR[0] && minor < FLOOR[1])) {
  process.stderr.write(`packetwalk needs Node ${FLOOR.join('.')} or newer, this is ${process.versions.node}\n`)
  process.exit(2)
}

const fs = process.getBuiltinModule('node:fs')
const { dirname, join } = process.getBuiltinModule('node:path')
const { Script } = process.getBuiltinModule('node:vm')
const { crc32 } = process.getBuiltinModule('node:zlib')

/** The user's folder for caches; PACKETWALK_CACHE names another, and empty says none. */
function cacheFolder() {
  const { PACKETWALK_CACHE, XDG_CACHE_HOME, LOCALAPPDATA, HOME } = process.env
  if (PACKETWALK_CACHE !== undefined) return PACKETWALK_CACHE
  if (process.platform === 'win32') return LOCALAPPDATA ? join(LOCALAPPDATA, 'packetwalk', 'cache') : ''
  if (XDG_CACHE_HOME?.startsWith('/')) return join(XDG_CACHE_HOME, 'packetwalk')
  if (!HOME?.startsWith('/')) return ''
  return join(HOME, process.platform === 'darwin' ? 'Library/Caches' : '.cache', 'packetwalk')
}

/** The folder, if nobody else can write there: what stands in it is run. */
function trusted(folder) {
  if (folder === '') return false
  try {
    const { uid, mode } = fs.statSync(folder)
    return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
  } catch (error) {
    return error.code === 'ENOENT'
  }
}

/**
 * What compiled code hangs on besides its source: this very program, its parts and its flags. The command is among it for another
 * reason: a cache holds the functions of the run that wrote it, and another command would find few of its own.
 */
function nodeKey() {
  const { mtimeMs, size } = fs.statSync(process.execPath)
  const flags = [...process.execArgv, process.env.NODE_OPTIONS ?? '']
  const { versions, arch, platform, execPath, argv } = process
  return JSON.stringify([versions, arch, platform, execPath, size, mtimeMs, flags, argv[2] ?? ''])
}

const folder = cacheFolder()
const open = trusted(folder)
const runtime = open ? nodeKey() : ''
const fresh = []
/** What was loaded or is being run, by its name: a face asks again at every call. */
const loaded = new Map()

const hex = (sum) => sum.toString(16).padStart(8, '0')

/** The bytes behind the head, when the head is the expected one and the sum is right. */
function readCache(file, key) {
  try {
    const bytes = fs.readFileSync(file)
    const head = Buffer.from(key, 'utf8')
    const from = head.length + 9
    if (bytes.length <= from || bytes.compare(head, 0, head.length, 0, head.length) !== 0) return undefined
    const body = bytes.subarray(from)
    return bytes.latin1Slice(head.length, from) === `${hex(crc32(body))}\n` ? body : undefined
  } catch {
    return undefined
  }
}

/** One level at a time: Node's own recursion never ends where a file system says ENOENT to a new folder (/proc). */
function makeFolder(path) {
  if (!fs.existsSync(path)) fs.mkdirSync(path, { mode: 0o700 })
}

/** Written beside and renamed, so that nobody reads half a file. Where it cannot be written there is none. */
function writeCache(file, key, body) {
  const beside = `${file}.${process.pid}`
  try {
    makeFolder(dirname(folder))
    makeFolder(folder)
    fs.writeFileSync(beside, Buffer.concat([Buffer.from(`${key}${hex(crc32(body))}\n`, 'utf8'), body]), {
      flag: 'wx',
      mode: 0o600,
    })
    fs.renameSync(beside, file)
    removeOldest()
  } catch {
    // none then; what was begun is among the oldest one day
  }
}

function removeOldest() {
  const files = fs.readdirSync(folder).filter((name) => name.startsWith('packetwalk'))
  if (files.length <= MOST_FILES) return
  const aged = files.map((name) => ({ path: join(folder, name), at: fs.statSync(join(folder, name)).mtimeMs }))
  for (const { path } of aged.sort((a, b) => b.at - a.at).slice(MOST_FILES)) fs.rmSync(path, { force: true })
}

/** A part of the command, or a module of Node. */
function load(id) {
  if (!id.startsWith('./')) return process.getBuiltinModule(id)
  return (loaded.get(id) ?? run(id)).exports
}

function run(id) {
  const filename = join(import.meta.dirname, id)
  const bytes = fs.readFileSync(filename)
  // esbuild writes ASCII only; read as Latin-1 it stays one byte a character.
  const source = bytes.latin1Slice()
  const key = open ? `packetwalk 1 ${id} ${bytes.length} ${hex(crc32(bytes))} ${runtime}\n` : ''
  const file = open ? join(folder, `${id.slice(2, -4)}-${hex(crc32(key))}.cache`) : ''
  const cachedData = open ? readCache(file, key) : undefined
  const script = new Script(source, cachedData === undefined ? { filename } : { filename, cachedData })
  if (open && (cachedData === undefined || script.cachedDataRejected)) fresh.push({ file, key, script })
  const module = { exports: {} }
  loaded.set(id, module)
  script.runInThisContext()(load, module, module.exports)
  return module
}

load('./packetwalk.cjs')

// What V8 compiled on the way is kept, if the run came to an answer: one that stopped at its options has compiled little.
process.on('exit', (code) => {
  if (code !== 0 && code !== 1) return
  for (const { file, key, script } of fresh) writeCache(file, key, script.createCachedData())
})

// A module, also to those who only read it.
export {}
