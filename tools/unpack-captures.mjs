// Unpacks the kernel captures of test/fixtures/captures into a folder, with README.md, show.py and compare.py, so
// that `python3 DIR/compare.py DIR SIMULATED` can judge a simulation.
// usage: node tools/unpack-captures.mjs DIR [scenario …]
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { root } from './setup.mjs'
import { unpackTar } from './tar.mjs'

const [to, ...wanted] = process.argv.slice(2)
if (to === undefined) {
  process.stderr.write('usage: node tools/unpack-captures.mjs DIR [scenario …]\n')
  process.exit(2)
}
const from = join(root, 'test/fixtures/captures')
const all = readdirSync(from)
  .filter((name) => name.endsWith('.tar.br'))
  .map((name) => name.slice(0, -'.tar.br'.length))
const unknown = wanted.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`no such scenario: ${unknown.join(', ')}\n`)
  process.exit(2)
}
for (const scenario of wanted.length > 0 ? wanted : all) {
  for (const [name, bytes] of unpackTar(brotliDecompressSync(readFileSync(join(from, `${scenario}.tar.br`))))) {
    const file = join(to, scenario, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
}
for (const name of ['README.md', 'compare.py', 'show.py']) copyFileSync(join(from, name), join(to, name))
