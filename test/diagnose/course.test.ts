import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'

const DEMO = readFileSync(new URL('../../examples/demo/ipip.yaml', import.meta.url), 'utf8')
const [A, B] = ['default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv']

const LATE = `apiVersion: v1
kind: Pod
metadata: {name: late, namespace: default}
spec: {nodeName: node01, containers: [{name: c, image: busybox}]}
`
const typha = (on: string) => `apiVersion: v1
kind: Pod
metadata: {name: calico-typha-${on}, namespace: kube-system, labels: {k8s-app: calico-typha}}
spec: {nodeName: ${on}, hostNetwork: true, containers: [{name: calico-typha, image: calico/typha}]}
status: {phase: Running}
`
const PING = (lab: Lab, to = B) => lab.ping(A, to)

/** What is said of a ping that fails after something happened. */
const ROWS: Readonly<
  Record<
    string,
    { readonly happens: (lab: Lab) => unknown; readonly to?: string; readonly because: RegExp; readonly right: string }
  >
> = {
  'somebody took the route away': {
    happens: (lab) => lab.sh('controlplane', 'ip route del 192.168.196.128/26'),
    because: /^it follows from the objects, and somebody has removed it since$/,
    right: 'Put it back; a restart of calico-node does so',
  },
  'BIRD withdrew it, as its neighbour is dead': {
    happens: (lab) => lab.occur({ kind: 'agent', agent: 'bird', node: 'node01', action: 'kill' }).wait(130),
    because: /^bird has deleted it at 1[12]\d\.\d{3} s, by event 1 \(bird killed on node01\)$/,
    right: 'Start bird on node01',
  },
  'the pool is gone: the objects no longer ask for it': {
    happens: (lab) => lab.delete({ kind: 'IPPool', name: 'default-ipv4-ippool' }).wait(60),
    because: /^no IPPool has 192\.168\.196\.131/,
    right: 'Add an IPPool with this range',
  },
  'Felix is stopped, and has not written the chains of a new pod': {
    happens: (lab) =>
      lab.occur({ kind: 'agent', agent: 'felix', node: 'node01', action: 'stop' }).wait(5).apply(LATE).wait(20),
    to: 'default/late',
    because: /felix on node01 has been stopped since 0\.000 s$/,
    right: 'Start felix on node01',
  },
  'Felix hears nothing without Typha': {
    happens: (lab) => lab.occur({ kind: 'agent', agent: 'typha', action: 'stop' }).wait(5).apply(LATE).wait(20),
    to: 'default/late',
    because: /typha has been stopped since 0\.000 s$/,
    right: 'Start typha',
  },
  'Felix hears by a Typha that is cut off, beside one that is not': {
    happens: (lab) =>
      lab
        .apply([typha('controlplane'), typha('node01')].join('---\n'))
        .wait(5)
        .occur({ kind: 'agent', agent: 'typha', node: 'node01', action: 'cut' })
        .apply(LATE)
        .wait(20),
    to: 'default/late',
    because: /typha on node01 has been cut off from its datastore since 5\.000 s$/,
    right: 'Let it reach its datastore again: typha on node01',
  },
  'Felix has been cut off': {
    happens: (lab) =>
      lab.occur({ kind: 'agent', agent: 'felix', node: 'node01', action: 'cut' }).wait(5).apply(LATE).wait(20),
    to: 'default/late',
    because: /felix on node01 has been cut off from its datastore since 0\.000 s$/,
    right: 'Let it reach its datastore again: felix on node01',
  },
}

describe('why something is missing in a cluster that runs', () => {
  it.each(Object.entries(ROWS))('%s', (_, { happens, to, because, right }) => {
    const lab = Lab.load(DEMO, { delays: 'calico' })
    happens(lab)
    const [finding] = PING(lab, to).diagnosis
    expect(finding?.because).toMatch(because)
    expect(finding?.right).toBe(right)
  })

  it('is what it was when the packet was sent, whenever it is read', () => {
    const lab = Lab.load(DEMO, { delays: 'calico' })
    lab.occur({ kind: 'agent', agent: 'bird', node: 'node01', action: 'kill' }).wait(130)
    const lost = PING(lab)
    lab.occur({ kind: 'agent', agent: 'bird', node: 'node01', action: 'start' }).wait(30)
    expect(PING(lab).ok).toBe(true)
    expect(lost.diagnosis[0]?.because).toMatch(/^bird has deleted it/)
  })
})
