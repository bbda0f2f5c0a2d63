import { linesOf, type TextTool } from '../text/tool.ts'

/** Lines that both texts have stand in neither list; `at` is where the change begins in each. */
interface Change {
  readonly at: readonly [number, number]
  readonly gone: readonly string[]
  readonly fresh: readonly string[]
}

/** Cells of the table of common lines that are filled in at most. */
const MOST_CELLS = 25_000_000

/** `diff [-u] OLD NEW`. */
export const diff: TextTool = ({ files, stdin }, args) => {
  const names = args.filter((word) => word === '-' || !word.startsWith('-'))
  const flags = args.filter((word) => word.startsWith('-') && word !== '-')
  if (names.length !== 2 || flags.some((flag) => flag !== '-u')) return undefined
  const texts = names.map((name) => (name === '-' ? (stdin ?? '') : files.read(name)))
  const faults = texts.flatMap((text, i) => (typeof text === 'string' ? [] : [`diff: ${names[i]}: ${text.fault}\n`]))
  if (faults.length > 0) return { stdout: '', stderr: faults.join(''), exitCode: 2 }
  const [old, fresh] = (texts as string[]).map(linesOf) as [string[], string[]]
  const changes = changesOf(old, fresh)
  if (changes === undefined)
    return { stdout: '', stderr: 'diff: packetwalk: the files differ in too many lines\n', exitCode: 2 }
  if (changes.length === 0) return { stdout: '' }
  const stdout = flags.length > 0 ? unified(names, old, fresh, changes) : changes.map(plain).join('')
  return { stdout, exitCode: 1 }
}

function changesOf(old: readonly string[], fresh: readonly string[]): readonly Change[] | undefined {
  let head = 0
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1
  let tail = 0
  while (tail < Math.min(old.length, fresh.length) - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1
  const [a, b] = [old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail)]
  if (a.length * b.length > MOST_CELLS) return undefined
  return between(a, b).map((one) => ({ ...one, at: [one.at[0] + head, one.at[1] + head] }))
}

/** By the longest list of common lines. */
function between(a: readonly string[], b: readonly string[]): Change[] {
  const width = b.length + 1
  const common = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const [below, right, across] = [
        common[(i + 1) * width + j] ?? 0,
        common[i * width + j + 1] ?? 0,
        common[(i + 1) * width + j + 1] ?? 0,
      ]
      common[i * width + j] = a[i] === b[j] ? across + 1 : Math.max(below, right)
    }
  }
  const changes: Change[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && a[i] === b[j]) {
      i += 1
      j += 1
      continue
    }
    const [from, onto] = [i, j]
    while ((i < a.length || j < b.length) && !(i < a.length && j < b.length && a[i] === b[j])) {
      const isGone =
        j >= b.length || (i < a.length && (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
      if (isGone) i += 1
      else j += 1
    }
    changes.push({ at: [from, onto], gone: a.slice(from, i), fresh: b.slice(onto, j) })
  }
  return changes
}

/** `3c3`, `5a6,7`, `8d9`: which lines, and what is made of them. */
function plain({ at: [i, j], gone, fresh }: Change): string {
  const span = (from: number, count: number): string =>
    count <= 1 ? String(from + count) : `${from + 1},${from + count}`
  const how = gone.length === 0 ? 'a' : fresh.length === 0 ? 'd' : 'c'
  const lines = [
    ...gone.map((line) => `< ${line}\n`),
    ...(how === 'c' ? ['---\n'] : []),
    ...fresh.map((line) => `> ${line}\n`),
  ]
  return `${span(i, gone.length)}${how}${span(j, fresh.length)}\n${lines.join('')}`
}

const CONTEXT = 3

function unified(
  names: readonly string[],
  old: readonly string[],
  fresh: readonly string[],
  changes: readonly Change[],
): string {
  const groups: Change[][] = []
  for (const change of changes) {
    const last = groups.at(-1)?.at(-1)
    const isNear = last !== undefined && change.at[0] - (last.at[0] + last.gone.length) <= 2 * CONTEXT
    if (isNear) groups.at(-1)?.push(change)
    else groups.push([change])
  }
  return `--- ${names[0]}\n+++ ${names[1]}\n${groups.map((group) => hunk(group, old, fresh)).join('')}`
}

function hunk(group: readonly Change[], old: readonly string[], fresh: readonly string[]): string {
  const [first, last] = [group[0] as Change, group.at(-1) as Change]
  const from = Math.max(0, first.at[0] - CONTEXT)
  const to = Math.min(old.length, last.at[0] + last.gone.length + CONTEXT)
  const onto = first.at[1] - (first.at[0] - from)
  const until = Math.min(fresh.length, last.at[1] + last.fresh.length + CONTEXT)
  let text = ''
  let at = from
  for (const {
    at: [i],
    gone,
    fresh: added,
  } of group) {
    for (const line of old.slice(at, i)) text += ` ${line}\n`
    for (const line of gone) text += `-${line}\n`
    for (const line of added) text += `+${line}\n`
    at = i + gone.length
  }
  for (const line of old.slice(at, to)) text += ` ${line}\n`
  const span = (start: number, end: number): string =>
    `${end > start ? start + 1 : start},${end - start}`.replace(/,1$/, '')
  return `@@ -${span(from, to)} +${span(onto, until)} @@\n${text}`
}
