// What a user changes by hand on a machine: it is in the log.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const pod = (name: string, on: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const POOL =
  '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/16, ipipMode: Never, vxlanMode: Never}}'

const TWO = [
  node('node1', '192.168.0.1'),
  node('node2', '192.168.0.2'),
  POOL,
  pod('a', 'node1'),
  pod('b', 'node2'),
].join('\n---\n')

const open = (delays: 'calico' | 'instant' = 'calico'): Lab => Lab.load(TWO, { delays })

describe('what a user changes by hand', () => {
  it('is an event with a number of its own, however it is changed', () => {
    const lab = open('instant')
    lab.sh('node1', 'ip route add 1.0.0.0/8 dev eth0; ip route add 2.0.0.0/8 dev eth0')
    lab.occur('node2$ ip route add 3.0.0.0/8 dev eth0')
    lab.edit((network) => {
      network.namespaces['node2']!.interfaces['eth0']!.up = false
    })
    expect(lab.lastEvent).toBe(3)
    const said = lab.log.map(({ event, actor, netns, op, thing }) => [event, actor, netns, op, thing].join(' '))
    expect(said.slice(0, 3)).toEqual(['1 user node1 add route', '1 user node1 add route', '2 user node2 add route'])
    expect(new Set(said.slice(3).map((line) => line.split(' ').slice(0, 3).join(' ')))).toEqual(
      new Set(['3 user node2']),
    )
  })

  it('is none where nothing is changed', () => {
    const lab = open('instant')
    lab.sh('node1', 'ip route')
    lab.sh('node1', 'ip route del 9.9.9.9')
    expect([lab.lastEvent, lab.log]).toEqual([0, []])
  })

  it('is taken back with the moment it was done in', () => {
    const lab = open('instant')
    const saved = lab.snapshot()
    lab.sh('node1', 'ip route add 1.0.0.0/8 dev eth0')
    lab.restore(saved)
    expect([lab.lastEvent, lab.log]).toEqual([0, []])
  })
})
