import { describe, expect, it } from 'vitest'
import {
  type CaptureInput,
  type CaptureReport,
  captureMarkdown,
  captureText,
  explainCapture,
} from '../../src/captured/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { InputError } from '../../src/model/index.ts'
import { renderPcapng } from '../../src/render/index.ts'
import type { Run } from '../../src/shell/index.ts'
import { readPcapng, writePcapng } from '../../src/wire/index.ts'
import { IPIP, objectsOf, type Situation, VXLAN } from '../payload/clusters.ts'

const DENY = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed}
spec: {podSelector: {matchLabels: {app: b}}, policyTypes: [Ingress]}
`

const labOf = (situation: Situation, more = ''): Lab => Lab.load(objectsOf(situation) + more)

/** What a device saw of a run, with some packets left out, and without its name. */
function captureAt({ trace }: Run, at: `${string}/${string}`, keep: (i: number) => boolean = () => true): CaptureInput {
  const file = readPcapng(renderPcapng(trace, { at }))
  const bare = writePcapng({
    interfaces: file.interfaces.map(({ linkType }) => ({ linkType })),
    packets: file.packets.filter((_, i) => keep(i)).map(({ timestamp, bytes }) => ({ interface: 0, timestamp, bytes })),
  })
  return { name: `${at.replace('/', '_')}.pcapng`, bytes: bare }
}

const whats = ({ sources: [source] }: CaptureReport): string[] => source!.packets.map(({ what }) => what)

describe('packets', () => {
  it('have names, inside of their tunnels', () => {
    const run = labOf({ pool: VXLAN }).ping('default/a', 'default/b')
    const report = explainCapture(labOf({ pool: VXLAN }), [captureAt(run, 'n1/eth0')])
    expect(whats(report)).toContain('echo request 0 default/a → default/b in VXLAN node/n1 → node/n2')
    const echo = report.sources[0]!.packets.find(({ what }) => what.startsWith('echo request'))!
    expect(echo).toMatchObject({
      from: { name: 'default/a', kind: 'pod' },
      to: { name: 'default/b', kind: 'pod' },
      tunnels: [{ carrier: 'vxlan', from: { name: 'node/n1' }, to: { name: 'node/n2' } }],
      explained: 'expected',
    })
  })

  it('of a Service are recognised before and after translation', () => {
    const run = labOf({ pool: IPIP }).tcp('default/a', 'svc/default/web', 80)
    const both = [captureAt(run, 'default/a/eth0'), captureAt(run, 'n1/tunl0')]
    const { sources, flows } = explainCapture(labOf({ pool: IPIP }), both)
    expect(flows.map(({ client, server }) => `${client.name} → ${server.name}`)).toEqual([
      'default/a → svc/default/web',
    ])
    const [before, after] = sources.map(({ packets }) => packets.find(({ what }) => what.startsWith('TCP SYN')))
    expect(before).toMatchObject({ what: 'TCP SYN default/a → svc/default/web', flow: 0 })
    expect(after).toMatchObject({
      what: 'TCP SYN default/a → default/b',
      flow: 0,
      nat: expect.stringContaining('svc/default/web 10.96.0.10:80 before translation'),
    })
    expect(sources.flatMap(({ missing }) => missing)).toEqual([])
  })

  it('of ICMP errors say what they are about, and are no missing answer', () => {
    const situation: Situation = { pool: IPIP, felix: '{ipipMTU: 1500}' }
    const run = labOf(situation).ping('default/a', 'default/b', { size: 1460, pmtudisc: 'do' })
    const report = explainCapture(labOf(situation), [captureAt(run, 'default/a/eth0')])
    expect(whats(report).join('\n')).toContain('ICMP error (packet too big, 1480 bytes fit) about')
    expect(report.sources[0]?.missing).toEqual([])
    expect(report.sources[0]?.remarks.map(({ what }) => what).join()).toContain(
      'no answer comes, but the ICMP error of packet',
    )
  })

  it('that are sent again, and connections that are refused, get a word', () => {
    const lab = labOf({ pool: IPIP }, DENY)
    const run = lab.tcp('default/a', 'default/b', 80)
    const { sources } = explainCapture(labOf({ pool: IPIP }, DENY), [captureAt(run, 'default/a/eth0')])
    expect(sources[0]?.remarks.map(({ what }) => what)).toContainEqual(
      expect.stringContaining('sent again: first as packet'),
    )
    const refused = labOf({ pool: IPIP }).tcp('default/a', 'default/b', 81, { server: false })
    const other = explainCapture(labOf({ pool: IPIP }), [captureAt(refused, 'default/a/eth0')])
    expect(other.sources[0]?.remarks.map(({ what }) => what)).toContainEqual(
      expect.stringContaining('the connection is refused'),
    )
  })
})

describe('what is missing', () => {
  const isReply = (i: number): boolean => i % 2 === 1

  it('is an answer that never came, and where to look next', () => {
    const run = labOf({ pool: IPIP }).ping('default/a', 'default/b')
    const [source] = explainCapture(labOf({ pool: IPIP }), [captureAt(run, 'n1/tunl0', (i) => !isReply(i))]).sources
    expect(source?.missing).toEqual([
      {
        flow: 0,
        what: 'echo reply 0',
        after: 1,
        basis: 'prediction',
        means: expect.stringContaining('the request leaves n1/tunl0 and no answer comes'),
      },
    ])
  })

  it('is explained by the prediction where a policy denies it', () => {
    const run = labOf({ pool: IPIP }, DENY).ping('default/a', 'default/b')
    const [source] = explainCapture(labOf({ pool: IPIP }, DENY), [captureAt(run, 'n1/tunl0')]).sources
    expect(source?.missing[0]).toMatchObject({
      what: 'echo reply 0',
      means: expect.stringContaining('it is not expected at'),
    })
    expect(source?.missing[0]?.means).toContain('closed')
  })

  it('is found between captures of several places', () => {
    const run = labOf({ pool: IPIP }).ping('default/a', 'default/b', { count: 3 })
    const near = captureAt(run, 'n1/eth0')
    // The second request never arrives.
    const isSecond = (i: number): boolean => i === 4 || i === 5
    const far = captureAt(run, 'n2/eth0', (i) => !isSecond(i))
    const at = [
      { ...near, at: 'n1/eth0' },
      { ...far, at: 'n2/eth0' },
    ]
    const { disappeared, sources } = explainCapture(labOf({ pool: IPIP }), at)
    expect(sources.map(({ placeBy }) => placeBy)).toEqual(['said', 'said'])
    const lost = disappeared.find(({ way }) => way === 'request')
    expect(lost).toMatchObject({ flow: 0, from: 0, to: 1 })
    expect(lost?.packets).toHaveLength(1)
    expect(lost?.between.map(({ netns }) => netns)).toContain('switch-here')
  })
})

describe('the place', () => {
  it('is as said, or refused when there is no such', () => {
    const run = labOf({ pool: IPIP }).ping('default/a', 'default/b')
    const capture = captureAt(run, 'n1/tunl0')
    const [source] = explainCapture(labOf({ pool: IPIP }), [{ ...capture, at: 'n2/tunl0' }]).sources
    expect(source).toMatchObject({ place: { netns: 'n2', dev: 'tunl0' }, placeBy: 'said', alternatives: [] })
    expect(() => explainCapture(labOf({ pool: IPIP }), [{ ...capture, at: 'n2/eth7' }])).toThrow(InputError)
    expect(() => explainCapture(labOf({ pool: IPIP }), [{ ...capture, at: 'n7/eth0' }])).toThrow(InputError)
  })

  it('is nowhere for packets of another network, which are said to be unexplained', () => {
    const run = labOf({ pool: IPIP }).ping('default/a', 'default/b')
    const other = Lab.load(objectsOf({ pool: IPIP }).replaceAll('10.0.1.', '10.9.1.').replaceAll('10.65.', '10.66.'))
    const [source] = explainCapture(other, [captureAt(run, 'n1/tunl0')]).sources
    expect(source?.place).toBeUndefined()
    expect(source?.packets.map(({ explained }) => explained)).toEqual(['unknown', 'unknown'])
  })
})

describe('a report', () => {
  const run = labOf({ pool: IPIP }).ping('default/a', 'default/b')
  const report = explainCapture(labOf({ pool: IPIP }), [captureAt(run, 'n1/eth0')])

  it('is plain data, the same each time, and leaves the lab as it was', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    const lab = labOf({ pool: IPIP })
    const before = JSON.stringify(lab.network)
    const again = [0, 1].map(() => explainCapture(lab, [captureAt(run, 'n1/eth0')]))
    expect(again[0]).toEqual(again[1])
    expect(JSON.stringify(lab.network)).toBe(before)
  })

  it('says what each prediction is worth', () => {
    expect(report.flows[0]).toMatchObject({ ok: true, confidence: { kind: 'objects', of: [] } })
    const text = captureText(report)
    expect(text).toContain('(derived from objects)')
    expect(text).toContain('taken at n1/eth0 (computed; equally good), or as well')
  })

  it('prints as many packets as asked for', () => {
    expect(captureText(report, { limit: 1 })).toContain('more packets (--limit)')
    expect(captureMarkdown(report, 1)).toContain('more packets.')
    const rows = captureMarkdown(report)
      .split('\n')
      .filter((line) => line.startsWith('| '))
    expect(rows).toHaveLength(report.sources[0]!.packets.length + 2)
  })

  it('says how many conversations were not simulated', () => {
    const pings = ['default/b', 'default/a2'].map((to) => labOf({ pool: IPIP }).ping('default/a', to))
    const captures = pings.map((one) => captureAt(one, 'default/a/eth0'))
    expect(explainCapture(labOf({ pool: IPIP }), captures, { flows: 1 }).unsimulated).toBe(1)
  })

  it('needs a lab that records', () => {
    expect(() => explainCapture(Lab.load(objectsOf({}), { record: false }), [])).toThrow(InputError)
  })
})
