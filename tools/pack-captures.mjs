// Packs the kernel captures into test/fixtures/captures: one <scenario>.tar.br a scenario, with every file of its
// folder, byte for byte. Archives whose content is unchanged keep their bytes.
// usage: node tools/pack-captures.mjs CAPTURES
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { root } from './setup.mjs'
import { packTar } from './tar.mjs'

const from = process.argv[2]
if (from === undefined) {
  process.stderr.write('usage: node tools/pack-captures.mjs CAPTURES\n')
  process.exit(2)
}
const to = join(root, 'test/fixtures/captures')

function filesUnder(folder, prefix = '') {
  const entries = readdirSync(join(folder, prefix), { withFileTypes: true })
  return entries.flatMap((e) => (e.isDirectory() ? filesUnder(folder, `${prefix}${e.name}/`) : [`${prefix}${e.name}`]))
}

/** Files of one kind stand together: brotli finds what they share. */
const byKindThenName = (a, b) => {
  const [x, y] = [extname(a) + a, extname(b) + b]
  return x < y ? -1 : x > y ? 1 : 0
}

function compress(bytes) {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  })
}

mkdirSync(to, { recursive: true })
const scenarios = readdirSync(from)
  .filter((name) => existsSync(join(from, name, 'scenario.json')))
  .sort()
let [raw, packed, kept] = [0, 0, 0]
for (const scenario of scenarios) {
  const folder = join(from, scenario)
  const names = filesUnder(folder).sort(byKindThenName)
  const tar = packTar(names.map((name) => [name, readFileSync(join(folder, name))]))
  const file = join(to, `${scenario}.tar.br`)
  const same = existsSync(file) && brotliDecompressSync(readFileSync(file)).equals(tar)
  if (!same) writeFileSync(file, compress(tar))
  kept += same ? 1 : 0
  raw += tar.length
  packed += readFileSync(file).length
}
for (const old of readdirSync(to).filter(
  (name) => name.endsWith('.tar.br') && !scenarios.includes(name.slice(0, -7)),
)) {
  rmSync(join(to, old))
}
for (const name of ['README.md', 'compare.py', 'show.py']) copyFileSync(join(from, name), join(to, name))
const mib = (n) => (n / 1024 / 1024).toFixed(1)
process.stdout.write(
  `${scenarios.length} scenarios (${kept} unchanged): ${mib(raw)} MiB packed into ${mib(packed)} MiB\n`,
)
