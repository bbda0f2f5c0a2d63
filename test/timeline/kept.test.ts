// What a lab holds after many events: pods that came and went leave nothing behind, however many there were.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { reachable } from '../support/reachable.ts'

const NODES = 2

const node = (i: number): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: n${i}, annotations: {projectcalico.org/IPv4Address: 172.16.0.${i + 1}/24}}}`
const pod = (name: string, on: number, app: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {app: ${app}}}, spec: {nodeName: n${on}, containers: [{name: c}]}, status: {phase: Running}}`

const TEXT = [
  '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.64.0.0/10, ipipMode: Always, natOutgoing: true}}',
  '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p}, spec: {podSelector: {matchLabels: {app: b}}, ingress: [{from: [{podSelector: {matchLabels: {app: a}}}]}]}}',
  '{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {clusterIP: 10.96.0.9, selector: {app: b}, ports: [{port: 80}]}}',
  ...Array.from({ length: NODES }, (_, i) => node(i)),
  ...Array.from({ length: NODES }, (_, i) => pod(`w${i}`, i, 'a')),
].join('\n---\n')

type Timed = { readonly time: { readonly running: { readonly moments: object } } }

type Counts = ReadonlyMap<string, number>

/** Lets pods come, be told otherwise and go, one after the other. @returns how many objects of each class there are afterwards */
function passing(lab: Lab, from: number, count: number): Counts {
  const then = (event: Parameters<Lab['occur']>[0]): void => {
    lab.occur(event)
    lab.wait(1)
  }
  for (let i = from; i < from + count; i++) {
    const name = `new-${i}`
    for (const app of ['a', 'b']) then(pod(name, i % NODES, app))
    then({ kind: 'delete', objects: [{ kind: 'Pod', name, namespace: 'default' }] })
  }
  // All is written everywhere then.
  lab.wait(10)
  // Moments to step back to are as many as they were, and flows in each of them as many as there happened to be.
  return reachable(lab, [(lab as unknown as Timed).time.running.moments])
}

const PASSED = 12
/** Room for what comes and goes by itself: steps that are still to come, flows that conntrack has not forgotten. */
const SWAY = 1.03

describe('pods that came and went', () => {
  it('leave nothing behind', () => {
    const lab = Lab.load(TEXT, { delays: 'calico', record: false, history: 20 })
    lab.every(5000, { ping: { from: 'w0', to: `w${NODES - 1}` } })
    const before = passing(lab, 0, PASSED)
    const after = passing(lab, PASSED, PASSED)
    const sum = (counts: Counts): number => [...counts.values()].reduce((a, b) => a + b, 0)
    expect(sum(after)).toBeLessThan(sum(before) * SWAY)
    const machines = (counts: Counts): unknown => ['Device', 'NetNamespace'].map((name) => counts.get(name))
    expect(machines(after)).toEqual(machines(before))
  })
})
