import { describe, expect, test } from 'vitest'
import { readTimeline } from '../../../src/input/index.ts'
import { Lab, runTimeline } from '../../../src/lab/index.ts'
import { gap, line, lines, probe } from './scene.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const pod = (name: string, on: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
// Three blocks of four addresses for three nodes: one that is given back is the only one left.
const CLUSTER = [
  node('node1', '192.168.0.1'),
  node('node2', '192.168.0.2'),
  node('node3', '192.168.0.3'),
  '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/28, blockSize: 30, ipipMode: Never, vxlanMode: Never}}',
  ...['a', 'b', 'c', 'd'].map((name) => pod(name, 'node1')),
  pod('old', 'node2'),
  pod('far', 'node3'),
].join('\n---\n')

const list = (...all: string[]): string => `[${all.join(', ')}]`

describe('a block of a node that is gone is claimed by another node', () => {
  const first = Lab.load(CLUSTER)
  const address = first.network.namespaces['default/old']!.interfaces['eth0']!.addresses[0]!.local
  const block = /^blackhole (\S+)/m.exec(first.sh('node2', 'ip route').stdout)![1]!
  const free = 16 / 4 - 3
  const more = Array.from({ length: 4 * free + 1 }, (_, i) => pod(`new-${i}`, 'node1'))
  const text = `apiVersion: packetwalk/v1
kind: Timeline
metadata: {name: scene}
spec:
  until: 60s
  probes:
  - {name: old address, ping: {from: default/far, to: ${address}}, every: 200ms}
  events:
  - {at: 5s, delete: [{kind: Node, name: node2}]}
  - {at: 30s, apply: ${list(...more)}}
`
  const lab = Lab.load(CLUSTER, { delays: 'calico', seed: 1 })
  const report = runTimeline(lab, readTimeline({ name: 'timeline.yaml', text }))
  const routes = lines(report, 'node3', 'route').filter((one) => one.includes(` ${block} `))

  test('its route goes with the node, and comes back to the other one when that has claimed the block', () => {
    expect(routes).toEqual([
      expect.stringMatching(/^bird node3: delete route \S+ via 192\.168\.0\.2 .* \(event 1\)$/),
      expect.stringMatching(/^bird node3: add route \S+ via 192\.168\.0\.1 .* \(event 2\)$/),
    ])
    expect(lines(report, 'node1', 'route')).toContainEqual(
      expect.stringMatching(new RegExp(`^bird node1: add route blackhole ${block} `)),
    )
  })

  test('meanwhile packets to its addresses leave by the default route; then they come to the pod that has the address now', () => {
    const { gaps } = probe(report, 'old address')
    expect(gaps).toHaveLength(1)
    const { from, to, begun, ended } = gap(report, 'old address')
    expect(from).toBeGreaterThanOrEqual(5)
    expect(line(begun!)).toContain('(event 1)')
    expect(to).toBeGreaterThan(30)
    expect(line(ended!)).toContain('(event 2)')
    const owner = lab.cluster!.workloadEndpoints.find(({ addresses }) => addresses.some((one) => one === address))
    expect(owner?.node).toBe('node1')
  })
})
