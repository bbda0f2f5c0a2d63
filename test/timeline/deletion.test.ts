// How long a pod that is deleted may take to end: as it says, as somebody says, or no time at all.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'

const node = (name: string, address: string): string =>
  `{apiVersion: v1, kind: Node, metadata: {name: ${name}, annotations: {projectcalico.org/IPv4Address: ${address}/24}}}`
const OBJECTS = [
  node('node1', '192.168.0.1'),
  node('node2', '192.168.0.2'),
  '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pool}, spec: {cidr: 10.0.0.0/24, blockSize: 29}}',
  '{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {nodeName: node1, terminationGracePeriodSeconds: 20, containers: [{name: c}]}}',
].join('\n---\n')
const A = { kind: 'Pod', name: 'a' }

const open = (): Lab => Lab.load(OBJECTS, { delays: 'calico' })
const isThere = (lab: Lab): boolean => lab.objects!.pods.some(({ metadata }) => metadata.name === 'a')
const stopped = (): Lab => open().occur({ kind: 'agent', agent: 'kubelet', node: 'node1', action: 'stop' })
/** Seconds until the pod is gone. */
const ends = (lab: Lab): number => {
  for (let waited = 0; waited <= 60; waited++) {
    if (!isThere(lab)) return waited
    lab.wait(1)
  }
  return Number.POSITIVE_INFINITY
}

describe('a pod that is deleted', () => {
  it('ends in the time it says', () => {
    const seconds = ends(open().delete(A))
    expect(seconds).toBeGreaterThanOrEqual(20)
    expect(seconds).toBeLessThan(25)
  })

  it('ends in the time that somebody gives it', () => {
    const seconds = ends(open().delete({ ...A, gracePeriodSeconds: 5 }))
    expect(seconds).toBeGreaterThanOrEqual(5)
    expect(seconds).toBeLessThan(10)
  })

  it('stays where its kubelet does not run, in whatever time', () => {
    expect(ends(stopped().delete({ ...A, gracePeriodSeconds: 5 }))).toBe(Number.POSITIVE_INFINITY)
  })

  it.each([{ force: true }, { gracePeriodSeconds: 0 }, { force: true, gracePeriodSeconds: 0 }])(
    'is gone at once by %o, and its address stays taken where its kubelet does not run',
    (how) => {
      const lab = stopped().delete({ ...A, ...how })
      expect(isThere(lab)).toBe(false)
      expect(lab.sh('node2', 'calicoctl ipam check').stdout).toContain('Found 1 IPs that are allocated in IPAM but not')
    },
  )

  it('goes by force when it was asked to end before', () => {
    const lab = stopped().delete(A).wait(60)
    expect(lab.sh('node2', 'kubectl get pods').stdout).toContain('Terminating')
    expect(isThere(lab.delete({ ...A, force: true }))).toBe(false)
  })

  it('goes by force in an event of a time to come', () => {
    const lab = stopped().at(3_000, { kind: 'delete', objects: [{ ...A, force: true }] })
    expect(isThere(lab.wait(2))).toBe(true)
    expect(isThere(lab.wait(2))).toBe(false)
  })

  it('goes by force in a timeline', () => {
    const lab = open()
    const { events } = lab.timeline(`apiVersion: packetwalk/v1
kind: Timeline
metadata: {name: forced}
spec:
  delays: calico
  until: 10s
  events:
  - {at: 1s, agent: {name: kubelet, node: node1, action: stop}}
  - {at: 2s, delete: [{kind: Pod, name: a, namespace: default, force: true}]}
`)
    expect(events.map(({ title }) => title)).toEqual(['stop kubelet on node1', 'delete Pod default/a by force'])
    expect(isThere(lab)).toBe(false)
  })

  it.each([
    [{ gracePeriodSeconds: -1 }, 'gracePeriodSeconds: expected seconds, 0 and more, received -1'],
    [{ gracePeriodSeconds: '5' }, 'gracePeriodSeconds: expected seconds, 0 and more, received "5"'],
    [{ force: 'yes' }, 'force: expected true or false, received "yes"'],
    [{ force: true, gracePeriodSeconds: 3 }, 'gracePeriodSeconds: expected 0 or nothing with force: true, received 3'],
  ])('is refused %o, and stays', (how, said) => {
    const lab = open()
    expect(() => lab.delete({ ...A, ...(how as object) })).toThrow(InputError)
    expect(() => lab.delete({ ...A, ...(how as object) })).toThrow(said)
    expect(isThere(lab)).toBe(true)
  })
})
