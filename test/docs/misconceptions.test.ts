// docs/misconceptions.md is made of the table: PACKETWALK_GOLDEN=update writes it.
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { exercise, type MisconceptionInfo, misconception, misconceptions } from '../../src/teach/index.ts'
import { ROOT } from '../support/source-files.ts'

const PAGE = `${ROOT}docs/misconceptions.md`

function section({ name, claim, truth, why, source }: MisconceptionInfo, at: number): string {
  return `## ${at + 1}. “${claim}”

**What is so.** ${truth}

${why}

\`\`\`console
packetwalk teach show ${name}
\`\`\`

Whoever believes it predicts “${misconception(name).belief.predicts}”. The exercise asks for ${asksOf(name)}.

Source: ${source}.
`
}

/** What an exercise asks for, what tells the belief from the truth in bold. */
function asksOf(name: string): string {
  const { belief } = misconception(name)
  const words = exercise(name, 1).blanks.map(({ name: blank, asks }) => (blank === belief.blank ? `**${asks}**` : asks))
  return `${words.slice(0, -1).join('; ')}; and ${words.at(-1)}`
}

function page(): string {
  return `# What people believe

${misconceptions.length} things that are widely believed of Kubernetes networking with Calico, and are not so. None is asserted here: each is a small cluster that shows it, and
the command sends the packet. \`misconception('clusterip-ping', 'Ada')\` of \`packetwalk/teach\` is the same in TypeScript, with a prediction before the
result and an exercise for each student ([teaching.md](teaching.md)). Failures F01 to F91 are those of [failures.md](failures.md);
paths behind
Calico and Kubernetes are those of [their](https://github.com/projectcalico/calico) [repositories](https://github.com/kubernetes/kubernetes). What is in **bold** tells the belief from the truth.

${misconceptions.map(section).join('\n')}`
}

it('docs/misconceptions.md lists the table as it is', () => {
  if (process.env['PACKETWALK_GOLDEN'] === 'update') writeFileSync(PAGE, page())
  expect(readFileSync(PAGE, 'utf8')).toBe(page())
})
