// A trace in a program of your own: who reaches whom of the shop, and for what is lost where, by what, and what to change.
import { readFileSync } from 'node:fs'
import { Lab } from 'packetwalk'

const lab = Lab.load(readFileSync(new URL('./review/before.yaml', import.meta.url), 'utf8'))
const pods = (lab.cluster?.workloadEndpoints ?? []).map(({ netns }) => netns)
for (const from of pods.filter((pod) => pod !== 'shop/db-0')) {
  const { trace, ok, diagnosis } = lab.tcp(from, 'shop/db-0', 5432)
  const way = trace.packets.find(({ role }) => role === 'request')?.path ?? []
  console.log(`${from}: ${trace.disposition.kind} (${way.join(' → ')})`)
  if (!ok) console.log(diagnosis.map(({ what, right }) => `  ${what}\n  ${right}`).join('\n'))
}
