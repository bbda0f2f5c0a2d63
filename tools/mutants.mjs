// `npm run mutants -- FOLDER`: do the tests notice? Changes one operator or value of a file at a time, drawn from a seed, runs
// the tests that reach it, and tells which changes nobody noticed. Slow, and no part of CI.
//
//   npm run mutants -- src/linux --sample 60 --seed 1
//   npm run mutants -- src --without src/linux --sample 140 --seed 1 --out first.json
//   npm run mutants -- src --again first.json --tests test/wire      after new tests: what survived once more
//   npm run mutants -- src/linux --unreached                         places that no short test reaches, by line
//
// The first run records which test reaches which mutant (reach.mjs). A mutant then meets the tests of its room first, up to a
// budget of time. What survives meets the rest together with the other survivors: tests that pass with all of them changed pass
// with each, and where one fails, halves are tried.
//
// Why not StrykerJS: version 10 needs Node 22 (we promise 20.19). 9.6.1 runs with this vitest, but knows only whole files or
// ranges of lines, no sample (it finds 72,000 mutants in `src`), cannot run the nearest tests first, and a mutant that
// survives costs it every test that reaches it.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { draw, filesOf, mutantsOf } from './mutants/draw.mjs'
import { reachOf, roomOf, unreachedOf } from './mutants/reach.mjs'
import { openTrial } from './mutants/trial.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** How many mutants. */
    sample: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    /** A folder to leave out. */
    without: { type: 'string', multiple: true, default: [] },
    /** Run these tests, all of them, instead of those that were recorded to reach the mutant. */
    tests: { type: 'string', multiple: true, default: [] },
    /** Milliseconds of tests that a mutant meets alone. */
    budget: { type: 'string', default: '10000' },
    /** Writes what became of each mutant to this file (JSON). */
    out: { type: 'string' },
    /** Instead of a sample: the mutants of such a file that survived. */
    again: { type: 'string' },
    /** Instead of trying any: the lines with mutants that no recorded test reaches. */
    unreached: { type: 'boolean', default: false },
    /** Only names the mutants drawn. */
    list: { type: 'boolean', default: false },
  },
})
if (positionals.length !== 1) {
  process.stderr.write(
    'usage: npm run mutants -- FOLDER [--sample N] [--seed N] [--without FOLDER]… [--tests FOLDER]… [--budget MS] [--out FILE] [--again FILE] [--unreached] [--list]\n',
  )
  process.exit(2)
}
const say = (text) => process.stdout.write(text)
const short = (text) => text.replaceAll(/\s+/g, ' ')
const nameOf = ({ file, line, before, text }) => `${file}:${line}  ${short(before)}  →  ${short(text)}`
/** Names a mutant also after other lines have moved. */
const keyOf = ({ file, words, before, text, at }) => JSON.stringify([file, words, before, text, at])

/** Every mutant of the folder asked for. */
function allOf() {
  const files = filesOf(positionals[0]).filter(
    (file) => !values.without.some((folder) => file.startsWith(`${folder}/`)),
  )
  return files.flatMap((file) => mutantsOf(file).map((mutant, index) => ({ ...mutant, index })))
}

function chosen() {
  const all = allOf()
  if (values.again === undefined) return draw(all, Number(values.sample), Number(values.seed))
  const [folder] = positionals
  const earlier = JSON.parse(readFileSync(values.again, 'utf8')).filter(
    ({ file, noticed }) => noticed === undefined && (file === folder || file.startsWith(`${folder}/`)),
  )
  const keys = new Set(earlier.map(keyOf))
  const found = all.filter((mutant) => keys.has(keyOf(mutant)))
  if (found.length < earlier.length) say(`${earlier.length - found.length} of ${earlier.length} are no longer there\n`)
  return found
}

/** Caught and all, by room. */
function table(mutants) {
  const rooms = new Map()
  for (const { file, noticed } of mutants) {
    const row = rooms.get(roomOf(file)) ?? [0, 0]
    if (noticed !== undefined) row[0]++
    row[1]++
    rooms.set(roomOf(file), row)
  }
  const caught = mutants.filter((mutant) => mutant.noticed !== undefined).length
  const rows = [...rooms].sort().map(([room, [some, all]]) => `${room.padEnd(12)} ${some}/${all}\n`)
  const from = values.again === undefined ? `seed ${values.seed}` : `of those that survived, ${values.again}`
  return `${rows.join('')}${caught} of ${mutants.length} caught (${from})\n`
}

if (values.unreached) {
  const trial = await openTrial()
  const lines = new Map()
  for (const { file, line } of await unreachedOf(allOf(), trial.tests, say))
    lines.set(file, (lines.get(file) ?? new Set()).add(line))
  for (const [file, at] of lines) say(`${file}: ${[...at].join(' ')}\n`)
  trial.close()
  process.exit(0)
}
const mutants = chosen()
if (values.list) {
  for (const mutant of mutants) say(`${nameOf(mutant)}\n`)
  process.exit(0)
}
const isAsked = (file) => values.tests.some((folder) => file === folder || file.startsWith(`${folder}/`))
const trial = await openTrial()
/** The tests that were asked for, for every mutant. */
async function asked() {
  const files = await trial.sound(trial.tests.filter(isAsked), say)
  return mutants.map(() => files.map((file) => ({ file, ms: 1000 })))
}
const reach = values.tests.length === 0 ? await reachOf(mutants, trial.tests, say) : await asked()
const save = () => {
  if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(mutants, null, 1))
}
await trial.alone(mutants, reach, Number(values.budget), (mutant) => {
  const { noticed } = mutant
  say(noticed === undefined ? `alive     ${nameOf(mutant)}\n` : `caught    ${nameOf(mutant)}   by ${noticed}\n`)
  save()
})
await trial.together(mutants, reach, (mutant) => {
  say(`caught    ${nameOf(mutant)}   by ${mutant.noticed}\n`)
  save()
})
trial.close()
save()
for (const mutant of mutants) if (mutant.noticed === undefined) say(`SURVIVED  ${nameOf(mutant)}\n`)
say(table(mutants))
