// Every misconception is proved wrong by a run: what is asserted here is read from the trace and the lab, not from its own words.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { InputText } from '../../src/input/index.ts'
import type { Lab } from '../../src/lab/index.ts'
import { exercise, type Misconception, misconception, misconceptions, scenes } from '../../src/teach/index.ts'
import { decisionsOf, type HopKind, hopsOf, isDenial, type Trace } from '../../src/trace/index.ts'
import { ROOT } from '../support/source-files.ts'

const SEEDS = [1, 2, 3]

interface Proof {
  readonly trace: Trace
  readonly ok: boolean
  readonly lab: Lab
  readonly from: string
  readonly to: string
  readonly files: readonly InputText[]
}

/** How often something happened on the way of the packets of a role. */
function count(trace: Trace, kind: HopKind, role: 'request' | 'reply' = 'request'): number {
  const ids = new Set(trace.packets.filter((one) => one.role === role).map(({ id }) => id))
  return hopsOf(trace, kind).filter(({ packet }) => ids.has(packet)).length
}

const tunnels = (trace: Trace): string[] => [...new Set(hopsOf(trace, 'encap').map(({ tunnel }) => tunnel))]
const drop = (trace: Trace): string | undefined => hopsOf(trace, 'drop').find(({ harmless }) => !harmless)?.cause
const denials = (trace: Trace): number => decisionsOf(trace).filter(isDenial).length
const owners = (lab: Lab, address: string): number =>
  Object.values(lab.network.namespaces)
    .flatMap(({ interfaces }) => Object.values(interfaces))
    .filter(({ addresses }) => addresses.some(({ local }) => local === address)).length
/** Source, destination and protocol of the first frame of a machine that is no ARP, as tcpdump prints it. */
const wire = (trace: Trace, node: string | undefined): string =>
  hopsOf(trace, 'tx', node).find(({ dev, line }) => dev === 'eth0' && !line.startsWith('ARP'))?.line ?? ''
const firstNode = (trace: Trace): string | undefined => hopsOf(trace, 'forward')[0]?.netns
const routes = (lab: Lab, node: string | undefined): string => lab.sh(node ?? '', 'ip route').stdout

