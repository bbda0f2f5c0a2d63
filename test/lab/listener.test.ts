// A program is assumed to listen where a request goes, directly or behind rules that translate its destination, and the answer says so.
import { describe, expect, it, vi } from 'vitest'
import { Simulation } from '../../src/dataplane/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { describeNote } from '../../src/model/index.ts'
import type { Run } from '../../src/shell/index.ts'
import { capturedState, dumpOf } from '../support/dumps.ts'

/** Two nodes with the rules of kube-proxy, dumped. */
const dumped = (): Lab => Lab.fromDumps(dumpOf(capturedState('18-services-ipip'), (role) => role !== 'switch'))
const listeners = (run: Run): string[] => run.notes.filter(({ code }) => code === 'listener').map(describeNote)

const WAYS: readonly [what: string, ask: (lab: Lab) => Run, says: string][] = [
  [
    'a pod itself, TCP',
    (lab) => lab.tcp('pod65a', 'pod129b', 8080),
    'a program listens on pod129b, TCP 8080; --no-server for none',
  ],
  [
    'a pod itself, UDP',
    (lab) => lab.udp('pod65a', 'pod129b', 5353),
    'a program listens on pod129b, UDP 5353; --no-server for none',
  ],
  [
    'a ClusterIP, TCP',
    (lab) => lab.tcp('pod65a', '10.96.0.100', 80),
    'a program listens on pod129b, TCP 8080; --no-server for none',
  ],
  [
    'a ClusterIP, UDP',
    (lab) => lab.udp('pod65a', '10.96.0.103', 53),
    'a program listens on pod129b, UDP 5353, and answers kubernetes.default.svc.cluster.local with "no such name"; --no-server for none',
  ],
  [
    'a ClusterIP, from a node',
    (lab) => lab.tcp('controlplane', '10.96.0.100', 80),
    'a program listens on pod129b, TCP 8080; --no-server for none',
  ],
  [
    'a NodePort',
    (lab) => lab.tcp('pod65a', 'node01', 30080),
    'a program listens on pod129b, TCP 8080; --no-server for none',
  ],
]

describe('a program listens where the request goes', () => {
  it.each(WAYS)('%s', (_what, ask, says) => {
    const run = ask(dumped())
    expect(run.trace.disposition).toMatchObject({ kind: 'answered', by: 'pod129b' })
    expect([run.ok, run.certainty, listeners(run)]).toEqual([true, 'assumed', [says]])
  })

  it.each([
    ['TCP', (lab: Lab) => lab.tcp('pod65a', '10.96.0.100', 80, { server: false })],
    ['UDP', (lab: Lab) => lab.udp('pod65a', '10.96.0.103', 53, { server: false })],
  ])('none with server: false: %s', (_protocol, ask) => {
    const run = ask(dumped())
    expect([run.ok, listeners(run)]).toEqual([false, []])
    expect(run.trace.hops.some((hop) => hop.kind === 'drop' && hop.netns === 'pod129b')).toBe(true)
  })

  it('the second answer is as the first', () => {
    const lab = dumped()
    const first = lab.tcp('pod65a', '10.96.0.100', 80)
    const again = dumped()
    expect(again.tcp('pod65a', '10.96.0.100', 80).trace.hops).toEqual(first.trace.hops)
    expect(lab.tcp('pod65a', '10.96.0.100', 80).ok).toBe(true)
  })

  it('it is asked once: no refusal comes before, and nobody saves a moment', () => {
    const saved = vi.spyOn(Simulation.prototype, 'snapshot')
    const run = dumped().tcp('pod65a', '10.96.0.100', 80)
    expect(run.trace.packets.filter(({ line }) => /Flags \[S\]/.test(line))).toHaveLength(1)
    expect(saved).not.toHaveBeenCalled()
    saved.mockRestore()
  })

  it('also in a lab that does not record', () => {
    const dump = dumpOf(capturedState('18-services-ipip'), (role) => role !== 'switch')
    const lab = Lab.fromDumps(dump, { record: false })
    expect(lab.tcp('pod65a', '10.96.0.100', 80)).toMatchObject({ exitCode: 0, ok: true })
    expect(lab.udp('pod65a', '10.96.0.103', 53, { count: 3 })).toMatchObject({ exitCode: 0, ok: true })
  })

  it('until the answer came: afterwards nobody listens', () => {
    const lab = dumped()
    const ports = (): number => [...lab.simulation.netns('pod129b').sockets.listeners.values()].flat().length
    const before = ports()
    lab.tcp('pod65a', '10.96.0.100', 80)
    lab.wait(600)
    expect([ports(), lab.simulation.onUnclaimed]).toEqual([before, null])
    expect(lab.sh('pod65a', 'ping -c 1 10.96.0.100').exitCode).toBe(1)
  })

  it('a port that rules refuse has no program behind it', () => {
    const run = dumped().tcp('pod65a', '10.96.0.104', 80)
    expect([run.ok, listeners(run)]).toEqual([false, []])
  })
})
