import { describe, expect, test } from 'vitest'
import { A, B, gap, line, lines, play, probe } from './scene.ts'

const scene = (close: string, open: string, until = 900): ReturnType<typeof play> =>
  play(`  until: ${until}s
  probes:
  - {name: pods, ping: {from: ${A}, to: ${B}}, every: 1s}
  - {name: nodes, ping: {from: controlplane, to: node01}, every: 1s}
  events:
  - {at: 10s, run: "${close}"}
  - {at: 500s, run: "${open}"}
`)

describe.each([
  [
    'on a node',
    'node01$ iptables -I INPUT -p tcp --dport 179 -j DROP; iptables -I INPUT -p tcp --sport 179 -j DROP',
    'node01$ iptables -D INPUT -p tcp --dport 179 -j DROP; iptables -D INPUT -p tcp --sport 179 -j DROP',
  ],
  [
    'on its way out',
    'controlplane$ iptables -I OUTPUT -p tcp --dport 179 -j DROP; iptables -I OUTPUT -p tcp --sport 179 -j DROP',
    'controlplane$ iptables -D OUTPUT -p tcp --dport 179 -j DROP; iptables -D OUTPUT -p tcp --sport 179 -j DROP',
  ],
])('TCP 179 is dropped %s', (_, close, open) => {
  const report = scene(close, open)
  const routes = lines(report, 'controlplane', 'route')

  test('nothing happens until the hold timer runs out, 160 to 240 s later: then the block is withdrawn, because of the rule', () => {
    const [gone] = report.log.filter(({ netns, thing }) => netns === 'controlplane' && thing === 'route')
    expect(line(gone!)).toMatch(/^bird controlplane: delete route 192\.168\.196\.128\/26 .*\(event 1\)$/)
    expect(gone!.at / 1e9).toBeGreaterThanOrEqual(170)
    expect(gone!.at / 1e9).toBeLessThanOrEqual(250)
    const { from, begun } = gap(report, 'pods')
    expect(from).toBeGreaterThanOrEqual(170)
    expect(line(begun!)).toContain('(event 1)')
    expect(probe(report, 'nodes').lost).toBe(0)
  })

  test('once the rule is taken away the session comes back, when BIRD dials again', () => {
    expect(routes.at(-1)).toMatch(/^bird controlplane: add route 192\.168\.196\.128\/26 .*\(event 2\)$/)
    const { to, ended } = gap(report, 'pods')
    expect(to).toBeGreaterThan(500)
    expect(to).toBeLessThan(550)
    expect(line(ended!)).toContain('(event 2)')
  })
})

describe('a card is down for less than the hold time', () => {
  test('the session lives through it', () => {
    const report = scene('node01$ ip link set ens3 down', 'node01$ true', 60)
    expect(report.log.filter(({ actor, thing }) => actor === 'bird' && thing === 'route')).toEqual([])
    expect(gap(report, 'nodes').from).toBe(10)
  })
})
