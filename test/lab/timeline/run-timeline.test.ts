import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readTimeline } from '../../../src/input/index.ts'
import { Lab, runTimeline } from '../../../src/lab/index.ts'
import { renderTimelineJson, type TimelineReport } from '../../../src/render/index.ts'

const DEMO = readFileSync(new URL('../../../examples/demo/ipip.yaml', import.meta.url), 'utf8')
const [A, B] = ['default/busybox-deployment-8c7dc8548-x6ljh', 'default/busybox-deployment-8c7dc8548-btnkv']

/** Runs a timeline in the demo cluster: pods A on one node and B on the other. */
function run(spec: string, delays: 'calico' | 'instant' = 'instant'): TimelineReport {
  const text = `apiVersion: packetwalk/v1\nkind: Timeline\nmetadata: {name: test}\nspec:\n${spec}`
  const plan = readTimeline({ name: 'timeline.yaml', text })
  return runTimeline(Lab.load(DEMO, { delays, seed: plan.seed ?? 1 }), plan)
}

const PING = `  probes:\n  - ping: {from: ${A}, to: ${B}}\n`

describe('a timeline', () => {
  it('loses nothing where nothing happens', () => {
    const { probes, events, end } = run(`${PING}  until: 3s\n`)
    expect(probes).toMatchObject([{ asked: 30, lost: 0, gaps: [], unasked: 0 }])
    expect([events, end]).toEqual([[], 3e9])
  })

  it('says of a link that was down when, where and because of what', () => {
    const { probes, events } = run(`${PING}  until: 6s
  events:
  - {at: 2s, run: node01$ ip link set ens3 down}
  - {at: 4s, run: node01$ ip link set ens3 up}
`)
    const [gap, ...more] = probes[0]?.gaps ?? []
    expect(more).toEqual([])
    expect(gap).toMatchObject({ from: 2e9, lost: 20, to: 4e9 })
    expect(gap).toMatchObject({
      begun: { event: 1, netns: 'node01', actor: 'user' },
      ended: { event: 2, netns: 'node01', actor: 'user' },
    })
    expect(gap?.story).not.toBe('')
    expect(events.every(({ changes }) => changes > 0)).toBe(true)
    expect(events.map(({ number, at }) => [number, at])).toEqual([
      [1, 2e9],
      [2, 4e9],
    ])
  })

  it('tells what an event was refused for, and goes on', () => {
    const { events } = run(`  events:
  - {at: 1s, delete: [{kind: Pod, name: nobody, namespace: default}]}
  - {at: 2s, run: node01$ ip route del 1.2.3.4}
  - {at: 3s, agent: {name: felix, node: node9, action: stop}}
  - {at: 4s, patch: {kind: IPPool, name: none, with: {spec: {}}}}
`)
    expect(events.map(({ refused }) => refused !== undefined)).toEqual([true, true, true, true])
  })

  it('holds a connection through a short gap, and says how it is at the end', () => {
    const { probes } = run(`  until: 12s
  probes:
  - {name: held, tcp: {from: ${A}, to: ${B}, port: 8080, hold: true}, every: 200ms}
  events:
  - {at: 2s, run: node01$ ip link set ens3 down}
  - {at: 3s, run: node01$ ip link set ens3 up}
`)
    const [probe] = probes
    expect(probe?.connection).toBe('open')
    expect(probe?.gaps).toHaveLength(1)
    expect(probe?.gaps[0]).toMatchObject({ from: 2e9 })
  })

  it('opens connections and sends datagrams, each time anew', () => {
    const { probes } = run(`  until: 2s
  probes:
  - {name: tcp, tcp: {from: ${A}, to: ${B}, port: 8080}}
  - {name: udp, udp: {from: ${A}, to: ${B}, port: 5353}}
`)
    expect(probes.map(({ asked, lost }) => [asked, lost])).toEqual([
      [20, 0],
      [20, 0],
    ])
  })

  it('gives the same bytes for the same seed', () => {
    const spec = `${PING}  seed: 7\n  until: 8s\n  events:
  - {at: 2s, patch: {kind: IPPool, name: default-ipv4-ippool, with: {spec: {ipipMode: Never}}}}
`
    expect(renderTimelineJson(run(spec, 'calico'))).toBe(renderTimelineJson(run(spec, 'calico')))
  })

  it('leaves the lab as it is at the end, and lets it record again', () => {
    const text = `apiVersion: packetwalk/v1\nkind: Timeline\nmetadata: {name: test}\nspec:\n${PING}  until: 1s\n  events: [{at: 500ms, run: node01$ ip link set ens3 down}]\n`
    const lab = Lab.load(DEMO)
    runTimeline(lab, readTimeline({ name: 't', text }))
    const { ok, trace } = lab.ping(A, B)
    expect([ok, trace.hops.length > 0]).toEqual([false, true])
  })
})
