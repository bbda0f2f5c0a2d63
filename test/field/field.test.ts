// Situations people posted. A case is a folder of test/fixtures/field: input or dump, and what must be answered (expect.json).
// To add one, copy its folder there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { openCli } from '../cli/run.ts'

const FOLDER = fileURLToPath(new URL('../fixtures/field/', import.meta.url))
const CASES = readdirSync(FOLDER).filter((id) => existsSync(join(FOLDER, id, 'expect.json')))

/** Texts of a run that patterns are held against. */
const TEXTS = ['stdout', 'stderr', 'all', 'verdict'] as const

type Text = (typeof TEXTS)[number]

/** A run of the command, its status, and patterns that must match (or, with `Not`, must not). */
type Run = { readonly args: readonly string[]; readonly exit?: number | readonly number[] } & {
  readonly [key in Text | `${Text}Not`]?: readonly string[]
}

interface Expected {
  readonly kind: string
  readonly right: string
  readonly runs?: readonly Run[]
  readonly anyOf?: readonly (readonly Run[])[]
}

const cli = openCli()
afterAll(() => cli.close())

function faultsOf(run: Run, cwd: string): string[] {
  const { status, stdout, stderr } = cli.run(run.args, '', cwd)
  const verdict = stdout.slice(Math.max(0, stdout.search(/^(ping|UDP|TCP) from /m)))
  const texts: Record<Text, string> = { stdout, stderr, all: stdout + stderr, verdict }
  const allowed = run.exit === undefined ? [status] : [run.exit].flat()
  const faults = allowed.includes(status) ? [] : [`exit ${status}, not ${allowed.join(' or ')}\n${stderr}`]
  for (const name of TEXTS) {
    for (const pattern of run[name] ?? []) {
      if (!new RegExp(pattern, 'm').test(texts[name])) faults.push(`${name} lacks /${pattern}/`)
    }
    for (const pattern of run[`${name}Not`] ?? []) {
      if (new RegExp(pattern, 'm').test(texts[name])) faults.push(`${name} has /${pattern}/`)
    }
  }
  return faults
}

describe('situations people posted', () => {
  it.each(CASES)('%s', (id) => {
    const cwd = join(FOLDER, id)
    const expected = JSON.parse(readFileSync(join(cwd, 'expect.json'), 'utf8')) as Expected
    const ways = expected.anyOf ?? [expected.runs ?? []]
    expect(ways.flat().length).toBeGreaterThan(0)
    const faults = ways.map((runs) => runs.flatMap((run) => faultsOf(run, cwd)))
    const fewest = faults.reduce((a, b) => (b.length < a.length ? b : a))
    expect(fewest, `${expected.kind}: ${expected.right}`).toEqual([])
  })
})
