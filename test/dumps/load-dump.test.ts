import { gzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { loadDump } from '../../src/dumps/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { type Cable, describeNote, InputError, segmentsOf } from '../../src/model/index.ts'
import type { Run } from '../../src/shell/index.ts'
import type { Trace } from '../../src/trace/index.ts'
import { encodeUtf8 } from '../../src/wire/index.ts'
import { packTar } from '../../tools/tar.mjs'
import { listScenarios } from '../support/captures.ts'
import { type CapturedState, capturedState, dumpOf } from '../support/dumps.ts'

const isSwitch = (role: string): boolean => role === 'switch'

/** Stations that share an Ethernet, one line each, by the wires of a capture. */
function truth({ namespaces, links, state }: CapturedState): string[] {
  const isBridge = (netns: string, dev: string): boolean => {
    const list = (state[netns]?.['link.json'] ?? []) as { ifname: string; linkinfo?: { info_kind: string } }[]
    return list.find((link) => link.ifname === dev)?.linkinfo?.info_kind === 'bridge'
  }
  const cables = links.filter(([a, b]) => !(a[0] === b[0] && isBridge(...b)))
  const wires = cables.map(
    ([a, b]): Cable => ({
      ends: [
        { netns: a[0], dev: a[1] },
        { netns: b[0], dev: b[1] },
      ],
    }),
  )
  const network = loadDump(dumpOf({ namespaces, links, state }, () => true)).network
  const switches = new Set(namespaces.filter(({ role }) => isSwitch(role)).map(({ name }) => name))
  const named = Object.entries(network.namespaces).filter(([name]) => namespaces.some((ns) => ns.name === name))
  return stations({ namespaces: Object.fromEntries(named), wires }, (name) => switches.has(name))
}

function stations(network: Parameters<typeof segmentsOf>[0], isLeftOut: (netns: string) => boolean): string[] {
  const groups = segmentsOf(network).map((segment) =>
    segment.stations
      .filter((end) => !isLeftOut(end.netns))
      .map((end) => `${end.netns}/${end.dev}`)
      .sort()
      .join(' '),
  )
  return groups.filter((group) => group !== '').sort()
}

describe('dumps of machines are joined', () => {
  it.each(listScenarios())('as they were wired when the switches are not dumped: %s', (name) => {
    const captured = capturedState(name)
    const dump = loadDump(dumpOf(captured, (role) => !isSwitch(role)))
    expect(dump.issues).toEqual([])
    expect(stations(dump.network, (netns) => dump.assumedNamespaces.has(netns))).toEqual(truth(captured))
  })
})

const SCENARIOS = ['01-same-node', '03b-ipip-felix', '04-vxlan', '07c-noencap-router-knows', '08-wireguard'] as const

/** Pods of a capture with their addresses, and the role everybody had. */
function podsOf({ namespaces, state }: CapturedState): { name: string; address: string }[] {
  return namespaces
    .filter(({ role }) => role === 'pod')
    .map(({ name }) => {
      const list = state[name]?.['addr.json'] as { ifname: string; addr_info: { local: string }[] }[]
      return { name, address: list.find((link) => link.ifname === 'eth0')!.addr_info[0]!.local }
    })
}

const FORMS = [
  ['folders of JSON', (files: Map<string, Uint8Array>) => files, 'json'],
  ['folders of plain text', (files: Map<string, Uint8Array>) => files, 'text'],
  ['a tar', (files: Map<string, Uint8Array>) => new Map([['d.tar', new Uint8Array(packTar(files))]]), 'json'],
  ['a tar.gz', (files: Map<string, Uint8Array>) => new Map([['d.tgz', gzipSync(packTar(files))]]), 'text'],
  ['a zip', (files: Map<string, Uint8Array>) => new Map([['d.zip', zipSync(Object.fromEntries(files))]]), 'json'],
] as const

describe.each(SCENARIOS)('pings in a dump of %s go as in the capture', (scenario) => {
  const captured = capturedState(scenario)
  const pods = podsOf(captured)
  const [from, ...others] = pods as [{ name: string; address: string }, ...{ name: string; address: string }[]]

  it.each(FORMS)('nodes and pods as %s', (_name, pack, format) => {
    const dump = loadDump(pack(dumpOf(captured, (role) => !isSwitch(role), format)))
    const lab = Lab.fromNetwork(dump.network)
    for (const { name, address } of others) {
      const { trace } = lab.ping(from.name, address)
      expect(trace.disposition).toMatchObject({ kind: 'answered', by: name })
    }
  })

  it('with the pods assumed, in the same namespaces', () => {
    const whole = Lab.fromNetwork(loadDump(dumpOf(captured, (role) => !isSwitch(role))).network)
    const dump = loadDump(dumpOf(captured, (role) => !isSwitch(role) && role !== 'pod'))
    const lab = Lab.fromNetwork(dump.network)
    for (const { address } of others) {
      const wanted = whole.ping(from.address, address).trace
      const { trace, certainty, notes } = lab.ping(from.address, address)
      expect(trace.disposition).toMatchObject({ kind: 'answered', by: `pod-${address}` })
      expect(pathOf(trace).map((name) => nameOf(name, pods))).toEqual(pathOf(wanted))
      expect(certainty).toBe('assumed')
      expect(notes).toContainEqual(expect.objectContaining({ code: 'dump_assumed', object: `pod-${address}` }))
    }
    for (const { address } of pods)
      expect(dump.assumed.join('\n')).toContain(`a pod with ${address} as Calico sets pods up`)
  })
})

/** The namespaces the request came through, those of switches left out: each has its own names for them. */
function pathOf(trace: Trace): string[] {
  const path = trace.packets.find((packet) => packet.role === 'request')?.path ?? []
  return path.filter((name) => !name.startsWith('switch-'))
}

/** The captured name of an assumed pod. */
function nameOf(name: string, pods: readonly { name: string; address: string }[]): string {
  return pods.find(({ address }) => name === `pod-${address}`)?.name ?? name
}

/** What makes an answer none, a line each. */
function undecided(run: Run): string[] {
  return run.notes.filter(({ effect }) => effect === 'undecided').map(describeNote)
}

describe('what dumps do not say', () => {
  const captured = capturedState('03-ipip')
  const [pod, , farPod] = podsOf(captured)
  const one = dumpOf(captured, (_role, name) => name === 'controlplane')

  it('is listed: who shares an Ethernet, the gateway, the pods', () => {
    const { assumed } = loadDump(one)
    expect(assumed[0]).toMatch(
      /^controlplane\/ens3 is plugged into an Ethernet of \S+ on which no other dumped machine is$/,
    )
    expect(assumed.filter((line) => line.includes('is a pod with'))).toHaveLength(2)
  })

  it('makes a failure no answer: the far node was not dumped', () => {
    const dump = loadDump(one)
    const run = Lab.fromNetwork(dump.network, { notes: dump.notes }).ping(pod!.address, farPod!.address)
    expect(run.trace.ok).toBe(false)
    expect(run.certainty).toBe('undecided')
    expect(undecided(run)).toContain(
      'controlplane: nobody answered on ens3: a machine that was not dumped may be there',
    )
  })

  it('makes a failure no answer: a file that decides is missing', () => {
    const files = new Map([...one].filter(([path]) => !path.endsWith('sysctl.txt')))
    const dump = loadDump(files)
    expect(dump.uncertain).toContain(
      'controlplane: sysctl.txt: kernel defaults are assumed: forwarding off, no proxy ARP, no reverse path filter',
    )
    const lab = Lab.fromNetwork(dump.network, { notes: dump.notes })
    const near = podsOf(captured)[1]!.address
    const run = lab.ping(pod!.address, near)
    expect(run.trace.ok).toBe(false)
    expect(run.certainty).toBe('undecided')
  })

  it('is nothing when what failed was dumped', () => {
    const dump = loadDump(dumpOf(capturedState('14-unreachable'), (role) => !isSwitch(role)))
    const blackhole = Object.values(dump.network.namespaces).flatMap((ns) =>
      ns.routes.filter((route) => route.type === 'unreachable').map((route) => ({ ns: ns.name, dst: route.dst })),
    )[0]!
    const lab = Lab.fromNetwork(dump.network, { notes: dump.notes })
    const run = lab.ping(blackhole.ns, blackhole.dst.split('/')[0]!)
    expect(run.trace.ok).toBe(false)
    expect(undecided(run)).toEqual([])
  })

  it('a cable that may lead anywhere is plugged into nothing', () => {
    const dump = loadDump(
      new Map([
        [
          'n/ip-link.txt',
          encodeUtf8(
            '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n',
          ),
        ],
        ['n/ip-route.txt', encodeUtf8('default dev eth0\n')],
      ]),
    )
    expect(dump.unplugged).toEqual(new Set(['n/eth0']))
    expect(dump.assumed).toEqual(['n/eth0 is plugged into nothing: no dump says where it leads'])
  })

  it('no dump at all is an error that says what one is', () => {
    expect(() => loadDump(new Map([['x/readme.md', encodeUtf8('hello')]]))).toThrow(InputError)
    expect(() => loadDump(new Map())).toThrow('a folder a machine with link.json')
  })
})
