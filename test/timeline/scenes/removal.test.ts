import { describe, expect, test } from 'vitest'
import { readTimeline } from '../../../src/input/index.ts'
import { Lab, runTimeline } from '../../../src/lab/index.ts'
import { A, B, DEMO, gap, line, lines, play, probe } from './scene.ts'

const report = play(`  until: 12s
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}}
  events:
  - {at: 2s, delete: [{kind: DaemonSet, name: calico-node, namespace: kube-system}, {kind: ConfigMap, name: calico-config, namespace: kube-system}]}
  - {at: 5s, apply: [{apiVersion: v1, kind: Pod, metadata: {name: late, namespace: default}, spec: {nodeName: node01, containers: [{name: c, image: i}]}}]}
`)

describe('Calico is removed', () => {
  test('pods that are there go on across nodes', () => {
    expect(probe(report, 'there').lost).toBe(0)
  })

  test('its programs end, and everything they wrote stays: no interface, route, set or chain changes', () => {
    expect(report.log.filter(({ event, thing }) => event === 1 && thing !== 'object').map(line)).toEqual([
      'user datastore: replace agent felix killed (event 1)',
      'user datastore: replace agent confd killed (event 1)',
      'user datastore: replace agent bird killed (event 1)',
    ])
  })

  test('the configuration of CNI stays: a new pod gets an address and a route, and no chains from anybody', () => {
    const made = lines(report, 'node01', 'interface').filter((one) => one.includes('cali'))
    expect(made).toEqual([expect.stringMatching(/^kernel node01: add interface cali.* \(event 2\)$/)])
    expect(lines(report, 'node01', 'chain').filter((one) => one.includes('(event 2)'))).toEqual([])
  })
})

const REMOVED =
  '{kind: DaemonSet, name: calico-node, namespace: kube-system}, {kind: ConfigMap, name: calico-config, namespace: kube-system}'

describe('Calico is removed, and the module of its tunnel', () => {
  const events = `  until: 4m
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}, every: 500ms}
  - {name: same node, ping: {from: node01, to: ${B}}, every: 500ms}
  events:
  - {at: 2s, delete: [${REMOVED}]}
  - {at: 5s, run: node01$ modprobe -r ipip}
`
  const plan = readTimeline({
    name: 'timeline.yaml',
    text: `apiVersion: packetwalk/v1\nkind: Timeline\nmetadata: {name: scene}\nspec:\n${events}`,
  })
  const lab = Lab.load(DEMO, { delays: 'calico', seed: 1 })
  const taken = runTimeline(lab, plan)

  test('tunl0 goes, in pods too, and the routes over it: nobody is there who would put them back', () => {
    const gone = taken.log.filter(({ event, thing }) => event === 2 && (thing === 'interface' || thing === 'route'))
    expect(new Set(gone.map(({ op }) => op))).toEqual(new Set(['delete']))
    expect(lines(taken, 'node01', 'interface')).toEqual([
      expect.stringMatching(/^user node01: delete interface tunl0 /),
    ])
    expect(lines(taken, B, 'interface')).toEqual([expect.stringMatching(/^user default.*: delete interface tunl0 /)])
    expect(gap(taken, 'there')).toMatchObject({ from: 5, to: Number.POSITIVE_INFINITY })
    expect(probe(taken, 'same node').lost).toBe(0)
  })

  test('all else stays: chains, sets, interfaces of pods and their routes, BIRD’s blackhole, the configuration of CNI', () => {
    const sh = (line: string): string => lab.sh('node01', line).stdout
    expect(sh('iptables -S')).toMatch(/-A FORWARD .*-j cali-FORWARD/)
    expect(sh('ipset list -n')).toMatch(/^cali40/m)
    expect(sh('ip link')).toMatch(/cali\w{11}@if/)
    const routes = sh('ip route')
    expect(routes).toMatch(/^192\.168\.196\.131 dev cali/m)
    expect(routes).toMatch(/^blackhole 192\.168\.196\.128\/26 proto bird/m)
    expect(routes).not.toContain('tunl0')
  })

  test('what the next CNI plugin finds: a file whose name sorts before most others, so kubelet’s runtime goes on to take it', () => {
    const files = lab.sh('node01', 'ls /etc/cni/net.d').stdout
    expect(files.split('\n')[0]).toBe('10-calico.conflist')
  })
})

describe('Calico is removed and installed again', () => {
  const docs = DEMO.split(/^---$/m)
  const of = (kind: string, name: string): string =>
    docs.find((one) => one.includes(`kind: ${kind}`) && one.includes(`name: ${name}`))!
  const indented = [of('ConfigMap', 'calico-config'), of('DaemonSet', 'calico-node')]
    .join('\n---\n')
    .replace(/^/gm, '      ')
  const back = play(`  until: 80s
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}, every: 1ms, start: 50s, end: 70s}
  events:
  - {at: 2s, delete: [${REMOVED}]}
  - at: 40s
    apply: |
${indented}
`)

  test('its programs start when their pods do', () => {
    const up = back.log.filter(({ thing, what }) => thing === 'machine' && what === 'calico-node up')
    expect(up.map(({ netns }) => netns).sort()).toEqual(['controlplane', 'node01'])
    for (const { at } of up) expect(at / 1e9).toBeGreaterThanOrEqual(43)
  })

  // Who restarts does not wait for a peer that restarts, too: it has not been told anything when it compares the kernel's routes
  // with its own, and takes away what it is told a moment later. @calico proto/bgp/bgp.c bgp_conn_enter_established_state
  test('both BIRDs restart: their session comes up, each takes the other’s block away, and has it again when it is told', () => {
    const routes = lines(back, 'controlplane', 'route').filter((one) => one.includes('proto bird'))
    expect(routes.map((one) => one.split(' via')[0])).toEqual([
      'bird controlplane: delete route 192.168.196.128/26',
      'bird controlplane: add route 192.168.196.128/26',
    ])
    const { gaps } = probe(back, 'there')
    const lost = gaps.reduce((sum, { from, to = from }) => sum + (to - from) / 1e6, 0)
    expect(lost).toBeGreaterThan(0)
    expect(lost).toBeLessThanOrEqual(40)
  })

  test('nothing else changes: what they wrote before is what they write again', () => {
    const things = back.log.filter(({ event, netns, thing }) => event === 2 && netns !== undefined && thing !== 'route')
    expect(things.filter(({ thing }) => thing !== 'agent' && thing !== 'machine').map(line)).toEqual([])
  })
})
