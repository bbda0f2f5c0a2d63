// Who reaches whom, then a failure of the field is brought about, and found again: which candidates there are, and what decides.
import { readFileSync } from 'node:fs'
import { Lab } from 'packetwalk'
import { diagnoseLab, FAILURES, payloadOf, reachOf, reachText } from 'packetwalk/ask'

const lab = Lab.load(readFileSync(new URL('./demo/ipip.yaml', import.meta.url), 'utf8'))
const [client, server] = ['default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv']
console.log(reachText(reachOf(lab, { from: [client] })))

for (const { there } of payloadOf(lab, { from: client, to: server }).classes) {
  console.log(`packets of ${there.packet} bytes pass, in ${there.tunnels.join(', ')}: ${there.verdict}`)
}

const failure = FAILURES.find(({ code }) => code === 'F01')
console.log(`\n${failure?.code}: ${failure?.sentence}`)
lab.inject('F01')
const { candidates } = diagnoseLab(lab, { from: client, to: server, symptom: 'timeout' })
for (const one of candidates.slice(0, 3)) {
  console.log(`${one.likelihood}: ${one.title}`)
  console.log(`  ${one.decide.at}$ ${one.decide.command}`)
  console.log(`  if so: ${one.decide.ifSo}`)
}
