// Programs that are stopped on one node, on all of them, and started again.
import { describe, expect, it } from 'vitest'
import { podWord } from '../../src/controllers/index.ts'
import { Lab } from '../../src/lab/index.ts'
import type { Agent, AgentAction } from '../../src/timeline/index.ts'
import { plainNetwork } from '../properties/plain-network.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const pod = (name: string, on: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const POOL =
  '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/16, ipipMode: Never}}'
const TWO = [node('node1', '192.168.0.1'), node('node2', '192.168.0.2'), POOL, pod('a', 'node1'), pod('b', 'node2')]

const open = (delays: 'calico' | 'instant' = 'calico'): Lab => Lab.load(TWO.join('\n---\n'), { delays })
const act = (lab: Lab, agent: Agent, action: AgentAction, on?: string): Lab =>
  lab.occur({ kind: 'agent', agent, action, ...(on === undefined ? {} : { node: on }) })
const states = (lab: Lab, agent: Agent): string[] => ['node1', 'node2'].map((name) => lab.agentState(agent, name))

describe.each<Agent>(['felix', 'bird', 'confd', 'kube-proxy', 'kubelet'])('%s', (agent) => {
  it.each<[AgentAction, AgentAction]>([
    ['stop', 'start'],
    ['kill', 'start'],
    ['kill', 'restart'],
    ['cut', 'heal'],
  ])('%s on one node, then %s without a node: it runs everywhere', (away, back) => {
    const lab = act(open('instant'), agent, away, 'node1')
    expect(states(lab, agent)[0]).not.toBe('running')
    act(lab, agent, back)
    expect(states(lab, agent)).toEqual(['running', 'running'])
    const told = lab.log.filter(({ thing }) => thing === 'agent').map(({ what, netns }) => `${what} ${netns ?? ''}`)
    // What is restarted is so everywhere.
    expect(told.at(-1)).toMatch(back === 'restart' ? /(running|starting) (node1)?$/ : /(running|starting) node1$/)
  })

  it('stopped everywhere and started on one node: it runs there alone, until it is started everywhere', () => {
    const lab = act(act(open('instant'), agent, 'stop'), agent, 'start', 'node2')
    expect(states(lab, agent)).toEqual(['stopped', 'running'])
    act(lab, agent, 'start')
    expect(states(lab, agent)).toEqual(['running', 'running'])
  })

  it('healed everywhere: where it is stopped it stays so', () => {
    const lab = act(act(open('instant'), agent, 'stop', 'node1'), agent, 'cut')
    expect(states(lab, agent)).toEqual(['stopped', 'cut'])
    act(lab, agent, 'heal')
    expect(states(lab, agent)).toEqual(['stopped', 'running'])
  })
})

describe.each<Agent>(['felix', 'bird', 'confd', 'kube-proxy', 'kubelet'])('%s of a machine that is off', (agent) => {
  it.each<AgentAction>(['start', 'restart'])('is not there to %s, with its node or without one', (action) => {
    const lab = open('instant').occur({ kind: 'machine', node: 'node2', action: 'crash' })
    act(act(lab, agent, action, 'node2'), agent, action)
    expect(states(lab, agent)).toEqual(['running', 'killed'])
    lab.occur({ kind: 'machine', node: 'node2', action: 'start' })
    expect(states(lab, agent)).toEqual(['running', 'running'])
    expect(lab.network).toBe(lab.cluster!.network)
  })
})

describe('confd that is started without a node', () => {
  it('tells BIRD of the node where it was stopped what was configured meanwhile', () => {
    const lab = act(open(), 'confd', 'stop', 'node2')
    lab
      .apply(
        '{apiVersion: projectcalico.org/v3, kind: BGPConfiguration, metadata: {name: default}, spec: {nodeToNodeMeshEnabled: false}}',
      )
      .quiet()
    act(lab, 'confd', 'start').quiet()
    expect(lab.network).toBe(lab.cluster!.network)
  })
})

