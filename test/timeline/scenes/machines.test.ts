import { describe, expect, test } from 'vitest'
import { Lab } from '../../../src/lab/index.ts'
import type { TimelineReport } from '../../../src/render/index.ts'
import { A, B, DEMO, gap, line, lines, play, probe } from './scene.ts'

/** When a machine came to something, in seconds. */
function times({ log }: TimelineReport): Readonly<Record<string, number>> {
  return Object.fromEntries(log.flatMap(({ thing, what, at }) => (thing === 'machine' ? [[what, at / 1e9]] : [])))
}

const timeline = (events: string, until: number): string => `  until: ${until}s
  probes:
  - {name: pod, ping: {from: ${A}, to: ${B}}, every: 500ms}
  - {name: node, ping: {from: controlplane, to: node01}, every: 500ms}
  events:
${events}`

describe('a node reboots', () => {
  const report = play(timeline('  - {at: 5s, machine: {node: node01, action: reboot}}\n', 120))
  const at = times(report)

  test('one after the other: programs end, it is off, its kernel is up, kubelet, calico-node', () => {
    expect(Object.keys(at)).toEqual(['programs end', 'off', 'kernel up', 'kubelet up', 'calico-node up'])
    expect(Object.values(at)).toEqual([...Object.values(at)].sort((a, b) => a - b))
  })

  test('BIRD says that it ends: the other node withdraws its block at once, before the machine is off', () => {
    const [gone] = report.log.filter(({ netns, thing }) => netns === 'controlplane' && thing === 'route')
    expect(line(gone!)).toMatch(/controlplane: delete route 192\.168\.196\.128\/26 .* \(event 1\)$/)
    expect(gone!.at / 1e9).toBe(5)
    expect(gone!.at / 1e9).toBeLessThan(at['off']!)
  })

  test('the node itself answers from the time its kernel is up', () => {
    const { from, to } = gap(report, 'node')
    expect(from).toBeGreaterThanOrEqual(at['off']! - 0.5)
    expect(to).toBeGreaterThanOrEqual(at['kernel up']!)
    expect(to).toBeLessThan(at['kernel up']! + 2)
  })

  test('pods get networks with other addresses from kubelet and CNI, before Felix has chains for them', () => {
    const route = (entry: string): boolean => /add route 192\.168\.196\.13\d dev cali/.test(entry)
    const made = lines(report, 'node01', 'route').filter(route)
    expect(made.map((one) => one.match(/196\.\d+/)![0])).toEqual(['196.132', '196.133', '196.134'])
    const first = (what: RegExp): number => report.log.find((entry) => what.test(entry.what))!.at / 1e9
    expect(first(/^192\.168\.196\.132 dev cali/)).toBeGreaterThan(at['kubelet up']!)
    expect(first(/^cali-tw-cali/)).toBeGreaterThan(at['calico-node up']!)
  })

  test('pods on it are reached again when BIRD has told its block', () => {
    const { from, to, ended } = gap(report, 'pod')
    expect(from).toBe(5)
    expect(to).toBeGreaterThan(at['calico-node up']!)
    expect(line(ended!)).toMatch(/^bird controlplane: add route 192\.168\.196\.128\/26 .* \(event 1\)$/)
  })

  test('not longer than 40 s unheard of, it is never NotReady for its pods to be evicted', () => {
    expect(report.log.filter(({ what, op }) => what.startsWith('Pod/') && op === 'delete')).toEqual([])
  })
})

describe('a node loses its power', () => {
  const report = play(timeline('  - {at: 5s, machine: {node: node01, action: crash}}\n', 300))

  test('nobody is told: its peer keeps its block until the hold timer has run out, and then withdraws it at once', () => {
    const gone = report.log.filter(({ netns, thing }) => netns === 'controlplane' && thing === 'route')
    expect(gone.map(line)).toEqual([
      expect.stringMatching(/^bird controlplane: delete route 192\.168\.196\.128\/26 .* \(event 1\)$/),
    ])
    const at = gone[0]!.at / 1e9
    expect(at).toBeGreaterThanOrEqual(165)
    expect(at).toBeLessThanOrEqual(246)
  })

  test('what is sent to its pods is lost all the time', () => {
    expect(gap(report, 'pod')).toMatchObject({ from: 5, to: Number.POSITIVE_INFINITY })
    expect(gap(report, 'node')).toMatchObject({ from: 5, to: Number.POSITIVE_INFINITY })
  })

  test('40 s later its node counts as not ready', () => {
    const [node] = report.log.filter(({ what }) => what === 'Node/node01')
    expect(node!.at / 1e9).toBeGreaterThanOrEqual(45)
    expect(node!.at / 1e9).toBeLessThan(52)
  })
})

