// Pods whose network the CNI plugin refuses: their sandboxes fail until something is otherwise.
import { describe, expect, it } from 'vitest'
import { podWord } from '../../src/controllers/index.ts'
import { Lab } from '../../src/lab/index.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const pod = (name: string, on: string, annotations = ''): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, annotations: {${annotations}}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const pool = (name: string, cidr: string, more = ''): string =>
  `{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: ${name}}, spec: {cidr: ${cidr}, blockSize: 30, ${more}}}`
const SMALL = pool('pool', '10.0.0.0/30')
const TWO = [node('node1', '192.168.0.1'), node('node2', '192.168.0.2'), SMALL, pod('a', 'node1'), pod('b', 'node1')]

const open = (delays: 'calico' | 'instant' = 'calico'): Lab => Lab.load(TWO.join('\n---\n'), { delays })
const word = (lab: Lab, name: string): string =>
  podWord(lab.objects!.pods.find(({ metadata }) => metadata.name === name)!)
const waits = (lab: Lab, name: string): boolean =>
  word(lab, name) === 'ContainerCreating' && !lab.pods.includes(`default/${name}`)
const runs = (lab: Lab, name: string): boolean => word(lab, name) === 'Running' && lab.pods.includes(`default/${name}`)

describe.each(['calico', 'instant'] as const)('a sandbox that CNI refuses (delays: %s)', (delays) => {
  it('stays without a network while no pool is enabled, and gets one once one is', () => {
    const lab = open(delays)
    lab.apply(pool('pool', '10.0.0.0/30', 'disabled: true')).quiet()
    lab.apply(pod('c', 'node2')).quiet()
    expect(waits(lab, 'c')).toBe(true)
    lab.apply(SMALL).quiet()
    expect(runs(lab, 'c')).toBe(true)
    expect(lab.ping('default/a', 'default/c').ok).toBe(true)
  })

  it('stays so while the range is exhausted, until a pod gives its address back', () => {
    const lab = open(delays)
    for (const name of ['c', 'd', 'e']) lab.apply(pod(name, 'node1')).quiet()
    expect([runs(lab, 'c'), runs(lab, 'd'), waits(lab, 'e')]).toEqual([true, true, true])
    lab.delete({ kind: 'Pod', name: 'a' }).quiet()
    expect(runs(lab, 'e')).toBe(true)
  })

  it('of several at once only those that come too late', () => {
    const lab = open(delays)
    lab.apply(['c', 'd', 'e', 'f'].map((name) => pod(name, 'node1')).join('\n---\n')).quiet()
    expect(['c', 'd', 'e', 'f'].filter((name) => runs(lab, name))).toHaveLength(2)
    expect(['c', 'd', 'e', 'f'].filter((name) => waits(lab, name))).toHaveLength(2)
  })

  it('is no more when the pod is gone', () => {
    const lab = open(delays)
    lab.apply(pool('pool', '10.0.0.0/30', 'disabled: true')).quiet()
    lab.apply(pod('c', 'node2')).quiet()
    lab.delete({ kind: 'Pod', name: 'c' }).quiet()
    expect(lab.objects!.pods.map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
    lab.apply(SMALL).apply(pod('c', 'node2')).quiet()
    expect(runs(lab, 'c')).toBe(true)
  })
})

describe('kubelet', () => {
  it('makes it again 10 to 15 seconds after it failed, not at once', () => {
    const lab = open()
    lab.apply(pool('pool', '10.0.0.0/30', 'disabled: true')).quiet()
    lab.apply(pod('c', 'node2')).quiet()
    lab.apply(SMALL).wait(5)
    expect(waits(lab, 'c')).toBe(true)
    lab.wait(15)
    expect(runs(lab, 'c')).toBe(true)
  })

  it('has nothing to do while nothing could turn the answer: time is quiet', () => {
    const lab = open()
    lab.apply(pool('pool', '10.0.0.0/30', 'disabled: true')).quiet()
    lab.apply(pod('c', 'node2')).quiet()
    expect(lab.isQuiet).toBe(true)
  })
})
