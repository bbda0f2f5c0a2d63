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

  test('pods across nodes neither: tunl0 stays without its address, and packets in old tunnels still come out of it', () => {
    expect(probe(report, 'there').lost).toBe(0)
    const gone = report.log.filter(({ thing, op }) => thing === 'interface' && op === 'delete')
    expect(gone).toEqual([])
    expect(lines(report, 'node01', 'address')[0]).toMatch(/^felix node01: delete address .* dev tunl0 \(event 1\)$/)
  })

  test('to VXLAN Felix’ route is there before BIRD’s goes', () => {
    const routes = lines(report, 'controlplane', 'route').filter((one) => one.includes('196.128/26'))
    expect(routes.at(0)).toContain('dev ens3 proto bird (event 1)')
    expect(routes.some((one) => /felix .*dev vxlan\.calico onlink.*\(event 2\)/.test(one))).toBe(true)
  })
})

describe('IPIP to VXLAN at once, under a ping every 10 ms', () => {
  const turned = play(`  until: 10s
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}, every: 10ms}
  events:
  - {at: 2s, patch: {${PATCH}{ipipMode: Never, vxlanMode: Always}}}}
`)

  test('who is cut off: pods across nodes, as long as one Felix is done and the other is not', () => {
    const { from, to, end, begun, ended } = gap(turned, 'there')
    expect(from).toBeGreaterThan(2)
    expect(to).toBeLessThan(3)
    expect(line(begun!)).toBe(
      'felix controlplane: replace route 192.168.196.128/26 via 192.168.196.132 dev vxlan.calico onlink (event 1)',
    )
    expect(line(ended!)).toMatch(/^felix node01: .*\(event 1\)$/)
    // Nobody there takes packets of VXLAN yet.
    expect(end).toMatchObject({ netns: 'node01', cause: 'no_socket_udp' })
  })
})