describe('a machine that is on its way', () => {
  const deeds = (events: string, until = 200): string[] =>
    play(timeline(events, until))
      .log.filter(({ thing }) => thing === 'machine')
      .map(({ what }) => what)
  const machine = (at: number, action: string): string =>
    `  - {at: ${at}s, machine: {node: node01, action: ${action}}}\n`
  const ALL = ['programs end', 'off', 'kernel up', 'kubelet up', 'calico-node up']

  test.each<[what: string, events: string, deeds: readonly string[]]>([
    ['started while it ends: it ends', machine(5, 'shutdown') + machine(5.5, 'start'), ALL.slice(0, 2)],
    ['started while it boots: it boots once', machine(5, 'reboot') + machine(20, 'start'), ALL],
    ['shut down while it ends: it comes back, as it was told', machine(5, 'reboot') + machine(5.5, 'shutdown'), ALL],
  ])('%s', (_, events, expected) => {
    expect(deeds(events)).toEqual(expected)
  })

  test('without power while its firmware starts: it is off, and stays so', () => {
    const events = machine(5, 'crash') + machine(10, 'start') + machine(12, 'crash')
    expect(deeds(events)).toEqual(['off'])
  })
})

describe.each(['calico', 'instant'] as const)('a machine that boots without an API server (delays: %s)', (delays) => {
  const api = (action: 'stop' | 'start') => ({ kind: 'agent', agent: 'api-server', action }) as const
  const what = (lab: Lab): string[] => lab.log.filter(({ thing }) => thing === 'machine').map((entry) => entry.what)

  test('its kubelet waits for one, and nothing is due meanwhile', () => {
    const lab = Lab.load(DEMO, { delays }).occur(api('stop'))
    lab.occur({ kind: 'machine', node: 'node01', action: 'reboot' }).quiet()
    expect(what(lab)).toEqual(['programs end', 'off', 'kernel up'])
    lab.occur(api('start')).quiet()
    expect(what(lab)).toEqual(['programs end', 'off', 'kernel up', 'kubelet up', 'calico-node up'])
    expect(lab.ping('controlplane', 'node01').ok).toBe(true)
  })
})

describe('a machine that was off', () => {
  test('knows the BGP peers that were configured meanwhile', () => {
    const mesh = (on: boolean): string =>
      `{apiVersion: projectcalico.org/v3, kind: BGPConfiguration, metadata: {name: default}, spec: {nodeToNodeMeshEnabled: ${on}}}`
    const lab = Lab.load(DEMO, { delays: 'calico' }).apply(mesh(false)).quiet()
    lab.occur({ kind: 'machine', node: 'node01', action: 'reboot' }).wait(4)
    lab.apply(mesh(true)).quiet()
    expect(lab.sh('controlplane', 'ip route').stdout).toContain('192.168.196.128/26 via 172.17.0.40 dev tunl0')
    expect(lab.network).toBe(lab.cluster!.network)
  })
})

describe('a machine that is off', () => {
  test('can be started; what it cannot be is told to do is nothing', () => {
    const report = play(
      timeline(
        ['crash', 'crash', 'start', 'start']
          .map((action, i) => `  - {at: ${5 + 60 * i}s, machine: {node: node01, action: ${action}}}\n`)
          .join(''),
        320,
      ),
    )
    expect(report.log.filter(({ thing }) => thing === 'machine').map(({ what }) => what)).toEqual([
      'off',
      'kernel up',
      'kubelet up',
      'calico-node up',
    ])
    expect(probe(report, 'pod').gaps).toHaveLength(1)
  })
})
