// The page of each component of Calico: the guide leads to it, its commands run, and what stands below a command is what it prints.
// PACKETWALK_GOLDEN=update writes below a command what it prints now, where the page leaves nothing out.
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { openCli } from '../cli/run.ts'
import { ROOT } from '../support/source-files.ts'
import { commandsOf, expectAsShown } from './shown-commands.ts'

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

const cli = openCli()
afterAll(() => cli.close())

const SHOWN = PAGES.flatMap(commandsOf)

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
    expectAsShown(cli, shown)
  })
})
