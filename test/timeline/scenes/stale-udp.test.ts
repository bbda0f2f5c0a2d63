import { describe, expect, test } from 'vitest'
import { Lab } from '../../../src/lab/index.ts'
import { line } from './scene.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const pod = (name: string, on: string, app = name): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {app: ${app}}}, spec: {nodeName: ${on}, containers: [{name: c}]}}`
const CLUSTER = [
  node('node1', '192.168.0.1'),
  node('node2', '192.168.0.2'),
  '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/16, ipipMode: Always}}',
  '{apiVersion: v1, kind: Service, metadata: {name: dns}, spec: {clusterIP: 10.96.0.10, ports: [{port: 5300, protocol: UDP}], selector: {app: dns}}}',
  pod('client', 'node1'),
  pod('dns-1', 'node2', 'dns'),
].join('\n---\n')

/** A client that asks from one port, as resolvers do that keep their socket: `.` is an answer, `x` none within a second. */
function asks(lab: Lab, times: number): string {
  return Array.from({ length: times }, () => {
    const { ok } = lab.udp('default/client', 'svc/dns', 5300, { sourcePort: 40_000, timeout: 1 })
    lab.wait(1)
    return ok ? '.' : 'x'
  }).join('')
}

const of = (lab: Lab): string[] => lab.log.filter(({ thing }) => thing === 'conntrack').map(line)

describe('the endpoint of a UDP Service moves, under a client that keeps its port', () => {
  const open = (): Lab => Lab.load(CLUSTER, { delays: 'calico' })
  const move = (lab: Lab): void => {
    lab.apply(pod('dns-2', 'node2', 'dns')).quiet()
    lab.delete({ kind: 'Pod', name: 'dns-1' })
  }

  test('kube-proxy has the entry forgotten when it has written that the endpoint is gone: the next datagram finds the other one', () => {
    const lab = open()
    expect(asks(lab, 3)).toBe('...')
    move(lab)
    expect(asks(lab, 40)).toMatch(/^\.*x{0,3}\.+$/)
    expect(of(lab)).toContainEqual(
      expect.stringMatching(/^kube-proxy node1: delete conntrack udp 17 \d+ src=\S+ dst=10\.96\.0\.10 .*\(event \d\)$/),
    )
  })

  test('with kube-proxy stopped on the client’s node it stays, and each question keeps it alive: nobody answers any more', () => {
    const lab = open()
    expect(asks(lab, 3)).toBe('...')
    lab.occur({ kind: 'agent', agent: 'kube-proxy', node: 'node1', action: 'stop' })
    move(lab)
    expect(asks(lab, 60)).toMatch(/^\.*x+$/)
    expect(asks(lab, 120)).toBe('x'.repeat(120))
    lab.occur({ kind: 'agent', agent: 'kube-proxy', node: 'node1', action: 'start' }).quiet()
    expect(asks(lab, 3)).toBe('...')
  })

  test('with no endpoint left it is refused, and asks again in vain until the first one is there', () => {
    const lab = open()
    expect(asks(lab, 3)).toBe('...')
    lab.delete({ kind: 'Pod', name: 'dns-1' }).quiet()
    expect(asks(lab, 3)).toBe('xxx')
    lab.apply(pod('dns-2', 'node2', 'dns')).quiet()
    expect(asks(lab, 3)).toBe('...')
  })
})

describe('a pod goes', () => {
  test('Felix has its node forget all connections of its address', () => {
    const lab = Lab.load(CLUSTER, { delays: 'calico' })
    lab.tcp('default/client', 'default/dns-1', 80)
    const { address } = { address: lab.network.namespaces['default/dns-1']!.interfaces['eth0']!.addresses[0]!.local }
    const known = (): string => lab.sh('node2', `conntrack -L -d ${address}`).stdout
    expect(known()).toContain('dport=80')
    lab.delete({ kind: 'Pod', name: 'dns-1' }).quiet()
    expect(known()).toBe('')
    expect(of(lab)).toContainEqual(
      expect.stringMatching(/^felix node2: delete conntrack tcp .*dport=80 .*\(event 1\)$/),
    )
  })
})
