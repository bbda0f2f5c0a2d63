// What `npm start`, `npm test` and the other scripts need before they can run: the packages of the lock file and
// a build that is not older than its sources. Plain Node, no dependency: it runs on a fresh clone.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the project. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const FLOOR = [20, 19]
const STAMP = join(root, 'node_modules/.cache/packetwalk/build.txt')
const BUILT_FROM = [
  'src',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
  'tools/as-script.mjs',
  'tools/build.mjs',
  'tools/command.mjs',
  'tools/emit.mjs',
  'tools/first-trace.mjs',
  'tools/late-packages.mjs',
  'tools/numbers.mjs',
  'tools/launcher.mjs',
]
const MADE = [
  'dist/index.js',
  'dist/packetwalk.mjs',
  'dist/packetwalk.cjs',
  'dist/packetwalk-trace.cjs',
  'dist/packetwalk-rest.cjs',
  'dist/packetwalk-late.cjs',
]

/** Runs a program in the project folder; what it prints goes to stderr when `quiet` (stdout stays ours). Gives its exit code. */
export function run(command, args, { quiet = false, env = process.env } = {}) {
  const stdio = quiet ? ['ignore', 2, 2] : 'inherit'
  const done = spawnSync(command, args, {
    cwd: root,
    stdio,
    env,
    shell: process.platform === 'win32' && command === 'npm',
  })
  if (done.error) throw done.error
  return done.status ?? 1
}

/** Like `run`, but ends this process with the same code when the program fails. */
export function must(command, args, options) {
  const code = run(command, args, options)
  if (code !== 0) {
    process.stderr.write(`packetwalk: failed (exit ${code}): ${command} ${args.join(' ')}\n`)
    process.exit(code)
  }
}

/** Runs a script of the project's own node_modules with this very Node. */
export function nodeScript(path, args, options) {
  must(process.execPath, [join(root, path), ...args], options)
}

function nodeIsNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1])
}

/**
 * What stands between installed packages and those of a lock file: the first difference in words, or undefined.
 * Optional packages may be missing (they are for other platforms), but not at another version.
 */
export function firstMismatch(wanted, there) {
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    const found = there[path]
    if (found ? found.version !== entry.version : !entry.optional) return `${path} is not at ${entry.version}`
  }
  return undefined
}

function installNeeded() {
  const hidden = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(hidden)) return 'no packages installed yet'
  const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages
  return firstMismatch(packagesOf(join(root, 'package-lock.json')), packagesOf(hidden))
}

/** Installs from the lock file when something is missing or at another version. */
export function ensureInstalled() {
  if (!nodeIsNewEnough()) {
    process.stderr.write(`packetwalk needs Node ${FLOOR.join('.')} or newer; this is ${process.versions.node}\n`)
    process.exit(1)
  }
  const why = installNeeded()
  if (why === undefined) return
  process.stderr.write(`packetwalk: npm ci (${why})\n`)
  const npm = process.env.npm_execpath
  if (npm?.endsWith('.js')) must(process.execPath, [npm, 'ci'], { quiet: true })
  else must('npm', ['ci'], { quiet: true })
}

function filesUnder(path) {
  const full = join(root, path)
  if (!existsSync(full)) return []
  const entries = readdirSync(full, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((e) => (e.isDirectory() ? filesUnder(join(path, e.name)) : [join(path, e.name)]))
}

/** A digest of everything the build reads. */
export function sourceDigest() {
  const hash = createHash('sha256')
  for (const path of BUILT_FROM) {
    const files = path === 'src' ? filesUnder(path) : [path]
    for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

/** Notes that dist/ was made from the sources with this digest. */
export function stampBuild(digest) {
  mkdirSync(dirname(STAMP), { recursive: true })
  writeFileSync(STAMP, digest)
}

/** Whether dist/ was made from the sources as they are. */
export function buildIsFresh() {
  if (!existsSync(STAMP) || MADE.some((path) => !existsSync(join(root, path)))) return false
  return readFileSync(STAMP, 'utf8') === sourceDigest()
}

/** Builds dist/ when it is missing or was made from other sources. */
export function ensureBuilt() {
  if (buildIsFresh()) return
  process.stderr.write('packetwalk: building dist/\n')
  nodeScript('tools/build.mjs', [], { quiet: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled()
  ensureBuilt()
}
