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

describe('BIRD of a node', () => {
  const plain = (): Lab => open('calico', TWO.replace(pool('Always'), pool('Never')))
  const bird = (lab: Lab, action: 'stop' | 'kill' | 'start') =>
    lab.occur({ kind: 'agent', agent: 'bird', node: 'node2', action })
  const knows = (lab: Lab): boolean => lab.sh('node1', 'ip route').stdout.includes('via 192.168.0.2 ')

  it('that is killed is missed after the time of a graceful restart', () => {
    const lab = bird(plain(), 'kill')
    lab.wait(100)
    expect(knows(lab)).toBe(true)
    expect(reaches(lab)).toBe(true)
    lab.wait(30)
    expect(knows(lab)).toBe(false)
    expect(lab.sh('node2', 'ip route').stdout).toContain('via 192.168.0.1 ')
  })

  it('that is stopped tells its peers so, and starts again', () => {
    const lab = bird(plain(), 'stop')
    lab.wait(1)
    expect(knows(lab)).toBe(false)
    bird(lab, 'start').quiet()
    expect(knows(lab)).toBe(true)
    expect(lab.network).toBe(lab.cluster?.network)
  })
})

describe('the log', () => {
  it('tells what was stored, and what each program changed because of it', () => {
    const lab = open()
    lab.apply(DENY).quiet()
    const [stored, ...rest] = lab.log
    expect(stored).toMatchObject({ event: 1, actor: 'user', op: 'add', what: 'NetworkPolicy/default/deny' })
    expect(new Set(rest.map(({ actor, event }) => `${actor} ${event}`))).toEqual(new Set(['felix 1']))
    expect(rest.map(({ thing }) => thing)).toContain('chain')
    expect(rest.every(({ at }, i) => i === 0 || at >= rest[i - 1]!.at)).toBe(true)
  })
})

describe('stepping back', () => {
  it('goes to just before the last event', () => {
    const lab = open()
    lab.apply(DENY).quiet()
    expect(reaches(lab)).toBe(false)
    expect(lab.stepBack()).toBe(true)
    expect(lab.objects?.policies).toEqual([])
    expect(lab.log).toEqual([])
    expect(reaches(lab)).toBe(true)
    expect(lab.stepBack()).toBe(false)
  })

  it('of what was still to come, too', () => {
    const lab = open().at(1000, DENY)
    const saved = lab.snapshot()
    lab.wait(3)
    const { log } = lab
    expect(log).not.toEqual([])
    lab.restore(saved).wait(3)
    expect(lab.log).toEqual(log)
  })
})

describe('an event', () => {
  it.each<[event: unknown, words: RegExp]>([
    [{ kind: 'agent', agent: 'felx', action: 'stop' }, /did you mean "felix"/],
    [{ kind: 'agent', agent: 'felix', node: 'node3', action: 'stop' }, /did you mean "node1"/],
    [{ kind: 'agent', agent: 'typha', node: 'node1', action: 'stop' }, /all of Typha: no pod of calico-typha runs/],
    [{ kind: 'agent', agent: 'scheduler', node: 'node1', action: 'stop' }, /a cluster has one scheduler/],
    [{ kind: 'agent', agent: 'felix', action: 'halt' }, /one of stop, kill/],
    [{ kind: 'delete', objects: [{ kind: 'Pod', name: 'aa' }] }, /did you mean "Pod\/default\/a"/],
    [{ kind: 'command', host: 'node', line: 'ip route' }, /did you mean "node1"/],
    [{ kind: 'reboot' }, /one of apply, delete/],
    [null, /an event/],
  ])('%o is refused, and nothing is changed', (event, words) => {
    const lab = open()
    const { network } = lab
    expect(() => lab.occur(event as never)).toThrow(words)
    expect(lab.network).toBe(network)
    expect(lab.log).toEqual([])
  })

  it('stores nothing without an API server', () => {
    const lab = open()
    lab.occur({ kind: 'agent', agent: 'api-server', action: 'stop' })
    expect(() => lab.apply(DENY)).toThrow('was refused - did you specify the right host or port?')
    lab.occur({ kind: 'agent', agent: 'api-server', action: 'start' })
    lab.apply(DENY)
    expect(lab.objects?.policies).toHaveLength(1)
  })

  it('is not heard of without Typha', () => {
    const lab = open()
    lab.occur({ kind: 'agent', agent: 'typha', action: 'cut' })
    lab.apply(DENY).wait(60)
    expect(reaches(lab)).toBe(true)
    lab.occur({ kind: 'agent', agent: 'typha', action: 'heal' }).wait(60)
    expect(reaches(lab)).toBe(false)
  })
})
