// What annotations of a pod ask Felix for: other sources than its own addresses, and limits of packets.
import { describe, expect, it, test } from 'vitest'
import { packets } from '../../../src/control/policy/pod-controls.ts'
import { Lab } from '../../../src/lab/index.ts'
import type { Ip } from '../../../src/wire/index.ts'
import { clusterOf, object } from '../policy/objects.ts'

const POD = { netns: 'dev/spoof', dev: 'cali' }

/** A pod with annotations on n1, in a cluster with these settings of Felix. */
function cluster(annotations: Readonly<Record<string, string>>, felix: object = {}, version = 'v3.31.0') {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'spoof', namespace: 'dev', annotations },
    spec: { nodeName: 'n1' },
    status: { podIP: '10.65.0.9' },
  }
  const pool6 = object('IPPool', 'p6', { cidr: 'fd00:10::/64' })
  return clusterOf([pod, pool6, object('FelixConfiguration', 'default', felix)], version)
}

const SOURCES = 'cni.projectcalico.org/allowedSourcePrefixes'
const ANY = { workloadSourceSpoofing: 'Any' }

describe('allowedSourcePrefixes', () => {
  /** Sources that `cali-rpf-skip` of n1 lets through, with the place they come from. */
  const skipped = (text: string, felix: object, family: 'iptables' | 'ip6tables' = 'iptables') => {
    const { network, findings } = cluster({ [SOURCES]: text }, felix)
    const chain = network.namespaces['n1']![family]!.tables['raw']!.chains['cali-rpf-skip']!
    const sources = chain.rules.map(({ matches, target, origin }) => {
      const source = matches.find((one) => one.kind === 'source')
      expect([target?.kind, origin?.object]).toEqual(['ACCEPT', `Pod/${POD.netns}`])
      expect(matches.some((one) => one.kind === 'in-interface' && one.name.startsWith(POD.dev))).toBe(true)
      return source?.kind === 'source' ? source.prefix : 'any'
    })
    const words = findings.notes.filter(({ code }) => code === 'annotation').map(({ what }) => what)
    return { sources, notes: words, warnings: findings.warnings.map(({ expected }) => expected) }
  }

  test.each<[string, string, object, string[], RegExp | undefined]>([
    ['let through where Felix allows it', '["8.8.8.8/32", "1.1.0.9/16"]', ANY, ['8.8.8.8/32', '1.1.0.0/16'], undefined],
    ['an empty list asks nothing', '[]', {}, [], undefined],
    ['an empty text asks nothing', '', {}, [], undefined],
    ['not where nobody allows it', '["8.8.8.8/32"]', {}, [], /workloadSourceSpoofing is not Any/],
    ['nor where it is disabled', '["8.8.8.8/32"]', { workloadSourceSpoofing: 'Disabled' }, [], /is not Any/],
    ['an address without a length cannot be read', '["8.8.8.8"]', ANY, [], /cannot be read/],
    ['nor what is no list', '"8.8.8.8/32"', ANY, [], /cannot be read/],
    ['nor what is no JSON', '8.8.8.8/32', ANY, [], /cannot be read/],
  ])('%s', (_, text, felix, sources, open) => {
    const found = skipped(text, felix)
    expect(found.sources).toEqual(sources)
    expect(found.notes).toEqual(open === undefined ? [] : [expect.stringMatching(open)])
    expect(found.warnings).toHaveLength(open === undefined ? 0 : 1)
  })

  it('each family has its own', () => {
    expect(skipped('["8.8.8.0/24", "2001:db8::/32"]', ANY, 'ip6tables').sources).toEqual(['2001:db8::/32'])
  })

  it.each([
    ['["192.0.2.0/24"]', ANY, true],
    ['["198.51.100.0/24"]', ANY, false],
  ])('a pod that sends under 192.0.2.7 with %s gets through: %#', (text, felix, passes) => {
    const items = [
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'n1' },
        status: { addresses: [{ type: 'InternalIP', address: '10.0.0.11' }] },
      },
      object('IPPool', 'p', { cidr: '10.65.0.0/16' }),
      object('FelixConfiguration', 'default', felix),
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'a', annotations: { [SOURCES]: text } },
        spec: { nodeName: 'n1' },
        status: { podIP: '10.65.0.9' },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'b' },
        spec: { nodeName: 'n1' },
        status: { podIP: '10.65.0.10' },
      },
    ]
    const lab = Lab.load([{ name: 'c.json', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) }])
    lab.sh('default/a', 'ip addr add 192.0.2.7/32 dev eth0')
    const run = lab.ping('default/a', 'default/b', { source: '192.0.2.7' as Ip, count: 1 })
    expect(run.trace.packets.some(({ path }) => path.includes('default/b'))).toBe(passes)
  })
})

