import { describe, expect, test } from 'vitest'
import { A, B, gap, line, lines, play, probe } from './scene.ts'

const report = play(`  until: 40s
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}}
  - {name: late, ping: {from: node01, to: default/late}, start: 12s}
  events:
  - {at: 2s, delete: [{kind: DaemonSet, name: calico-node, namespace: kube-system}, {kind: ConfigMap, name: calico-config, namespace: kube-system}]}
  - {at: 5s, apply: [{apiVersion: v1, kind: Pod, metadata: {name: late, namespace: default}, spec: {nodeName: node01, containers: [{name: c, image: i}]}}]}
  - {at: 20s, run: 'node01$ modprobe -r ipip'}
`)

describe('Calico is removed', () => {
  test('its programs end, and everything they wrote stays: no interface, route, set or chain changes', () => {
    expect(report.log.filter(({ event, thing }) => event === 1 && thing !== 'object').map(line)).toEqual([
      'user datastore: replace agent felix killed (event 1)',
      'user datastore: replace agent confd killed (event 1)',
      'user datastore: replace agent bird killed (event 1)',
    ])
  })

  test('pods that are there go on across nodes, until somebody takes the tunnel: module, device and routes', () => {
    const { from, to, begun } = gap(report, 'there')
    expect([from, to]).toEqual([20, Number.POSITIVE_INFINITY])
    expect(begun).toMatchObject({ netns: 'node01', event: 3 })
    expect(lines(report, 'node01', 'interface').filter((one) => one.includes('tunl0'))).toEqual([
      expect.stringMatching(/delete interface tunl0 .*\(event 3\)$/),
    ])
    expect(lines(report, 'node01', 'route').filter((one) => one.includes('192.168.49.64/26'))).toEqual([
      expect.stringMatching(/delete route 192\.168\.49\.64\/26 .*dev tunl0.*\(event 3\)$/),
    ])
  })

  test('the configuration of CNI stays: a new pod gets an address and a route, and no chains from anybody', () => {
    const made = lines(report, 'node01', 'interface').filter((one) => one.includes('cali'))
    expect(made).toEqual([expect.stringMatching(/^kernel node01: add interface cali.* \(event 2\)$/)])
    expect(lines(report, 'node01', 'chain').filter((one) => one.includes('(event 2)'))).toEqual([])
    expect(probe(report, 'late').lost).toBe(0)
  })
})

describe('Calico is removed and installed again', () => {
  test('its programs start, and find all as it should be', () => {
    const again = play(`  until: 20s
  probes:
  - {name: there, ping: {from: ${A}, to: ${B}}}
  events:
  - {at: 2s, delete: [{kind: DaemonSet, name: calico-node, namespace: kube-system}]}
  - {at: 8s, apply: [{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: calico-node, namespace: kube-system}, spec: {template: {spec: {containers: [{name: calico-node, image: "calico/node:v3.16.3", env: [{name: IP, value: autodetect}]}]}}}}]}
`)
    expect(probe(again, 'there').lost).toBe(0)
    expect(again.log.filter(({ thing }) => thing === 'agent').map(({ what }) => what)).toEqual([
      'felix killed',
      'confd killed',
      'bird killed',
      'felix starting',
      'confd running',
      'bird starting',
    ])
    expect(again.log.filter(({ thing }) => thing === 'route' || thing === 'chain')).toEqual([])
  })
})
