// Clusters of all modes, made at random and of the demo, with the probes of users: every event and every word of the programs.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe } from 'vitest'
import type { Recorder } from '../../src/dataplane/index.ts'
import { Lab } from '../../src/lab/index.ts'
import type { Run } from '../../src/shell/index.ts'
import { type ClusterMode, cluster } from '../../src/testing/index.ts'
import { Random } from '../robustness/random.ts'
import { goldens } from '../support/golden.ts'
import { recordText, stateText } from './texts.ts'

const MODES: readonly ClusterMode[] = ['ipip-always', 'ipip-cross-subnet', 'vxlan-always', 'vxlan-cross-subnet', 'none']
const DEMOS = ['ipip', 'vxlan', 'noencap'] as const

const wordsOf = ({ stdout, stderr, exitCode, ok, outcome }: Run): string =>
  JSON.stringify([stdout, stderr, exitCode, ok, outcome])

/** A few questions between ends that the seed draws. */
function asked(lab: Lab, ends: readonly string[], random: Random): string {
  const texts: string[] = []
  const ask = (run: Run): void => {
    texts.push(wordsOf(run), recordText(lab.recorder as Recorder))
  }
  for (let i = 0; i < 3; i++) {
    const [from, to] = [random.pick(ends), random.pick(ends)]
    ask(
      lab.ping(from, to, {
        count: 1,
        size: random.pick([56, 1400, 1472, 3000]),
        ...(random.oneIn(2) ? { pmtudisc: 'do' } : {}),
      }),
    )
    ask(
      lab.tcp(from, to, 80, {
        request: random.pick([10, 5000]),
        reply: random.pick([10, 5000]),
        server: !random.oneIn(4),
      }),
    )
    ask(lab.udp(from, to, 53, { size: random.pick([32, 1450, 2000]), server: !random.oneIn(4) }))
    ask(lab.traceroute(from, to, { maxHops: 5, method: random.pick(['udp', 'icmp', 'tcp']) }))
  }
  return `${texts.join('\n')}\n${stateText(lab.simulation)}`
}

describe('a cluster made at random is as it was', () => {
  goldens(
    'cluster-probes',
    MODES.flatMap((mode) => [0, 1, 2].map((seed) => `${mode} ${seed}`)),
    (key) => {
      const [mode, seed] = key.split(' ')
      const options = { mode: mode as ClusterMode, nodes: { min: 2, max: 4 }, podsPerNode: { min: 1, max: 2 } }
      const made = fc.sample(cluster(options), { seed: Number(seed), numRuns: 1 })[0]!
      return asked(
        Lab.fromResources(made.resources),
        [...made.pods, ...made.nodes, '8.8.8.8'],
        new Random(Number(seed)),
      )
    },
  )
})

describe('the demo is as it was', () => {
  goldens('demo-probes', DEMOS, (name) => {
    const lab = Lab.load(readFileSync(`examples/demo/${name}.yaml`, 'utf8'))
    return asked(lab, [...lab.pods, 'node01', 'controlplane'], new Random(name.length))
  })
})
