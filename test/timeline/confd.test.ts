// confd that is stopped: BIRD keeps its configuration, and goes on learning by its sessions (components.md §9).
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { plainNetwork } from '../properties/plain-network.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const pod = (name: string, on: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const pool = (ipip: string): string =>
  `{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/16, blockSize: 30, ipipMode: ${ipip}}}`
const mesh = (on: boolean): string =>
  `{apiVersion: projectcalico.org/v3, kind: BGPConfiguration, metadata: {name: default}, spec: {nodeToNodeMeshEnabled: ${on}}}`
const THREE = (ipip: string): string =>
  [node('node1', '192.168.0.1'), node('node2', '192.168.0.2'), node('node3', '192.168.0.3'), pool(ipip), mesh(true)]
    .concat(pod('a', 'node1'), pod('b', 'node2'))
    .join('\n---\n')

const away = (delays: 'calico' | 'instant', agent: 'confd' | 'typha' = 'confd', ipip = 'Never'): Lab =>
  Lab.load(THREE(ipip), { delays }).occur({
    kind: 'agent',
    agent,
    action: 'stop',
    ...(agent === 'confd' ? { node: 'node1' } : {}),
  })
/** Pods enough for another block of a node. */
const crowd = (on: string): string => ['p', 'q', 'r', 's', 't'].map((name) => pod(`${name}-${on}`, on)).join('\n---\n')
/** Where routes to a node lead on another, by BIRD. */
const routes = (lab: Lab, on: string, to: string): string[] =>
  lab
    .sh(on, 'ip route')
    .stdout.split('\n')
    .filter((line) => line.includes(`via ${to} `) && line.includes('proto bird'))

describe.each(['calico', 'instant'] as const)('while confd of a node is stopped (delays: %s)', (delays) => {
  it('BIRD there learns blocks that others claim', () => {
    const lab = away(delays)
    const before = routes(lab, 'node1', '192.168.0.2')
    lab.apply(crowd('node2')).quiet()
    expect(routes(lab, 'node1', '192.168.0.2').length).toBeGreaterThan(before.length)
    expect(routes(lab, 'node1', '192.168.0.2')).toEqual(routes(lab, 'node3', '192.168.0.2'))
  })

  it('it goes on with the pools of before: IPIP is theirs, and others have none any more', () => {
    const lab = away(delays, 'confd', 'Always')
    lab.apply(pool('Never')).quiet()
    expect(routes(lab, 'node1', '192.168.0.2')).toEqual([expect.stringContaining('dev tunl0')])
    expect(routes(lab, 'node3', '192.168.0.2')).toEqual([expect.stringContaining('dev eth0')])
  })

  it('both: what it learns then has the tunnel of before', () => {
    const lab = away(delays, 'confd', 'Always')
    lab.apply(pool('Never')).quiet()
    lab.apply(crowd('node2')).quiet()
    const mine = routes(lab, 'node1', '192.168.0.2')
    expect(mine).toHaveLength(routes(lab, 'node3', '192.168.0.2').length)
    expect(mine.every((line) => line.includes('dev tunl0'))).toBe(true)
  })

  it('a mesh that is switched off meanwhile: the others end their sessions, and it learns nothing more', () => {
    const lab = away(delays)
    lab.apply(mesh(false)).quiet()
    lab.wait(400)
    expect(routes(lab, 'node1', '192.168.0.2')).toEqual([])
  })

  it('when it runs again all is as the objects say', () => {
    const lab = away(delays, 'confd', 'Always')
    lab.apply(pool('Never')).quiet()
    lab.apply(crowd('node2')).quiet()
    lab.occur({ kind: 'agent', agent: 'confd', action: 'start' }).quiet()
    expect(plainNetwork(lab.network)).toEqual(plainNetwork(lab.cluster!.network))
  })

  it('without Typha it is the same on every node', () => {
    const lab = away(delays, 'typha')
    const before = routes(lab, 'node1', '192.168.0.2').length
    lab.apply(crowd('node2')).quiet()
    expect(routes(lab, 'node1', '192.168.0.2').length).toBeGreaterThan(before)
  })
})
