// docs/failures.md is made of the catalogue: PACKETWALK_GOLDEN=update writes it.
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { FAILURES, type Failure, type FailureFamily } from '../../src/failures/index.ts'
import { ROOT } from '../support/source-files.ts'

const PAGE = `${ROOT}docs/failures.md`

const TITLES: Readonly<Record<FailureFamily, string>> = {
  underlay: 'Underlay and encapsulation',
  addressing: 'Node identity, addressing, IPAM',
  bgp: 'Routing and BGP',
  kernel: 'Kernel, neighbours, netfilter',
  policy: 'Policy',
  services: 'Services and address translation',
  ipv6: 'IPv6 and dual stack',
  lifecycle: 'Control plane and lifecycle',
}

function row({ code, title, sentence, looks, stage, how, notModelled }: Failure): string {
  const brought = notModelled === undefined ? how : `not: ${notModelled}`
  return `| ${code} | **${title}.** ${sentence} | ${looks.join(', ')} | ${stage} | ${brought} |`
}

function section(family: FailureFamily): string {
  const rows = FAILURES.filter((failure) => failure.family === family).map(row)
  const head = '| code | what is wrong | from outside | lost at | brought about by |\n| --- | --- | --- | --- | --- |'
  return `## ${TITLES[family]}\n\n${head}\n${rows.join('\n')}\n`
}

function page(): string {
  const count = FAILURES.filter(({ notModelled }) => notModelled === undefined).length
  const families = Object.keys(TITLES) as FailureFamily[]
  return `# How clusters break

${FAILURES.length} failures that people report of Calico and Kubernetes networks. \`packetwalk inject F15 -f cluster.yaml\` brings one about, shows how
it looks from outside, where the packet is lost, and the command that confirms it; ${count} can be brought about. \`lab.inject('F15')\` does so in
TypeScript. A failure needs something of the cluster (a tunnel, two segments, BGP): what is missing is said by name.

"Lost at" is a stage of the path: \`pod.\` in the pod, \`host.\` on its node, \`encap\` and \`nic.tx\` as it leaves, \`underlay\` between the nodes,
\`remote.\` and \`decap\` on the other node, \`pod.rx\` in the other pod; \`reply.\` is the way of the answer.

${families.map(section).join('\n')}`
}

it('docs/failures.md lists the catalogue as it is', () => {
  if (process.env['PACKETWALK_GOLDEN'] === 'update') writeFileSync(PAGE, page())
  expect(readFileSync(PAGE, 'utf8')).toBe(page())
})
