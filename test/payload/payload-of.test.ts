import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { type Confidence, InputError } from '../../src/model/index.ts'
import {
  type News,
  type PayloadReport,
  type PayloadWay,
  payloadMarkdown,
  payloadOf,
  payloadText,
} from '../../src/payload/index.ts'
import { IPIP, objectsOf, type Situation, VXLAN } from './clusters.ts'

const labOf = (situation: Situation): Lab => Lab.load(objectsOf(situation))

/** Reports are asked for once. */
const reports = new Map<string, PayloadReport>()

function reportOf(situation: Situation, ends: { from?: string; to?: string } = {}): PayloadReport {
  const key = JSON.stringify([situation, ends])
  const report = reports.get(key) ?? payloadOf(labOf(situation), ends)
  reports.set(key, report)
  return report
}

function wayBetween(situation: Situation, from = 'default/a', to = 'default/b'): PayloadWay {
  const { classes } = reportOf(situation, { from, to })
  expect(classes).toHaveLength(1)
  return classes[0]!.there
}

/** IPIP between two subnets, of which the second is narrower. */
const FAR: Situation = { pool: IPIP, far: 1400 }
/** The same, where ICMP to the first node is lost. */
const DEAF: Situation = { ...FAR, filters: '[{protocol: icmp, destination: 10.0.1.0/24}]' }

