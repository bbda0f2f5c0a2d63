// Runs every examples/*.ts against the build and compares what it prints with the .out.txt beside it; pictures are in docs/.
// usage: npm run examples [-- --update] [name …]
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, root } from './setup.mjs'

const MAX_LINES = 40
/** Examples that draw, and the picture each makes. */
const PICTURES = { 'ping-picture': 'docs/ping.svg', 'ping-picture-narrow': 'docs/ping-narrow.svg' }

ensureInstalled()
ensureBuilt()
const update = process.argv.includes('--update')
const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('-'))
const folder = join(root, 'examples')
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3))
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .sort()

/** The first line in which two texts differ, for the message. */
function firstDifference(expected, printed) {
  const [a, b] = [expected.split('\n'), printed.split('\n')]
  const at = a.findIndex((line, i) => line !== b[i])
  const line = at < 0 ? a.length : at
  return `line ${line + 1}\n    expected: ${a[line] ?? '(end)'}\n    printed:  ${b[line] ?? '(end)'}`
}

/** What is wrong with one example, or undefined. */
function faultOf(name) {
  const source = join(folder, `${name}.ts`)
  const lines = readFileSync(source, 'utf8').trimEnd().split('\n').length
  if (lines >= MAX_LINES) return `has ${lines} lines, must be under ${MAX_LINES}`
  const ran = spawnSync(process.execPath, ['--import', 'tsx', source], { cwd: root, encoding: 'utf8' })
  if (ran.status !== 0) return `exit ${ran.status ?? ran.signal}\n${ran.stderr}`
  const kept = PICTURES[name] ?? `examples/${name}.out.txt`
  const beside = join(root, kept)
  if (update) writeFileSync(beside, ran.stdout)
  if (!existsSync(beside)) return `no ${kept}`
  const expected = readFileSync(beside, 'utf8')
  return expected === ran.stdout ? undefined : `prints something else, ${firstDifference(expected, ran.stdout)}`
}

let failed = 0
for (const name of names) {
  const fault = faultOf(name)
  failed += fault === undefined ? 0 : 1
  process.stdout.write(
    `${fault === undefined ? 'ok  ' : 'FAIL'} examples/${name}.ts${fault === undefined ? '' : `: ${fault}`}\n`,
  )
}
if (names.length === 0) process.stdout.write('no such example\n')
process.exit(failed === 0 && names.length > 0 ? 0 : 1)
