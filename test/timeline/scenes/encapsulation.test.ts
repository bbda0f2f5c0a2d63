import { describe, expect, test } from 'vitest'
import { A, B, gap, line, lines, play, probe } from './scene.ts'

// IPIP Always; at 2 s no tunnel, at 15 s VXLAN.
const PATCH = 'kind: IPPool, name: default-ipv4-ippool, with: {spec: '
const report = play(`  until: 30s
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}}
  - {name: same node, ping: {from: node01, to: ${B}}}
  events:
  - {at: 2s, patch: {${PATCH}{ipipMode: Never}}}}
  - {at: 15s, patch: {${PATCH}{vxlanMode: Always}}}}
`)

describe('IPIP, then no tunnel, then VXLAN, under a ping', () => {
  test('pods of one node never notice', () => {
    expect(probe(report, 'same node').lost).toBe(0)
  })

  test('who is cut off: pods across nodes, from the first route without a tunnel to the last one', () => {
    const { from, to, end, begun, ended } = gap(report, 'there')
    expect(from).toBeGreaterThanOrEqual(2)
    expect(to).toBeLessThan(4)
    expect(line(begun!)).toBe(
      'bird controlplane: replace route 192.168.196.128/26 via 172.17.0.40 dev ens3 proto bird (event 1)',
    )
    expect(line(ended!)).toBe(
      'bird node01: replace route 192.168.49.64/26 via 172.17.0.32 dev ens3 proto bird (event 1)',
    )
    expect(begun!.at / 1e9).toBeLessThanOrEqual(from)
    expect(ended!.at / 1e9).toBeLessThanOrEqual(to)
    // The answer still comes in a tunnel whose other end Felix has taken down.
    expect(end).toMatchObject({ netns: 'controlplane', cause: 'tunnel_none' })
  })

  test('to VXLAN nothing is lost here: Felix’ route is there before BIRD’s goes', () => {
    const routes = lines(report, 'controlplane', 'route').filter((one) => one.includes('196.128/26'))
    expect(routes.at(0)).toContain('dev ens3 proto bird (event 1)')
    expect(routes.some((one) => /felix .*dev vxlan\.calico onlink.*\(event 2\)/.test(one))).toBe(true)
    expect(probe(report, 'there').gaps).toHaveLength(1)
  })
})