describe('limits of packets', () => {
  const rules = (annotations: Record<string, string>, chain: 'tw' | 'fw', version?: string): string[] => {
    const { network } = cluster(annotations, {}, version)
    const { chains } = network.namespaces['n1']!.iptables!.tables['filter']!
    const name = network.namespaces['n1']!.interfaces
    const dev = Object.keys(name).find((one) => chains[`cali-tw-${one}`] !== undefined && isOf(network, one))!
    return chains[`cali-${chain}-${dev}`]!.rules.map(({ matches, target }) =>
      [
        ...matches.flatMap((one) => (one.kind === 'limit' ? [`limit ${one.rate} ${one.burst}`] : [])),
        target?.kind,
      ].join(' '),
    )
  }
  const isOf = (network: ReturnType<typeof cluster>['network'], dev: string): boolean =>
    network.wires.some(({ ends }) => ends[0].dev === dev && ends[1].netns === POD.netns)
  const QOS = 'qos.projectcalico.org/'

  test.each<[string, Record<string, string>, string[], string[]]>([
    [
      'of what comes in',
      { ingressPacketRate: '100' },
      ['MARK', 'limit 100/sec 5 MARK', 'DROP', 'MARK', 'ACCEPT'],
      ['ACCEPT'],
    ],
    [
      'of what goes out, with a burst',
      { egressPacketRate: '1k', egressPacketBurst: '20' },
      ['ACCEPT'],
      ['MARK', 'limit 1000/sec 20 MARK', 'DROP', 'MARK', 'ACCEPT'],
    ],
    ['a burst alone is nothing', { ingressPacketBurst: '20' }, ['ACCEPT'], ['ACCEPT']],
  ])('%s', (_, given, ingress, egress) => {
    const annotations = Object.fromEntries(Object.entries(given).map(([name, value]) => [QOS + name, value]))
    expect(rules(annotations, 'tw').slice(0, ingress.length)).toEqual(ingress)
    expect(rules(annotations, 'fw').slice(0, egress.length)).toEqual(egress)
  })

  it('came with v3.30', () => {
    expect(rules({ [`${QOS}ingressPacketRate`]: '100' }, 'tw', 'v3.29.0')[0]).toBe('ACCEPT')
  })

  test.each([
    ['7', 7],
    ['1k', 1000],
    ['2Ki', 2048],
    ['1500m', 2],
    ['0', 1],
    ['20k', 10_000],
    ['many', undefined],
    ['-1', 1],
    [undefined, undefined],
  ])('%j packets are %j', (text, number) => expect(packets(text)).toBe(number))

  test.each([
    ['ingressBandwidth', 'assumed'],
    ['egressMaxConnections', 'assumed'],
  ])('%s is not rendered: the pod is taken to stay below', (name, effect) => {
    const { notes } = cluster({ [QOS + name]: '10' }).findings
    expect(notes).toContainEqual(
      expect.objectContaining({ code: 'annotation', effect, scope: { kind: 'ends', netns: [POD.netns] } }),
    )
  })

  it('what is no number is told', () => {
    const { warnings } = cluster({ [`${QOS}egressPacketRate`]: 'many' }).findings
    expect(warnings.map(({ expected }) => expected)).toEqual(['a number of packets from 1 to 10k'])
  })
})
