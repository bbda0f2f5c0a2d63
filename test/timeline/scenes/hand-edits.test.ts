import { describe, expect, test } from 'vitest'
import { A, B, gap, line, lines, play, probe } from './scene.ts'

describe('tables are flushed on a node, and a route of BIRD on another', () => {
  const report = play(`  until: 3m
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}, every: 500ms}
  events:
  - {at: 10s, run: node01$ iptables -t filter -F}
  - {at: 20s, run: controlplane$ ip route flush proto bird}
`)

  test('BIRD puts its routes back at its next scan, within 2 s', () => {
    const { from, to, begun, ended } = gap(report, 'there')
    expect([from, line(begun!)]).toEqual([20, expect.stringMatching(/^user controlplane: delete route .*\(event 2\)$/)])
    expect(to).toBeLessThanOrEqual(22.5)
    expect(line(ended!)).toMatch(/^bird controlplane: add route 192\.168\.196\.128\/26 .* \(event 2\)$/)
    expect(ended).toMatchObject({ resync: true })
  })

  test('Felix puts all chains back at one refresh, of v3.16 within 90 s', () => {
    const back = report.log.filter(({ netns, resync }) => netns === 'node01' && resync === true)
    expect(new Set(back.map(({ actor, thing, event }) => `${actor} ${thing} ${event}`))).toEqual(
      new Set(['felix chain 1']),
    )
    expect(new Set(back.map(({ at }) => at)).size).toBe(1)
    expect(back[0]!.at / 1e9).toBeLessThan(100)
    expect(back).toHaveLength(report.log.filter(({ actor, event }) => actor === 'user' && event === 1).length)
  })
})

describe('the module of tunl0 is taken away on a node', () => {
  const report = play(`  until: 30s
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}, every: 500ms}
  events:
  - {at: 10s, run: node01$ modprobe -r ipip}
`)

  test('Felix makes the device again within 10 s, and with it come those of its pods; then BIRD its routes', () => {
    const back = lines(report, 'node01', 'interface').concat(lines(report, B, 'interface'))
    expect(back.map((one) => one.replace(/ interface tunl0.*/, ''))).toEqual([
      'user node01: delete',
      'felix node01: add',
      `user ${B}: delete`,
      `kernel ${B}: add`,
    ])
    const routes = lines(report, 'node01', 'route').filter((one) => one.includes('proto bird'))
    expect(routes.map((one) => one.split(' route')[0])).toEqual(['user node01: delete', 'bird node01: add'])
    const { from, to } = gap(report, 'there')
    expect(from).toBe(10)
    expect(to).toBeLessThanOrEqual(22.5)
    expect(probe(report, 'there').asked).toBe(60)
  })
})
