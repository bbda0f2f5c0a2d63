import { describe, expect, test } from 'vitest'
import { A, B, gap, line, lines, play, probe } from './scene.ts'

const bgp = (kind: string, name: string, spec: string): string =>
  `{apiVersion: projectcalico.org/v3, kind: ${kind}, metadata: {name: ${name}}, spec: ${spec}}`

describe('the mesh is switched off before other sessions are there', () => {
  const report = play(`  until: 60s
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}}
  - {name: same node, ping: {from: node01, to: ${B}}}
  events:
  - {at: 2s, apply: [${bgp('BGPConfiguration', 'default', '{nodeToNodeMeshEnabled: false}')}]}
  - at: 20s
    apply:
    - ${bgp('BGPPeer', 'there', '{node: controlplane, peerIP: 172.17.0.40, asNumber: 64512}')}
    - ${bgp('BGPPeer', 'back', '{node: node01, peerIP: 172.17.0.32, asNumber: 64512}')}
`)

  test('blocks of others are withdrawn within the second in which confd writes, and come with the new sessions', () => {
    const { from, to, begun, ended, end } = gap(report, 'there')
    expect(from).toBeLessThan(4)
    expect(to).toBeGreaterThan(20)
    expect(to).toBeLessThan(30)
    expect(line(begun!)).toMatch(/^bird \w+: delete route 192\.168\.\d+\.\d+\/26 .* \(event 1\)$/)
    expect(line(ended!)).toMatch(/^bird \w+: add route 192\.168\.\d+\.\d+\/26 .* \(event 2\)$/)
    expect(end?.cause).toBe('route_blackhole')
  })

  test('pods of one node never notice', () => {
    expect(probe(report, 'same node').lost).toBe(0)
  })
})

describe('the mesh is switched off before a reflector works', () => {
  const reflector =
    '{metadata: {labels: {rr: "yes"}, annotations: {projectcalico.org/RouteReflectorClusterID: 244.0.0.1}}}'
  const report = play(`  until: 40s
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}}
  events:
  - {at: 2s, apply: [${bgp('BGPConfiguration', 'default', '{nodeToNodeMeshEnabled: false}')}]}
  - {at: 10s, patch: {kind: Node, name: controlplane, with: ${reflector}}}
  - {at: 20s, apply: [${bgp('BGPPeer', 'rr', "{nodeSelector: all(), peerSelector: rr == 'yes'}")}]}
`)

  test('a reflector that nobody peers with changes nothing; the BGPPeer ends the gap', () => {
    const { to, begun, ended } = gap(report, 'there')
    expect(begun?.event).toBe(1)
    expect(ended?.event).toBe(3)
    expect(to).toBeGreaterThan(20)
    expect(report.log.filter(({ event, thing }) => event === 2 && thing === 'route')).toEqual([])
  })
})

describe('a pool is deleted while pods have its addresses', () => {
  const report = play(`  until: 20s
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}}
  - {name: same node, ping: {from: node01, to: ${B}}}
  events:
  - {at: 2s, delete: [{kind: IPPool, name: default-ipv4-ippool}]}
`)

  test('pods keep their addresses, and their node reaches them', () => {
    expect(probe(report, 'same node').lost).toBe(0)
    expect(lines(report, B, 'address')).toEqual([])
  })

  test('nobody announces their blocks any more: other nodes never reach them again', () => {
    const { from, to, begun } = gap(report, 'there')
    expect(from).toBeLessThan(4)
    expect(to).toBe(Number.POSITIVE_INFINITY)
    expect(line(begun!)).toMatch(/^bird controlplane: delete route 192\.168\.196\.128\/26 .* \(event 1\)$/)
  })
})

describe('a policy is applied under an open connection', () => {
  const deny =
    '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny, namespace: default}, spec: {podSelector: {}, policyTypes: [Ingress]}}'
  const report = play(`  until: 30s
  probes:
  - {name: held, tcp: {from: ${A}, to: ${B}, port: 8080, hold: true}, every: 200ms}
  - {name: fresh, tcp: {from: ${A}, to: ${B}, port: 8080}, every: 500ms}
  events:
  - {at: 5s, apply: [${deny}]}
  - {at: 20s, delete: [{kind: NetworkPolicy, name: deny, namespace: default}]}
`)

  test('the connection goes on: cali-tw-… accepts what conntrack knows before any policy', () => {
    expect(probe(report, 'held')).toMatchObject({ lost: 0, connection: 'open' })
  })

  test('a new one is dropped from Felix’ first apply of the policy to the one that takes it away', () => {
    const { from, to, end, begun, ended } = gap(report, 'fresh')
    expect([from, Math.floor(to * 2) / 2]).toEqual([5.5, 20.5])
    expect(end).toMatchObject({ netns: 'node01', cause: 'netfilter_drop' })
    expect(line(begun!)).toMatch(/^felix node01: .* chain cali-.* \(event 1\)$/)
    expect(line(ended!)).toMatch(/^felix node01: .* chain cali-(tw|pi)-.* \(event 2\)$/)
  })
})
