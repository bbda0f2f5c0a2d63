// The page of each component of Calico: the guide leads to it, its commands run, and what stands below a command is what it prints.
// PACKETWALK_GOLDEN=update writes below a command what it prints now, where the page leaves nothing out.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { type CliRun, openCli } from '../cli/run.ts'
import { ROOT } from '../support/source-files.ts'

const PAGES = [
  'calico-node-start.md',
  'cni-plugin.md',
  'ipam.md',
  'felix.md',
  'bgp.md',
  'operator.md',
  'other-components.md',
  'what-happens-when.md',
  'expectations.md',
  'lint.md',
  'review-a-policy.md',
] as const

/** Stands in the text below a command for lines that are left out. */
const LEFT_OUT = '…'

const cli = openCli()
afterAll(() => cli.close())

/** A command of a page, the exit status it names behind `#`, and what stands below it. */
interface Shown {
  readonly page: string
  readonly line: string
  readonly status: number
  readonly printed?: string
}

function commandsOf(page: string): Shown[] {
  const text = readFileSync(`${ROOT}docs/${page}`, 'utf8')
  const blocks = text.matchAll(/^```console\n([\s\S]*?)\n```(?:\n\n```text\n([\s\S]*?)\n```)?/gm)
  return [...blocks].flatMap(([, block = '', printed]) =>
    block.split('\n').map((written) => {
      const [, line = '', status = '0'] = /^(.*?)(?:\s+# status (\d+))?$/.exec(written)!
      return { page, line, status: Number(status), ...(printed === undefined ? {} : { printed }) }
    }),
  )
}

const SHOWN = PAGES.flatMap(commandsOf)

function run(line: string): CliRun {
  const [program, ...args] = line.split(' ')
  expect(program).toBe('packetwalk')
  return cli.run(args, '', ROOT)
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

describe('pages of components', () => {
  it.each(PAGES)('%s is in the guide’s table', (page) => {
    const guide = readFileSync(`${ROOT}docs/guide.md`, 'utf8')
    const rows = guide.split('\n').filter((line) => line.startsWith('| [') && line.includes(`](${page})`))
    expect(rows).toHaveLength(1)
  })

  it.each(PAGES)('%s has commands', (page) => {
    expect(SHOWN.filter((shown) => shown.page === page)).not.toEqual([])
  })

  it('show every example of examples/components', () => {
    const unused = readdirSync(`${ROOT}examples/components`).filter(
      (name) => !SHOWN.some(({ line }) => line.includes(`examples/components/${name}`)),
    )
    expect(unused).toEqual([])
  })

  it.each(SHOWN.map((shown) => [`${shown.page}: ${shown.line}`, shown] as const))('%s', (_, shown) => {
    const { line, status, printed } = shown
    const { stderr, stdout, status: ended } = run(line)
    expect({ stderr, ended }).toMatchObject({ ended: status })
    const all = `${linesOf(stderr + stdout).join('\n')}\n`
    expect(all.length).toBeGreaterThan(1)
    if (printed === undefined) return
    if (process.env['PACKETWALK_GOLDEN'] === 'update') update(shown, all)
    else expect(all).toMatch(patternOf(printed))
  })
})
