// Commands in documents, and what stands below them: run, and held against what they print.
import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Cli, CliRun } from '../cli/run.ts'
import { ROOT } from '../support/source-files.ts'

/** Stands in the text below a command for lines that are left out. */
const LEFT_OUT = '…'

/** A command of a page, the exit status it names behind `#`, and what stands below it. */
export interface Shown {
  readonly page: string
  readonly line: string
  readonly status: number
  readonly printed?: string
}

/** The commands of a page of docs/. */
export function commandsOf(page: string): Shown[] {
  const text = readFileSync(`${ROOT}docs/${page}`, 'utf8')
  const blocks = text.matchAll(/^```console\n([\s\S]*?)\n```(?:\n\n```text\n([\s\S]*?)\n```)?/gm)
  return [...blocks].flatMap(([, block = '', printed]) =>
    block.split('\n').map((written) => {
      const [, line = '', status = '0'] = /^(.*?)(?:\s+# status (\d+))?$/.exec(written)!
      return { page, line, status: Number(status), ...(printed === undefined ? {} : { printed }) }
    }),
  )
}

function run(cli: Cli, line: string, folder: string): CliRun {
  const [program, ...args] = line.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1'))
  expect(program).toBe('packetwalk')
  return cli.run(args, '', folder)
}

/** Lines without spaces at their ends, and without empty ones at the end of all. */
function linesOf(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd())
}

/** What a page shows, as a pattern of whole lines: where something is left out, anything may stand. */
function patternOf(printed: string): RegExp {
  const lines = linesOf(printed).map((line) =>
    line === LEFT_OUT ? '(?:.*\\n)*' : `${line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\\n`,
  )
  return new RegExp(`^${lines.join('')}$`)
}

/** Writes into a page what a command prints now. */
function update({ page, printed }: Shown, all: string): void {
  if (printed === undefined || linesOf(printed).includes(LEFT_OUT)) return
  const path = `${ROOT}docs/${page}`
  const text = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    text.replace(`\n${printed}\n\`\`\``, () => `\n${all.trimEnd()}\n\`\`\``),
  )
}

/** A command of a page ends as the page says, and prints what it shows. PACKETWALK_GOLDEN=update writes what it prints now. */
export function expectAsShown(cli: Cli, shown: Shown, folder: string = ROOT): void {
  const { line, status, printed } = shown
  const { stderr, stdout, status: ended } = run(cli, line, folder)
  expect({ stderr, ended }).toMatchObject({ ended: status })
  const all = `${linesOf(stderr + stdout).join('\n')}\n`
  expect(all.length).toBeGreaterThan(1)
  if (printed === undefined) return
  if (process.env['PACKETWALK_GOLDEN'] === 'update') update(shown, all)
  else expect(all).toMatch(patternOf(printed))
}
