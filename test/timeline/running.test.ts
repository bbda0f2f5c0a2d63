// A cluster over time: programs follow what is stored, each when it hears of it.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const pod = (name: string, on: string, labels = ''): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {${labels}}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const pool = (ipip: string, vxlan = 'Never'): string =>
  `{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/16, ipipMode: ${ipip}, vxlanMode: ${vxlan}, natOutgoing: true}}`
const DENY = `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny}, spec: {podSelector: {}}}`

const TWO = [
  node('node1', '192.168.0.1'),
  node('node2', '192.168.0.2'),
  pool('Always'),
  pod('a', 'node1'),
  pod('b', 'node2'),
].join('\n---\n')

const open = (delays: 'calico' | 'instant' = 'calico', text = TWO): Lab => Lab.load(text, { delays })
const reaches = (lab: Lab, from = 'default/a', to = 'default/b'): boolean => lab.ping(from, to).ok

describe('a policy that is applied', () => {
  it('is met at once where nothing takes time', () => {
    const lab = open('instant')
    expect(reaches(lab)).toBe(true)
    lab.apply(DENY)
    expect(reaches(lab)).toBe(false)
    expect(lab.isQuiet).toBe(true)
  })

  it('is met when Felix has heard of it and written its rules', () => {
    const lab = open()
    lab.apply(DENY)
    expect(lab.isQuiet).toBe(false)
    expect(reaches(lab)).toBe(true)
    lab.wait(0.3)
    expect(lab.isQuiet).toBe(true)
    expect(reaches(lab)).toBe(false)
  })

  it('is not met where Felix is stopped, until it is back', () => {
    const lab = open()
    lab.occur({ kind: 'agent', agent: 'felix', node: 'node2', action: 'stop' })
    lab.apply(DENY).wait(5)
    expect(reaches(lab)).toBe(true)
    lab.occur({ kind: 'agent', agent: 'felix', node: 'node2', action: 'start' }).wait(5)
    expect(reaches(lab)).toBe(false)
  })
})

describe('a pod that is created', () => {
  it('has no network until CNI made it, and is reached when Felix knows it', () => {
    const lab = open()
    lab.apply(pod('c', 'node2'))
    expect(lab.pods).not.toContain('default/c')
    lab.quiet()
    expect(lab.pods).toContain('default/c')
    expect(reaches(lab, 'default/a', 'default/c')).toBe(true)
  })

  it('has no rules where Felix is stopped: its packets end there', () => {
    const lab = open()
    lab.occur({ kind: 'agent', agent: 'felix', node: 'node2', action: 'stop' })
    lab.apply(pod('c', 'node2')).wait(30)
    expect(lab.pods).toContain('default/c')
    expect(reaches(lab, 'default/c', 'default/a')).toBe(false)
    expect(reaches(lab)).toBe(true)
    lab.occur({ kind: 'agent', agent: 'felix', node: 'node2', action: 'start' }).wait(5)
    expect(reaches(lab, 'default/c', 'default/a')).toBe(true)
  })
})

describe('at the end', () => {
  it.each([
    ['a policy', (lab: Lab) => lab.apply(DENY)],
    ['a pod', (lab: Lab) => lab.apply(pod('c', 'node2'))],
    ['another encapsulation', (lab: Lab) => lab.apply(pool('Never', 'Always'))],
    ['a node', (lab: Lab) => lab.apply(node('node3', '192.168.0.3'))],
    ['a pod that goes', (lab: Lab) => lab.delete({ kind: 'Pod', name: 'b' })],
  ])('%s: everything is as if nothing had taken time', (_, change) => {
    const slow = open()
    const quick = open('instant')
    change(slow)
    change(quick)
    slow.quiet()
    expect(slow.network.toJSON()).toEqual(quick.network.toJSON())
  })
})
