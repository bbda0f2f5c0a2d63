// BIRD of one node restarts in a full mesh of many: it has a session with every node, and each comes up at its own time.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../../src/lab/index.ts'
import type { Ip } from '../../../src/wire/index.ts'

const NODES = 70
const PODS = 4
const TEXT = [
  '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.64.0.0/10, ipipMode: Always}}',
  ...Array.from(
    { length: NODES },
    (_, i) =>
      `{apiVersion: v1, kind: Node, metadata: {name: n${i}, annotations: {projectcalico.org/IPv4Address: 172.16.0.${i + 1}/24}}}`,
  ),
  ...Array.from(
    { length: NODES * PODS },
    (_, i) =>
      `{apiVersion: v1, kind: Pod, metadata: {name: w${i}}, spec: {nodeName: n${i % NODES}, containers: [{name: c}]}, status: {phase: Running}}`,
  ),
].join('\n---\n')

describe('BIRD that has a session with every node of a large cluster', () => {
  it.each([
    ['one node', 'n9', 15],
    ['every node', undefined, 30],
  ] as const)('restarts on %s: sessions are looked at together, and in the end all is as before', (_, node, most) => {
    const lab = Lab.load(TEXT, { delays: 'calico', record: false })
    lab.ping('default/w0', 'default/w1')
    const { simulation } = lab
    const set = simulation.setNetwork.bind(simulation)
    let networks = 0
    simulation.setNetwork = (network) => {
      networks++
      set(network)
    }
    lab.occur({ kind: 'agent', agent: 'bird', ...(node === undefined ? {} : { node }), action: 'restart' })
    lab.quiet()
    expect(networks).toBeLessThan(most)
    expect(simulation.network === lab.cluster!.network).toBe(true)
    const since = lab.birdSince('n9')!
    const times = Array.from({ length: NODES }, (_, i) => since.session(4, `172.16.0.${i + 1}` as Ip))
    // Each has come up when both ends dialled, in BIRD's whole seconds, whenever somebody looked.
    expect(new Set(times).size).toBeGreaterThan(2)
    expect(times.every((time, i) => i === 9 || time % 1e9 === 0)).toBe(true)
  })
})
