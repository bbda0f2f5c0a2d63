// docs/lint.md lists every finding as the table of rules has it. PACKETWALK_GOLDEN=update writes the list anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { LINT_NAMES, LINT_RULES } from '../../src/lint/index.ts'
import { ROOT } from '../support/source-files.ts'

const PAGE = `${ROOT}docs/lint.md`
const HEAD = '## All findings\n'

const cell = (text: string): string => text.replaceAll('|', '\\|')

function list(): string {
  const rows = [...LINT_NAMES].sort().map((name) => {
    const { severity, what, why, fix, alias, failures = [] } = LINT_RULES[name]
    const also = [...(alias === undefined ? [] : [`\`${alias}\``]), ...failures].join(' ')
    return `| \`${name}\` | ${severity} | ${[what, why, fix, also].map(cell).join(' | ')} |`
  })
  const counts = (['error', 'warning', 'info'] as const).map((severity) => {
    const count = LINT_NAMES.filter((name) => LINT_RULES[name].severity === severity).length
    return `${count} ${severity}`
  })
  const head = [
    '| name | severity | what it is | why it hurts | how to mend it | also |',
    '| --- | --- | --- | --- | --- | --- |',
  ]
  return `${HEAD}\n${LINT_NAMES.length}: ${counts.join(', ')}. The last column has the names under which catalogues of failures list them; \`--explain\` takes each.\n\n${[...head, ...rows].join('\n')}\n`
}

it('docs/lint.md lists every finding', () => {
  const page = readFileSync(PAGE, 'utf8')
  const before = page.slice(0, page.indexOf(HEAD))
  if (process.env['PACKETWALK_GOLDEN'] === 'update') writeFileSync(PAGE, before + list())
  expect(readFileSync(PAGE, 'utf8').slice(before.length)).toBe(list())
})
