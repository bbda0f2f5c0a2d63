// The commonest jobs, each with commands that run, and programs that stand in the page as they run here and in examples/.
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import '../../examples/vitest/shop.test.ts'
import { openCli } from '../cli/run.ts'
import { ROOT } from '../support/source-files.ts'
import { commandsOf, expectAsShown } from './shown-commands.ts'

const PAGE = readFileSync(`${ROOT}docs/recipes.md`, 'utf8')
const JOBS = PAGE.split(/^## /m).slice(1)

const cli = openCli()
// What a recipe writes is not to lie about here.
symlinkSync(`${ROOT}examples`, join(cli.folder, 'examples'))
afterAll(() => cli.close())

describe('docs/recipes.md', () => {
  it('has twelve jobs, each with something to run', () => {
    expect(JOBS.map((job) => /^```(?:console|typescript)\n/m.test(job))).toEqual(Array(12).fill(true))
  })

  it.each(commandsOf('recipes.md').map((shown) => [shown.line, shown] as const))('%s', (_, shown) => {
    expectAsShown(cli, shown, cli.folder)
  })

  it.each(['examples/vitest/shop.test.ts', 'examples/trace-in-a-program.ts', 'examples/teach-a-class.ts'])(
    'shows %s as it is, and what it prints',
    (file) => {
      const text = readFileSync(`${ROOT}${file}`, 'utf8')
      const printed = `${ROOT}${file.replace(/ts$/, 'out.txt')}`
      const output = existsSync(printed) ? `\n\`\`\`text\n${readFileSync(printed, 'utf8').trimEnd()}\n\`\`\`\n` : ''
      expect(PAGE).toContain(`\`\`\`typescript\n${text}\`\`\`\n${output}`)
      expect(PAGE).toContain(`(../${file})`)
    },
  )
})