describe('where policy denies one protocol', () => {
  const denying = (protocol: string): PayloadReport => {
    const policy = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: no-${protocol.toLowerCase()}, namespace: default}
spec:
  selector: all()
  types: [Ingress]
  ingress: [{action: Deny, protocol: ${protocol}}, {action: Allow}]`
    return payloadOf(Lab.load(`${objectsOf({ pool: IPIP })}\n---\n${policy}`), { from: 'default/a', to: 'default/b' })
  }

  it.each([
    ['ICMP', 'ping'],
    ['UDP', 'udp'],
    ['TCP', 'tcp'],
  ] as const)('%s, each is judged for itself, and the policy is named', (protocol, field) => {
    const report = denying(protocol)
    const { there } = report.classes[0]!
    const blocked = (['ping', 'udp', 'tcp'] as const).filter((one) => there[one]?.blocked !== undefined)
    expect({ blocked, verdict: there.verdict, packet: there.packet }).toEqual({
      blocked: [field],
      verdict: 'fits',
      packet: 1480,
    })
    const words = new RegExp(
      `${field === 'ping' ? 'ping' : protocol}[^.]* blocked: .*default/no-${protocol.toLowerCase()}`,
      's',
    )
    expect(payloadText(report)).toMatch(words)
    expect(payloadMarkdown(report)).toMatch(words)
  })
})

describe('between pods of two nodes', () => {
  type Row = readonly [string, Situation, packet: number, PayloadWay['verdict'], cut: string, News['kind']]
  const ROWS: readonly Row[] = [
    ['pods fit IPIP', { pool: IPIP }, 1480, 'fits', 'default/a eth0', 'own'],
    ['pods fit VXLAN', { pool: VXLAN }, 1450, 'fits', 'default/a eth0', 'own'],
    ['nothing is taken off without a tunnel', {}, 1500, 'fits', 'default/a eth0', 'own'],
    [
      'tunl0 has more than its card carries',
      { pool: IPIP, felix: '{ipipMTU: 1500}' },
      1480,
      'told',
      'n1 tunl0',
      'told',
    ],
    ['a segment on the way is narrower', FAR, 1380, 'told', 'r eth1', 'told'],
    ['it is, and ICMP is filtered', DEAF, 1380, 'black_hole', 'r eth1', 'lost'],
    ['a switch is narrower than the cards', { narrow: 1400 }, 1404, 'black_hole', 'switch-here port1', 'silent'],
  ]
  it.each(ROWS)('%s', (_name, situation, packet, verdict, place, news) => {
    const { cut, ...way } = wayBetween(situation)
    expect({
      packet: way.packet,
      verdict: way.verdict,
      place: `${cut?.netns} ${cut?.dev}`,
      news: cut?.news.kind,
    }).toEqual({ packet, verdict, place, news })
    expect(way.ping?.whole).toBe(packet - 28)
    expect(way.udp?.whole).toBe(packet - 28)
  })

  it('says where the news is lost, and how many packets are lost until it comes', () => {
    expect(wayBetween(DEAF).cut?.news).toMatchObject({ kind: 'lost', netns: 'switch-here', cause: 'netfilter_drop' })
    // The first error teaches n1’s tunnel, the second the pod.
    expect(wayBetween(FAR).cut?.news).toEqual({ kind: 'told', after: 2, mtu: 1380 })
  })

  it('sends without DF what does not fit, in fragments, and says where it is cut', () => {
    const { ping } = wayBetween(FAR)
    expect(ping?.fragmented).toBe(65_507)
    expect(ping?.fragments?.map(({ netns, dev, mtu }) => `${netns} ${dev} ${mtu}`)).toContain('r eth1 1400')
    // Fragments of a narrow switch’s senders are as long as their cards take.
    expect(wayBetween({ narrow: 1400 }).ping?.fragmented).toBe(1376)
  })

  it('tells the MSS of both sides, and the segments that pass', () => {
    expect(wayBetween(FAR).tcp).toEqual({
      announcedBySender: 1440,
      announcedByReceiver: 1340,
      largest: 1328,
      completes: true,
    })
    expect(wayBetween({ narrow: 1400 }).tcp?.completes).toBe(false)
  })

  it('sees that the two ways differ', () => {
    const [pair] = reportOf(FAR, { from: 'default/a', to: 'default/b' }).classes
    expect(pair?.isAsymmetric).toBe(true)
    expect(pair?.back).toMatchObject({ verdict: 'fits', packet: 1380, from: 'default/b', to: 'default/a' })
  })
})

describe('what an answer rests on', () => {
  const ROWS: readonly (readonly [string, Situation, Confidence['kind'], string])[] = [
    ['the Underlay', { pool: IPIP }, 'objects', 'the Underlay says so of segment here'],
    ['Ethernet’s default', { pool: IPIP, bare: true }, 'assumed', 'Ethernet’s default of 1500'],
    ['Felix’ configuration', { pool: IPIP, felix: '{ipipMTU: 1300}' }, 'objects', 'ipipMTU of Felix’ configuration'],
  ]
  it.each(ROWS)('is %s', (_name, situation, basis, why) => {
    const way = wayBetween(situation, 'default/a', 'default/a2')
    expect(way.confidence.kind).toBe(basis)
    expect(way.cut?.source).toMatchObject({ confidence: { kind: basis }, why: expect.stringContaining(why) })
  })

  it('is each said once at the end', () => {
    const { rests } = reportOf({ pool: IPIP, bare: true }, { from: 'default/a', to: 'default/b' })
    expect(new Set(rests.map(({ what }) => what)).size).toBe(rests.length)
    const usual = rests.find(({ what }) => what.startsWith('MTU 1500: Ethernet’s default'))
    expect(usual).toMatchObject({ ways: 2, at: expect.arrayContaining(['n1 eth0', 'n2 eth0']) })
  })

  it('is a change by hand', () => {
    const lab = labOf({ pool: IPIP })
    lab.sh('n1', 'ip link set eth0 mtu 1300')
    const [pair] = payloadOf(lab, { from: 'default/a', to: 'default/b' }).classes
    expect(pair?.there).toMatchObject({ packet: 1280, cut: { netns: 'n1', dev: 'tunl0' } })
  })
})

describe('the classes of a cluster', () => {
  it('are one for each sort of pairs here, and the worst verdict is that of all', () => {
    const { classes, verdict, untried } = reportOf({ pool: IPIP })
    expect(classes.map(({ kind, members }) => [kind, members])).toEqual([
      ['pods of one node', [3, 3]],
      ['pods of two nodes', [3, 3]],
      ['pod and its own node', [3, 2]],
      ['pod and another node', [3, 2]],
      ['two nodes', [2, 2]],
      ['pod and Service', [3, 1]],
      ['pod and outside', [3, 1]],
    ])
    expect(verdict).toBe('fits')
    expect(untried).toBe(0)
    expect(reportOf(DEAF, { from: 'default/a', to: 'default/b' }).verdict).toBe('black_hole')
  })

  it('are no more than asked for', () => {
    const { classes, untried } = payloadOf(labOf({}), { limit: 2 })
    expect([classes.length, untried]).toEqual([2, 5])
  })

  it('hold pods whose MTU was left behind apart', () => {
    const lab = labOf({ pool: IPIP })
    lab.sh('default/a2', 'ip link set eth0 mtu 1200')
    const [alike, ...others] = payloadOf(lab, { limit: 2 }).classes
    expect(alike).toMatchObject({ kind: 'pods of one node', there: { packet: 1204, verdict: 'black_hole' } })
    expect(alike?.there.cut).toMatchObject({
      netns: 'default/a2',
      dev: 'eth0',
      source: { why: 'changed by hand from 1480' },
    })
    expect(alike?.back).toMatchObject({ packet: 1200, verdict: 'fits' })
    expect(others.map(({ kind }) => kind)).toEqual(['pods of two nodes'])
  })

  it('leave the lab as it was, and give the same again', () => {
    const lab = labOf({ pool: VXLAN })
    const before = JSON.stringify(lab.network)
    const ask = (): PayloadReport => payloadOf(lab, { from: 'default/a' })
    const first = ask()
    expect(JSON.stringify(lab.network)).toBe(before)
    expect(ask()).toEqual(first)
    expect(JSON.parse(JSON.stringify(first))).toEqual(first)
  })

  it('need a lab that records, and names that are there', () => {
    const silent = Lab.load(objectsOf({}), { record: false })
    expect(() => payloadOf(silent)).toThrow(InputError)
    expect(() => payloadOf(labOf({}), { from: 'default/nobody' })).toThrow(InputError)
    expect(() => payloadOf(labOf({}), { from: '192.0.2.1' })).toThrow(InputError)
  })
})

describe('for people', () => {
  it('is a table of 100 columns', () => {
    const text = payloadText(reportOf(DEAF, { from: 'default/a', to: 'default/b' }))
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
    expect(text).toContain('default/a → default/b                             1380   1352   1352   1328  BLACK HOLE')
    expect(text).toContain('ICMP\n      does not reach the sender')
  })

  it('is a table of Markdown, a row a way', () => {
    const report = reportOf({ pool: IPIP })
    const rows = payloadMarkdown(report)
      .split('\n')
      .filter((line) => line.startsWith('| '))
    const ways = report.classes.flatMap(({ there, back }) => (back === undefined ? [there] : [there, back]))
    expect(rows).toHaveLength(ways.length + 2)
  })
})