describe('a kubelet that is stopped', () => {
  const word = (lab: Lab, name: string): string | undefined => {
    const found = lab.objects!.pods.find(({ metadata }) => metadata.name === name)
    return found && podWord(found)
  }

  it.each(['calico', 'instant'] as const)(
    'writes nothing of its pods: none begins, none ends (delays: %s)',
    (delays) => {
      const lab = act(open(delays), 'kubelet', 'stop', 'node2')
      lab.apply(pod('c', 'node2')).delete({ kind: 'Pod', name: 'b' }).wait(20)
      // Where nothing takes time its node is lost at once, and its pods are sent away, which nobody there hears of.
      const fresh = delays === 'calico' ? 'ContainerCreating' : 'Terminating'
      expect([word(lab, 'c'), word(lab, 'b')]).toEqual([fresh, 'Terminating'])
      expect(lab.pods).toEqual(['default/a', 'default/b'])
      act(lab, 'kubelet', 'start').quiet()
      expect([word(lab, 'c'), word(lab, 'b')]).toEqual([delays === 'calico' ? 'Running' : undefined, undefined])
    },
  )

  it('everywhere: after 40 s every node counts as lost', () => {
    const lab = act(open(), 'kubelet', 'stop').wait(45)
    const ready = lab.objects!.nodes.map(
      ({ status }) => status?.conditions?.find(({ type }) => type === 'Ready')?.status,
    )
    expect(ready).toEqual(['Unknown', 'Unknown'])
  })
})

describe('what follows from BGP’s timers', () => {
  const PLAIN = TWO.map((one) => one.replace('ipipMode: Never', 'ipipMode: Never, vxlanMode: Never')).join('\n---\n')
  const LABEL = `{apiVersion: v1, kind: Namespace, metadata: {name: other}}`
  const routes = (lab: Lab): string[] =>
    lab.log
      .filter(({ thing, netns }) => thing === 'route' && netns === 'node1')
      .map(({ op, event }) => `${op} ${event}`)

  it('is told of the event that the session fell by, whatever happens until they run out', () => {
    const lab = act(Lab.load(PLAIN, { delays: 'calico' }), 'bird', 'kill', 'node2')
    lab.wait(60).apply(LABEL).wait(60)
    lab.apply('{apiVersion: v1, kind: Namespace, metadata: {name: another}}').quiet()
    expect(lab.lastEvent).toBe(3)
    expect(routes(lab)).toEqual(['delete 1'])
  })

  it('is told of the event by which it came back', () => {
    const lab = act(Lab.load(PLAIN, { delays: 'calico' }), 'bird', 'stop', 'node2').wait(30)
    act(lab, 'bird', 'start', 'node2').apply(LABEL).quiet()
    expect(routes(lab)).toEqual(['delete 1', 'add 2'])
  })

  it('has a cause always', () => {
    const lab = Lab.load(PLAIN, { delays: 'calico' })
    act(lab, 'bird', 'kill', 'node1').wait(1)
    lab.occur({ kind: 'machine', node: 'node2', action: 'crash' }).wait(400)
    act(lab, 'bird', 'start', 'node1').occur({ kind: 'machine', node: 'node2', action: 'start' }).quiet()
    expect(lab.log.filter(({ event }) => event === 0)).toEqual([])
  })
})

describe('a node that is deleted and comes back', () => {
  const NODE2 = { kind: 'Node', name: 'node2' } as const
  const LATER = `{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {clusterIP: 10.96.0.7, selector: {app: a}, ports: [{port: 80}]}}`
  const settles = (lab: Lab): void => expect(plainNetwork(lab.network)).toEqual(plainNetwork(lab.cluster!.network))

  it.each([0, 0.05, 0.2, 1])(
    '%d s after something was stored: what its programs were about to do is not done',
    (gap) => {
      const lab = open().apply(LATER)
      lab.wait(gap).delete(NODE2)
      lab.wait(gap).apply(node('node2', '192.168.0.2'))
      lab.quiet()
      settles(lab)
      lab.apply(LATER.replace('10.96.0.7', '10.96.0.7, type: NodePort')).quiet()
      settles(lab)
    },
  )

  it.each<['off' | 'on']>([['off'], ['on']])(
    'while its machine is %s: its programs run when that has started',
    (state) => {
      const lab = open().occur({ kind: 'machine', node: 'node2', action: state === 'off' ? 'crash' : 'reboot' })
      lab.wait(5).delete(NODE2)
      lab.wait(5).apply(node('node2', '192.168.0.2'))
      lab.quiet()
      expect(states(lab, 'felix')[1]).toBe(state === 'off' ? 'killed' : 'running')
      if (state === 'off') lab.occur({ kind: 'machine', node: 'node2', action: 'start' }).quiet()
      expect(states(lab, 'bird')).toEqual(['running', 'running'])
      settles(lab)
    },
  )
})
