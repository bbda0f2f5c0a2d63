// Ten jobs, each with commands that run, and a test that stands in the page as it runs here.
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import '../../examples/vitest/shop.test.ts'
import { openCli } from '../cli/run.ts'
import { ROOT } from '../support/source-files.ts'
import { commandsOf, expectAsShown } from './shown-commands.ts'

const PAGE = readFileSync(`${ROOT}docs/recipes.md`, 'utf8')
const JOBS = PAGE.split(/^## /m).slice(1)

const cli = openCli()
afterAll(() => cli.close())

describe('docs/recipes.md', () => {
  it('has ten jobs, each with something to run', () => {
    expect(JOBS.map((job) => /^```(?:console|typescript)\n/m.test(job))).toEqual(Array(10).fill(true))
  })

  it.each(commandsOf('recipes.md').map((shown) => [shown.line, shown] as const))('%s', (_, shown) => {
    expectAsShown(cli, shown)
  })

  it('shows the test of examples/vitest as it is', () => {
    const [, shown] = /^```typescript\n([\s\S]*?)^```/m.exec(PAGE)!
    expect(shown).toBe(readFileSync(`${ROOT}examples/vitest/shop.test.ts`, 'utf8'))
  })
})