/** What is seen of each, the same for every seed. */
const PROOFS: Readonly<Record<string, readonly [see: (proof: Proof) => unknown, seen: unknown]>> = {
  'gateway-exists': [
    ({ trace, lab, ok }) => [
      ok,
      owners(lab, '169.254.1.1'),
      hopsOf(trace, 'arp').find(({ target }) => target === '169.254.1.1')?.verdict,
    ],
    [true, 0, expect.stringContaining('proxy')],
  ],
  'equal-macs': [
    ({ trace, lab, ok }) => {
      const macs = Object.values(lab.network.namespaces[firstNode(trace) ?? '']?.interfaces ?? {})
        .filter(({ name }) => name.startsWith('cali'))
        .map(({ mac }) => mac)
      return [ok, macs]
    },
    [true, ['ee:ee:ee:ee:ee:ee', 'ee:ee:ee:ee:ee:ee']],
  ],
  'bridge-between-pods': [({ trace, ok }) => [ok, count(trace, 'bridge'), count(trace, 'forward')], [true, 0, 1]],
  'zero-and-255': [
    ({ lab, ok, from, to }) => [ok, [from, to].map((end) => String(lab.endpoint(end).address).split('.')[3])],
    [true, ['0', '255']],
  ],
  'ping-proves-mtu': [
    ({ trace, lab, ok, from, to }) => [ok, drop(trace), lab.ping(from, to).exitCode],
    [false, 'veth_frame_too_long', 0],
  ],
  'bgp-established': [
    ({ trace, lab, ok }) => [
      ok,
      /BGP .*Established/.test(lab.sh(firstNode(trace) ?? '', 'birdc show protocols').stdout),
      trace.disposition.kind === 'dropped' ? trace.disposition.netns : '',
    ],
    [false, true, 'switch-lan'],
  ],
  'ipip-port': [
    ({ trace, ok, lab }) => {
      const [a, b] = (lab.cluster?.nodes ?? []).map(({ name }) => name) as [string, string]
      return [
        ok,
        tunnels(trace),
        drop(trace),
        lab.tcp(`node/${a}`, `node/${b}`, 4).ok,
        lab.udp(`node/${a}`, `node/${b}`, 4).ok,
      ]
    },
    [false, ['ipip'], 'netfilter_drop', true, true],
  ],
  'pod-cidr': [({ lab, to, ok }) => [ok, String(lab.endpoint(to).address).startsWith('10.244.')], [true, false]],
  'cross-subnet-all': [
    ({ trace, ok, lab, from, to }) => [
      ok,
      tunnels(trace),
      wire(trace, firstNode(trace)).startsWith(`IP ${lab.endpoint(from).address} > ${lab.endpoint(to).address}: ICMP`),
    ],
    [true, [], true],
  ],
  'blackhole-route': [
    ({ trace, ok, lab }) => [ok, /^blackhole .*\/26/m.test(routes(lab, hopsOf(trace, 'forward')[1]?.netns))],
    [true, true],
  ],
  asymmetric: [({ trace, ok }) => [ok, count(trace, 'encap'), count(trace, 'encap', 'reply')], [true, 1, 0]],
  'clusterip-ping': [
    ({ trace, ok, lab, from, to }) => [
      ok,
      hopsOf(trace, 'nat').filter(({ side }) => side === 'destination').length,
      lab.tcp(from, to, 80).ok,
    ],
    [false, 0, true],
  ],
  'service-proxy': [
    ({ trace, ok, lab }) => [
      ok,
      lab.agentState('kube-proxy', firstNode(trace)),
      hopsOf(trace, 'nat').some(({ side }) => side === 'destination'),
    ],
    [true, 'stopped', true],
  ],
  'nat-outgoing-always': [
    ({ trace, ok, lab, from }) => [
      ok,
      hopsOf(trace, 'nat').length,
      trace.disposition.kind === 'dropped' ? [trace.disposition.role, trace.disposition.netns] : [],
      wire(trace, firstNode(trace)).startsWith(`IP ${lab.endpoint(from).address} > `),
    ],
    [false, 0, ['reply', 'router'], true],
  ],
  'deny-all-dns': [
    ({ trace, ok, lab, from }) => {
      const server = lab.pods.find((name) => name.startsWith('default/') && name !== from) ?? ''
      return [ok, denials(trace), lab.ping(from, server).ok]
    },
    [false, 1, true],
  ],
  'policy-order': [({ trace, ok }) => [ok, denials(trace)], [true, 0]],
  'and-or': [
    ({ trace, ok, from, files }) => {
      const meant = /- podSelector: \{matchLabels: \{app: (\w+)/.exec(files.map(({ text }) => text).join('\n'))?.[1]
      return [ok, denials(trace), from.endsWith(`/${meant}`), from.startsWith('default/')]
    },
    [true, 0, false, false],
  ],
  'ping-denied': [
    ({ trace, ok, lab, from, to }) => [ok, denials(trace), lab.tcp(from, to, 5432).ok, lab.tcp(from, to, 5433).ok],
    [false, 1, true, false],
  ],
  'nodeport-client': [
    ({ trace, ok, lab, from }) => {
      const nat = hopsOf(trace, 'nat').find(({ side }) => side === 'source')
      const isClient = nat?.from.startsWith(`${lab.endpoint(from).address}:`)
      return [ok, isClient, nat?.to.startsWith(`${lab.endpoint(from).address}:`), denials(trace) > 0]
    },
    [false, true, false, true],
  ],
  'host-network': [
    ({ trace, ok }) => {
      const by = trace.disposition.kind === 'answered' ? trace.disposition.by : ''
      return [ok, denials(trace), trace.nodes.find(({ name }) => name === by)?.role]
    },
    [true, 0, 'node'],
  ],
  'new-deny': [
    ({ trace, ok, lab, to }) => {
      const held = lab.sh(
        lab.cluster?.workloadEndpoints.find(({ netns }) => netns === lab.endpoint(to).netns)?.node ?? '',
        'conntrack -L',
      ).stdout
      const syns = hopsOf(trace, 'drop').filter(({ cause }) => cause === 'netfilter_drop').length
      const taken = hopsOf(trace, 'deliver', lab.endpoint(to).netns).filter(({ protocol }) => protocol === 6).length
      return [ok, syns > 0, taken > 0, held.includes('ESTABLISHED')]
    },
    [false, true, true, true],
  ],
  'pool-mode-change': [({ trace, ok }) => [ok, tunnels(trace)], [true, ['vxlan']]],
  'block-size': [
    ({ trace, ok, lab }) => [ok, (routes(lab, firstNode(trace)).match(/\/30 via/g)?.length ?? 0) > 1],
    [true, true],
  ],
  'pool-deleted': [
    ({ trace, ok, lab, to }) => [
      ok,
      owners(lab, /inet ([\d.]+)/.exec(lab.sh(to, 'ip -4 addr show dev eth0').stdout)?.[1] ?? ''),
      hopsOf(trace, 'route', firstNode(trace))[1]?.route?.startsWith('default'),
    ],
    [false, 1, true],
  ],
}

const proofOf = ({ scene: { run, lab, from, to, files } }: Misconception): Proof => {
  const { trace, ok } = run()
  return { trace, ok, lab, from, to, files }
}

describe('misconceptions', () => {
  it('are 24, each proved', () => {
    expect(misconceptions.map(({ name }) => name).sort()).toEqual(Object.keys(PROOFS).sort())
    expect(misconceptions).toHaveLength(24)
  })

  it('have names of their own', () => {
    const names = [...misconceptions, ...scenes].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(misconceptions.flatMap(({ name }) => SEEDS.map((seed) => [name, seed] as const)))(
    '%s, seed %i',
    (name, seed) => {
      const [see, seen] = PROOFS[name] as (typeof PROOFS)[string]
      expect(see(proofOf(misconception(name, seed)))).toEqual(seen)
    },
  )

  it.each(misconceptions.map(({ name, truth }) => [name, truth]))('%s is told in two sentences', (_, truth) => {
    expect(truth.match(/[.:!?](?= |$)/g)?.length).toBeGreaterThanOrEqual(2)
    expect(truth.split(/[.!?](?= [A-Z(]|$)/).filter((one) => one.trim() !== '')).toHaveLength(2)
  })
})

describe('the exercise of a misconception', () => {
  it.each(misconceptions.map(({ name }) => name))('%s: the truth passes, the belief fails', (name) => {
    const { belief, predict } = misconception(name, 'Ada')
    const asked = exercise(name, 'Ada')
    const right = asked.solve()
    expect(asked.check(right).passed).toBe(true)
    const believed = asked.check({ ...right, [belief.blank]: belief.answer() })
    expect(believed).toMatchObject({ passed: false, right: asked.blanks.length - 1, remarks: [] })
    expect(predict().answer(belief.predicts).judge().right).toBe(false)
  })

  const asks = misconceptions.map(({ name }) => {
    const { belief } = misconception(name)
    const { blanks } = exercise(name, 1)
    return { all: blanks.map((one) => one.asks), telling: blanks.find((one) => one.name === belief.blank)?.asks }
  })

  it('is one of its own: no two ask the same, and what tells the belief from the truth is asked nowhere else', () => {
    expect(new Set(asks.map(({ all }) => all.join())).size).toBe(misconceptions.length)
    const everywhere = asks.flatMap(({ all }) => all)
    expect(asks.filter(({ telling }) => everywhere.filter((one) => one === telling).length !== 1)).toEqual([])
  })
})

describe('the source of a misconception', () => {
  it.each(misconceptions.map(({ name, source }) => [name, source]))('%s can be looked up: %s', (_, source) => {
    const failures = readFileSync(`${ROOT}docs/failures.md`, 'utf8')
    const codes = source.match(/\bF\d\d\b/g) ?? []
    expect(codes.filter((code) => !failures.includes(`| ${code} |`))).toEqual([])
    const paths = [...source.matchAll(/(?:(Calico|Kubernetes) |, )`([^`]+)`/g)].map(([, , path = '']) => path)
    expect(paths.filter((path) => !/^[a-z-]+(?:\/[\w.-]+)+$/.test(path))).toEqual([])
    expect(codes.length + paths.length).toBeGreaterThan(0)
    // A reader of the repository has what is cited: no sheet that stands elsewhere.
    expect(source).not.toMatch(/(?<![\w/-])[a-z-]+\.md\b/)
    for (const [, file = '', heading = ''] of source.matchAll(/docs\/(\S+\.md) “(.+?)”/g))
      expect(readFileSync(`${ROOT}docs/${file}`, 'utf8')).toContain(`## ${heading}`)
    expect(source.match(/RFC \d+\b(?! (section [\d.]+|“))/g)).toBeNull()
  })
})

describe('a misconception', () => {
  const one = misconception('clusterip-ping', 'Ada')

  it('is predicted before it is seen, and judged by a run', () => {
    const prediction = one.predict().answer('it is answered')
    expect(prediction.judge()).toMatchObject({ right: false, truth: 'it is not' })
    expect(one.predict().given).toBeUndefined()
  })

  it('asks without telling', () => {
    const text = one.toMarkdown()
    expect(text).toContain('> A Service that works answers a ping to its ClusterIP.')
    expect(text).toContain('```yaml')
    expect(text).not.toContain(one.scene.truth)
    expect(text).not.toContain(one.truth)
  })

  it('refuses a name that there is not', () => {
    expect(() => misconception('clusterip-pin')).toThrow(/did you mean "clusterip-ping"/)
  })
})
