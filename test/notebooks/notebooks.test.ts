// The course of examples/notebooks: what each lesson has, in which order; that it was run; and that its exercise is one.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exercise, scenes } from '../../src/teach/index.ts'
import { notebookOf, written } from '../../tools/notebook-cells.mjs'
import { ROOT } from '../support/source-files.ts'

const FOLDER = `${ROOT}examples/notebooks/`

interface Output {
  readonly output_type: string
  readonly text?: string | readonly string[]
  readonly data?: Readonly<Record<string, string | readonly string[]>>
}

interface Cell {
  readonly id: string
  readonly cell_type: string
  readonly source: string
  readonly metadata: { readonly tags?: readonly string[] }
  readonly outputs?: readonly Output[]
}

const joined = (text: string | readonly string[] | undefined): string => [text ?? ''].flat().join('')

function cellsOf(name: string): Cell[] {
  const { cells } = JSON.parse(readFileSync(`${FOLDER}${name}.ipynb`, 'utf8')) as { cells: readonly Cell[] }
  return cells.map((cell) => ({ ...cell, source: joined(cell.source) }))
}

/** What a cell printed, and what it shows in the end, as text. */
const said = ({ outputs = [] }: Cell): string =>
  outputs.map(({ text, data }) => joined(text) + joined(data?.['text/plain'])).join('\n')

/** The cells between a heading and the next one. */
function section(cells: readonly Cell[], heading: string): Cell[] {
  const isHeading = ({ cell_type, source }: Cell): boolean => cell_type === 'markdown' && /^## /m.test(source)
  const from = cells.findIndex((cell) => isHeading(cell) && cell.source.includes(`## ${heading}`))
  expect(from, `## ${heading}`).toBeGreaterThan(-1)
  const length = cells.slice(from + 1).findIndex(isHeading)
  return cells.slice(from, length === -1 ? undefined : from + 1 + length)
}

const LESSONS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.ipynb'))
  .map((name) => name.slice(0, -'.ipynb'.length))
  .sort()

/** The scene a lesson is about: its name without the number. */
const sceneOf = (lesson: string): string => lesson.slice(3)

describe('the course', () => {
  it('has a lesson for each canonical scene, in their order; IPv6 alone is told with both families', () => {
    const names = scenes.map(({ name }) => name).filter((name) => name !== 'ipv6')
    expect(LESSONS).toEqual(names.map((name, i) => `${String(i + 1).padStart(2, '0')}-${name}`))
  })

  it('has links that lead somewhere', () => {
    const texts = [
      ...LESSONS.flatMap((lesson) => cellsOf(lesson).map(({ source }) => source)),
      readFileSync(`${FOLDER}README.md`, 'utf8'),
    ]
    const targets = texts.flatMap((text) => [...text.matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)].map((m) => m[1]!))
    expect(targets.length).toBeGreaterThan(LESSONS.length)
    expect(targets.filter((target) => !existsSync(FOLDER + target))).toEqual([])
  })
})

describe.each(LESSONS)('%s', (lesson) => {
  const cells = cellsOf(lesson)
  const code = cells.filter(({ cell_type }) => cell_type === 'code')
  const prose = cells.filter(({ cell_type }) => cell_type === 'markdown').map(({ source }) => source)

  it('is what its text says', () => {
    const text = readFileSync(`${FOLDER}text/${lesson}.md`, 'utf8')
    expect(cells.map(written)).toEqual(notebookOf(text).cells.map(written))
  })

  it('begins with three things that one can do afterwards', () => {
    const [, list = ''] = prose[0]!.split('**After this notebook you can**')
    expect(list.match(/^\* /gm)).toHaveLength(3)
  })

  it('asks each prediction in a cell of its own, before the cell that judges it', () => {
    const asked = code.flatMap(({ source }, at) => {
      const [, name] = /^const (\w+) = me\.predict\(/.exec(source) ?? []
      return name === undefined ? [] : [{ name, at }]
    })
    expect(asked.length).toBeGreaterThanOrEqual(2)
    for (const { name, at } of asked) {
      expect(said(code[at]!)).toMatch(/\*\*Predict:\*\*.*Your prediction: none yet/s)
      const judging = code.findIndex(({ source }) => source.includes(`${name}.judge(`))
      expect(judging, name).toBeGreaterThan(at)
      expect(said(code[judging]!)).toContain('**You made no prediction.** **The answer:**')
    }
  })

  it('was run to its end, and every command is one that the simulator knows', () => {
    expect(code.flatMap(({ outputs = [] }) => outputs.filter(({ output_type }) => output_type === 'error'))).toEqual([])
    expect(code.map(said).join('\n')).not.toMatch(
      /does not know|not known here|not modelled|undefined|command not found/,
    )
  })

  it('has a picture, and a capture to open', () => {
    expect(code.some(({ outputs = [] }) => outputs.some(({ data }) => data?.['image/svg+xml'] !== undefined))).toBe(
      true,
    )
    expect(section(cells, 'The capture').map(said).join('')).toMatch(new RegExp(`${lesson}\\.pcapng: \\d{3,} bytes`))
  })

  it('has the commands for a real node, what they print here, and what is simplified', () => {
    const node = section(cells, 'On a real node')
    expect(node[0]!.source.match(/^\| .* \| .*(`.*`|<code>.*<\/code>).*\|$/gm)?.length).toBeGreaterThanOrEqual(3)
    expect(node.slice(1).map(said).join('').length).toBeGreaterThan(40)
    expect(section(cells, 'What is simplified')[0]!.source.length).toBeGreaterThan(80)
  })

  it('ends with one exercise, unanswered, with a hint, and one worked run that is closed', () => {
    const parts = section(cells, 'Exercise')
    const told = parts.map(said).join('\n')
    const blanks = exercise(sceneOf(lesson), 'Ada').blanks.map(({ name }) => name)
    const asked = parts.map(({ source }) => /me\.check\(task, \{ (.*) \}\)/.exec(source)?.[1]).find((one) => one)
    expect(asked).toBe(blanks.map((name) => `${name}: ''`).join(', '))
    expect(told).toContain(`**Not yet.** 0 of ${blanks.length} are right.`)
    const folded = parts.filter(({ metadata }) => metadata.tags?.includes('folded'))
    expect(folded.map((cell) => said(cell).includes('**Right.**'))).toEqual([true])
  })

  it('has an exercise that the right answer passes, and that of another student does not', () => {
    const mine = exercise(sceneOf(lesson), 'Ada')
    expect(mine.check(mine.solve()).passed).toBe(true)
    expect(mine.check(exercise(sceneOf(lesson), 'Grace').solve()).passed).toBe(false)
  })
})
