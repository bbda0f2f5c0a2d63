// Puts mutants into the sources and lets the tests run.
import { readFileSync, writeFileSync } from 'node:fs'
import { openRunner } from './runner.mjs'

/** Test files that meet all survivors together: so many milliseconds, or so many files, a run. */
const CHUNK_MS = 60_000
const CHUNK_FILES = 16

/** Sets of mutants whose places do not overlap, in order. */
function apart(mutants) {
  const sets = []
  for (const mutant of mutants) {
    const meets = (other) => other.file === mutant.file && other.start < mutant.end && mutant.start < other.end
    const set = sets.find((some) => !some.some(meets))
    if (set === undefined) sets.push([mutant])
    else set.push(mutant)
  }
  return sets
}

/** The text of a file with its mutants. */
function changed(text, mutants) {
  let out = text
  for (const { start, end, text: change } of [...mutants].sort((a, b) => b.start - a.start))
    out = out.slice(0, start) + change + out.slice(end)
  return out
}

/** Lists of tests, each with what one run can hold. */
function chunks(tests) {
  const found = []
  let ms = 0
  for (const test of tests) {
    if (found.length === 0 || ms + test.ms > CHUNK_MS || found.at(-1).length === CHUNK_FILES) {
      found.push([])
      ms = 0
    }
    found.at(-1).push(test)
    ms += test.ms
  }
  return found
}

/** What several mutants need, joined by file. */
function union(lists) {
  const files = new Map()
  for (const { file, ids, ms } of lists.flat()) {
    const known = files.get(file)
    if (known === undefined) files.set(file, { file, ids, ms })
    else {
      known.ids = known.ids === undefined || ids === undefined ? undefined : [...new Set([...known.ids, ...ids])]
      known.ms = Math.max(known.ms, ms)
    }
  }
  return [...files.values()].sort((a, b) => a.ms - b.ms)
}

/** What of a test file failed; all of it when something failed outside of its tests. */
function thatFailed(test, failed) {
  const own = failed.filter(({ file }) => file === test.file || file === '')
  if (own.length === 0) return []
  return own.some(({ id }) => id === undefined) ? [test] : [{ ...test, ids: own.map(({ id }) => id) }]
}

/** Opens the process that runs tests. */
export async function openTrial() {
  const runner = await openRunner()
  const originals = new Map()
  let touched = []

  const restore = () => {
    for (const [file, text] of originals) writeFileSync(file, text)
    originals.clear()
  }
  process.once('exit', restore)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

  /** Runs tests while these mutants stand in the sources. A file that takes ten times as long as it should, and a minute, loops. */
  async function run(mutants, tests, bail) {
    const files = [...new Set(mutants.map((mutant) => mutant.file))]
    for (const file of files) {
      originals.set(file, readFileSync(file, 'utf8'))
      writeFileSync(
        file,
        changed(
          originals.get(file),
          mutants.filter((mutant) => mutant.file === file),
        ),
      )
    }
    const slowest = Math.max(...tests.map((test) => test.ms))
    const patience = (done) => 60_000 + 10 * (tests[done.length]?.ms ?? slowest)
    try {
      return await runner.run(
        tests.map(({ file, ids }) => ({ file, ids })),
        { changed: [...touched, ...files], bail, patience },
      )
    } finally {
      restore()
      touched = files
    }
  }

  const wordsFor = ({ file, name, message }) => (file === '' ? `${name} ${message}` : `${file}: ${name} (${message})`)

  /** Lets one mutant meet tests; says in it who noticed. */
  async function tryAlone(mutant, tests) {
    if (tests.length === 0) return
    const { failed } = await run([mutant], tests, true)
    if (failed.length > 0) mutant.noticed = wordsFor(failed[0])
  }

  /** Finds those that these tests notice: halves the mutants as long as something fails, with what failed. */
  async function tryTogether(mutants, tests) {
    const { failed, end } = await run(mutants, tests, mutants.length === 1)
    if (failed.length === 0) return
    if (mutants.length === 1) {
      mutants[0].noticed = wordsFor(failed[0])
      return
    }
    const left = end === undefined ? tests.flatMap((test) => thatFailed(test, failed)) : tests
    const middle = mutants.length >> 1
    await tryTogether(mutants.slice(0, middle), left)
    await tryTogether(mutants.slice(middle), left)
  }

  return {
    tests: runner.tests,
    /** Those of the test files that pass without any mutant. */
    async sound(files, say) {
      const { failed } = await run(
        [],
        files.map((file) => ({ file, ms: 60_000 })),
        false,
      )
      for (const { file, name } of failed) say(`left out, fails without any change: ${file}: ${name}\n`)
      return files.filter((file) => !failed.some((one) => one.file === file))
    },
    /** Each mutant meets its tests alone, up to the budget; these are taken off its list. */
    async alone(mutants, reach, budget, tell) {
      for (const [place, mutant] of mutants.entries()) {
        let ms = 0
        const tests = reach[place]
        const few = tests.filter((test, index) => {
          ms += test.ms
          return index === 0 || ms <= budget
        })
        await tryAlone(mutant, few)
        reach[place] = tests.filter((test) => !few.includes(test))
        tell(mutant)
      }
    },
    /** What is alive meets the rest of its tests together. */
    async together(mutants, reach, tell) {
      const own = (mutant) => reach[mutants.indexOf(mutant)]
      for (const set of apart(mutants.filter((mutant) => mutant.noticed === undefined))) {
        for (const tests of chunks(union(set.map(own)))) {
          const files = new Set(tests.map((test) => test.file))
          const alive = set.filter(
            (mutant) => mutant.noticed === undefined && own(mutant).some((test) => files.has(test.file)),
          )
          if (alive.length === 0) continue
          await tryTogether(alive, tests)
          for (const mutant of alive) if (mutant.noticed !== undefined) tell(mutant)
        }
      }
    },
    close() {
      runner.close()
    },
  }
}
