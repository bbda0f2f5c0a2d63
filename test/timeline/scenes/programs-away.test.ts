import { describe, expect, test } from 'vitest'
import { A, B, gap, line, lines, play, probe } from './scene.ts'

const LATE = `{apiVersion: v1, kind: Pod, metadata: {name: late, namespace: default}, spec: {nodeName: node01, containers: [{name: c, image: i}]}}`
const PROBES = `  - {name: old, ping: {from: ${A}, to: ${B}}}
  - {name: new, ping: {from: ${A}, to: default/late}, start: 4s}
`

describe.each([
  [
    'Felix of its node is down',
    '{name: felix, node: node01, action: stop}',
    '{name: felix, node: node01, action: start}',
  ],
  ['no Typha hears the datastore', '{name: typha, action: cut}', '{name: typha, action: heal}'],
])('a pod is created while %s', (_, away, back) => {
  const report = play(`  until: 40s
  probes:
${PROBES}  events:
  - {at: 2s, agent: ${away}}
  - {at: 4s, apply: [${LATE}]}
  - {at: 15s, agent: ${back}}
`)

  test('existing pods keep working', () => {
    expect(probe(report, 'old').lost).toBe(0)
  })

  test('CNI makes its network at once: interface and route, but no chains', () => {
    const made = lines(report, 'node01', 'interface')
    expect(made).toEqual([expect.stringMatching(/^kernel node01: add interface cali.* \(event 2\)$/)])
    const route = report.log.find(({ what, op }) => op === 'add' && /^192\.168\.196\.\d+ dev cali/.test(what))!
    expect(route.at / 1e9).toBeGreaterThan(4)
    expect(route.at / 1e9).toBeLessThan(6)
  })

  test('it has no chains, and no packet reaches it, until Felix has written them', () => {
    const { from, to, ended } = gap(report, 'new')
    expect(from).toBe(4)
    expect(to).toBeGreaterThan(15)
    expect(line(ended!)).toMatch(/^felix node01: (add|replace) chain cali-/)
    const chains = report.log.filter(({ netns, thing, op }) => netns === 'node01' && thing === 'chain' && op === 'add')
    expect(Math.min(...chains.map(({ at }) => at / 1e9))).toBeGreaterThan(15)
  })
})

describe('BIRD of node01 restarts', () => {
  const restart = (end: string, back: number): string => `  until: ${back + 20}s
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}, every: 500ms}
  events:
  - {at: 2s, agent: {name: bird, node: node01, action: ${end}}}
  - {at: ${back}s, agent: {name: bird, node: node01, action: start}}
`

  test('with graceful restart, killed and back within 120 s: nothing changes, nothing is lost', () => {
    const report = play(restart('kill', 60))
    expect(probe(report, 'there').lost).toBe(0)
    expect(report.log.filter(({ thing }) => thing === 'route')).toEqual([])
  })

  test('killed and back too late: its peer keeps its block for 120 s, and has it again when the restart is over', () => {
    const report = play(restart('kill', 150))
    const { from, to, begun, ended, end } = gap(report, 'there')
    expect(from).toBe(122)
    expect(to).toBeGreaterThan(150)
    expect(to).toBeLessThan(160)
    expect(line(begun!)).toMatch(/^bird controlplane: delete route 192\.168\.196\.128\/26 .* \(event 1\)$/)
    expect(line(ended!)).toMatch(/^bird controlplane: add route 192\.168\.196\.128\/26 .* \(event 2\)$/)
    // Without a route to the block its packets take the default route.
    expect(end).toMatchObject({ netns: 'router', cause: 'route_blackhole' })
    // What it had itself persists.
    expect(lines(report, 'node01', 'route')).toEqual([])
  })

  test('without: told to stop, it says so, and its peer withdraws its block at once', () => {
    const report = play(restart('stop', 30))
    const { from, to, begun } = gap(report, 'there')
    expect(from).toBe(2)
    expect(to).toBeGreaterThan(30)
    expect(to).toBeLessThan(40)
    expect(line(begun!)).toMatch(/controlplane: delete route 192\.168\.196\.128\/26 .* \(event 1\)$/)
  })
})
