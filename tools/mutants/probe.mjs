// Which test reaches which mutant. Every expression that can change gets a probe: it marks the number of the mutant when the
// change would give another value than the original. A test that marks nothing for a mutant runs the same with it as
// without, and need not be tried.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { mutantsOf } from './draw.mjs'

/** Operators whose change can be told from both sides, which are evaluated anyway; names of the functions in `seen.mjs`. */
const COMPARED = new Map([
  ['<', 'less'],
  ['<=', 'lessOrEqual'],
  ['>', 'greater'],
  ['>=', 'greaterOrEqual'],
  ['+', 'plus'],
  ['-', 'minus'],
  ['&', 'and'],
  ['|', 'or'],
])

/** The code with probes; `first` is the number of its first mutant. */
function withProbes(code, mutants, first) {
  const edits = []
  mutants.forEach((mutant, index) => {
    const { from, to, start, end, before } = mutant
    const id = first + index
    const span = to - from
    // A probe begins with a name: a line that began with `(` would go on with the one before.
    // At one place: what ends comes before what begins, and the wider one lies outside.
    const name = COMPARED.get(before)
    if (name !== undefined) {
      edits.push({ at: from, rank: -span, text: `__mutants.${name}(${id},` })
      edits.push({ at: start, rank: 0, text: ',', skip: end - start })
      edits.push({ at: to, rank: span - 1e9, text: ')' })
    } else {
      edits.push({ at: from, rank: -span, text: `__mutants.at(${id})(` })
      edits.push({ at: to, rank: span - 1e9, text: ')' })
    }
  })
  edits.sort((a, b) => a.at - b.at || a.rank - b.rank)
  let out = ''
  let place = 0
  for (const { at, text, skip = 0 } of edits) {
    out += code.slice(place, at) + text
    place = at + skip
  }
  return out + code.slice(place)
}

/** Numbers of the mutants: those of a file follow each other. */
export function numbering(files) {
  const firsts = new Map()
  let count = 0
  for (const file of files) {
    firsts.set(file, count)
    count += mutantsOf(file).length
  }
  return { firsts, count }
}

/** A plugin of Vite that puts the probes in. */
export function probes(root, firsts) {
  return {
    name: 'mutants:probes',
    enforce: 'pre',
    transform(_code, id) {
      const file = relative(root, id.split('?')[0])
      const first = firsts.get(file)
      if (first === undefined) return undefined
      return { code: withProbes(readFileSync(file, 'utf8'), mutantsOf(file), first), map: null }
    },
  }
}
