// Builds the playground: `site/dist/play/`, a folder of static files for any server, and prints how much of it is loaded when.
// usage: node tools/playground.mjs [--out FOLDER]
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ensureBuilt, ensureInstalled, root } from './setup.mjs'

const at = process.argv.indexOf('--out')
const out = at > 0 ? join(root, process.argv[at + 1] ?? '') : join(root, 'site/dist/play')

ensureInstalled()
ensureBuilt()
const { build } = await import('vite')
await build({
  configFile: join(root, 'site/playground/vite.config.ts'),
  build: { outDir: out },
})

const files = readdirSync(out, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(out, join(entry.parentPath, entry.name)).split(sep).join('/'))
  .sort()

// Everything is there after the first visit; another build has another name, and the old files go.
const digest = createHash('sha256')
for (const file of files) digest.update(`${file}\0`).update(readFileSync(join(out, file)))
const version = digest.digest('hex').slice(0, 16)
const written = { VERSION: `packetwalk-${version}`, FILES: ['./', ...files.filter((file) => file !== 'index.html')] }
const worker = readFileSync(join(root, 'site/playground/sw.js'), 'utf8').replace(/'(VERSION|FILES)'/g, (_, name) =>
  JSON.stringify(written[name]),
)
writeFileSync(join(out, 'sw.js'), worker)

/** What is loaded when, by the beginning of its name; the budget in KiB as gzip sends it. */
const PARTS = [
  { name: 'page', files: /^index\.html$|^assets\/index-.*\.(js|css)$/, budget: 40 },
  { name: 'first run', files: /^assets\/_virtual_prepared/, budget: 40 },
  // What a first trace needs, and what comes when it is asked for (site/playground/split/).
  { name: 'engine', files: /^assets\/worker-/, budget: 280 },
  { name: 'ground', files: /^assets\/(late-ground|rolldown-runtime)-/, budget: 420 },
  { name: 'shell', files: /^assets\/late-shell-/, budget: 190 },
  { name: 'dumps', files: /^assets\/late-dumps-/, budget: 40 },
  { name: 'time', files: /^assets\/late-time-/, budget: 85 },
  { name: 'more of it', files: /^assets\/late-rest-/, budget: 40 },
  { name: 'whole', files: /^assets\/whole-/, budget: 100 },
  { name: 'editor', files: /^assets\/editor/, budget: 170 },
  { name: 'terminal', files: /^assets\/terminal/, budget: 110 },
  { name: 'steps', files: /^assets\/steps/, budget: 10 },
]
const sizeOf = (file) => gzipSync(readFileSync(join(out, file)), { level: 9 }).length / 1024
const rows = PARTS.map((part) => {
  const own = files.filter((file) => part.files.test(file))
  return { ...part, count: own.length, size: own.reduce((sum, file) => sum + sizeOf(file), 0) }
})
const known = files.filter((file) => PARTS.some((part) => part.files.test(file)))
const rest = files.filter((file) => !known.includes(file))
for (const { name, size, budget } of rows)
  process.stdout.write(`playground  ${name.padEnd(10)} ${size.toFixed(1).padStart(7)} KiB gzip  (budget ${budget})\n`)
process.stdout.write(
  `playground  rest       ${rest
    .reduce((sum, file) => sum + sizeOf(file), 0)
    .toFixed(1)
    .padStart(7)} KiB gzip  ${rest.join(' ')}\n`,
)
const bytes = files.reduce((sum, file) => sum + statSync(join(out, file)).size, 0)
process.stdout.write(`playground  all of it  ${(bytes / 2 ** 20).toFixed(1)} MiB unpacked, part of the package\n`)
const over = rows.filter(({ size, budget, count }) => size > budget || count === 0)
for (const { name, count } of over)
  process.stderr.write(`playground: ${name} ${count === 0 ? 'is not there' : 'is over its budget'}\n`)
process.exitCode = over.length === 0 ? 0 : 1
