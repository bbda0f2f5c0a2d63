// Which tests are worth running for a mutant, in which order; recorded once and kept under `node_modules/.cache/mutants`.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { filesOf } from './draw.mjs'
import { numbering } from './probe.mjs'
import { openRunner } from './runner.mjs'

const CACHE = 'node_modules/.cache/mutants'
/** These judge the package, its documents, or the command from outside, in processes of their own: slow, and no probe sees into them. */
const OUTSIDE = /^test\/(architecture|docs|field|hostile)\//
/** Laws and captures reach nearly everything and take long: not recorded, and run last. */
const LONG = /^test\/(conformance|properties|robustness)\/|\/(captures|load-dump)\.test\.ts$/
const LONG_MS = 60_000
/** What loading the modules of a test file costs, about, in milliseconds. */
const LOADING = 1000

const hashOf = (texts) => {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text).update('\0')
  return hash.digest('hex').slice(0, 16)
}
const textOf = (file) => readFileSync(file, 'utf8')

/** Folder of what was recorded for these sources and what tests share; each test file is checked by its own text. */
function folderOf(sources) {
  const shared = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .sort()
  return `${CACHE}/${hashOf([...sources.map(textOf), ...shared.map((name) => textOf(`test/${name}`))])}`
}

/** Tests start the command as a process of its own, bundled from the sources: no probe sees what it reaches. */
const startsCommand = (file) => textOf(file).includes('openCli')

/** Runs every test file that is new, with probes. Gives of each how long it took. */
async function record(files, sources, folder, say) {
  mkdirSync(folder, { recursive: true })
  const index = `${folder}/index.json`
  const known = existsSync(index) ? JSON.parse(textOf(index)) : {}
  const fresh = files.filter((file) => known[file]?.hash !== hashOf([textOf(file)]))
  if (fresh.length > 0) {
    const runner = await openRunner({ files: sources, folder })
    for (const file of fresh) {
      const began = performance.now()
      const { failed } = await runner.run([{ file }], { bail: false, patience: () => 600_000 })
      if (failed.length > 0)
        throw new Error(`fails without any change: ${file}: ${failed[0].name}: ${failed[0].message}`)
      known[file] = { hash: hashOf([textOf(file)]), ms: Math.round(performance.now() - began) }
      writeFileSync(index, JSON.stringify(known))
    }
    runner.close()
  }
  say(`${files.length} test files recorded, ${fresh.length} of them now\n`)
  return known
}

const hasBit = (packed, id) => (packed[id >> 3] & (1 << (id & 7))) !== 0

/** The room of a source or a test file. */
export const roomOf = (file) => file.split('/')[1]

/** What a test file showed about these mutants: for each the tests that reach it, or undefined. */
function reached(file, folder, ms, numbers) {
  const seen = JSON.parse(textOf(`${folder}/${file}.json`))
  const outside = Buffer.from(seen.outside, 'base64')
  const cases = seen.tests.map((test) => ({ ...test, seen: Buffer.from(test.seen, 'base64') }))
  return numbers.map((id) => {
    if (hasBit(outside, id)) return { file, ms: ms + LOADING }
    const hit = cases.filter((test) => hasBit(test.seen, id))
    if (hit.length === 0) return undefined
    return { file, ids: hit.map((test) => test.id), ms: hit.reduce((sum, test) => sum + test.ms, LOADING) }
  })
}

/** Test files that are recorded, with what is known of them, and where it is kept. */
async function recorded(tests, say) {
  const sources = filesOf('src')
  const folder = folderOf(sources)
  const others = tests.filter((file) => !OUTSIDE.test(file) && !startsCommand(file))
  const files = others.filter((file) => !LONG.test(file))
  const known = await record(files, sources, folder, say)
  const short = files.filter((file) => !known[file].fails)
  const { firsts } = numbering(sources)
  const numbersOf = (mutants) => mutants.map(({ file, index }) => firsts.get(file) + index)
  return { others, short, known, folder, numbersOf }
}

/** The mutants that no recorded test reaches; a long suite may. */
export async function unreachedOf(mutants, tests, say) {
  const { short, known, folder, numbersOf } = await recorded(tests, say)
  const numbers = numbersOf(mutants)
  const lists = short.map((file) => reached(file, folder, known[file].ms, numbers))
  return mutants.filter((_, place) => lists.every((list) => list[place] === undefined))
}

/**
 * For each mutant the tests that can notice it (`file`, `ids` when not all of it, `ms`): first those of its own room, and the
 * fast ones before the slow.
 */
export async function reachOf(mutants, tests, say) {
  const { others, short, known, folder, numbersOf } = await recorded(tests, say)
  const commands = tests.filter((file) => !OUTSIDE.test(file) && startsCommand(file))
  const numbers = numbersOf(mutants)
  const reach = mutants.map(({ file }) => [
    ...others.filter((test) => LONG.test(test)).map((test) => ({ file: test, ms: LONG_MS })),
    ...(roomOf(file) === 'cli' ? commands.map((test) => ({ file: test, ms: LONG_MS })) : []),
  ])
  for (const file of short) {
    for (const [place, test] of reached(file, folder, known[file].ms, numbers).entries())
      if (test !== undefined) reach[place].push(test)
  }
  const weight = (mutant, test) => test.ms * (roomOf(mutant.file) === roomOf(test.file) ? 0.1 : 1)
  for (const [place, list] of reach.entries())
    list.sort((a, b) => weight(mutants[place], a) - weight(mutants[place], b))
  return reach
}
