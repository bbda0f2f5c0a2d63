import { describe, expect, test } from 'vitest'
import { A, B, line, lines, play, probe } from './scene.ts'

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
