import { describe, expect, it } from 'vitest'
import { SECOND, Simulation } from '../../../src/dataplane/index.ts'
import { Network, type Sysctls } from '../../../src/model/index.ts'
import { ipv4ToNumber, numberToIpv4 } from '../../../src/wire/index.ts'
import { fake, inet, inject, netns, veth, watch, wire } from './lan.ts'

const HOST = '02:00:00:00:00:01'
const ASKER = '02:00:00:00:00:02'
const BROADCAST = 'ff:ff:ff:ff:ff:ff'
const ZERO = '00:00:00:00:00:00'

interface World {
  readonly sysctls?: Sysctls
  /** What the host's routing says of the target, and by which device. */
  readonly route?: { readonly kind: 'local' | 'forward' | 'error'; readonly dev?: 'eth0' | 'eth1' }
  readonly proxy?: string
  /** What the tables say about addresses; absent = UNICAST. */
  readonly types?: Readonly<Record<string, string>>
  readonly refuses?: boolean
}

/** A host with eth0 (10.0.0.1/24) wired to an asker, and eth1 (10.1.0.1/24). Routing is played by the test. */
function build({ sysctls = {}, route = { kind: 'local' }, proxy, types = {}, refuses }: World = {}): Simulation {
  const devs = [
    veth('eth0', HOST, { addresses: [inet('10.0.0.1/24')] }),
    veth('eth1', '02:00:00:00:00:03', { addresses: [inet('10.1.0.1/24')] }),
  ]
  const proxyNeighbours = proxy === undefined ? [] : [{ dst: proxy as never, dev: 'eth0' }]
  const sim = new Simulation(
    new Network({
      namespaces: {
        host: netns('host', devs, { sysctls, proxyNeighbours }),
        asker: netns('asker', [veth('eth0', ASKER, { noarp: true })]),
      },
      wires: [wire('host/eth0', 'asker/eth0')],
    }),
  )
  const out = (): never => sim.netns('host').byName.get(route.dev ?? 'eth0') as never
  fake(sim, {
    ipRouteInput: (skb) => {
      if (refuses) return 'rp_filter'
      skb.dst = { kind: route.kind, dev: out(), broadcast: false, multicast: false } as never
      return null
    },
    ipRouteOutput: () => ({ dev: out() }) as never,
    inetAddrType: (_ns, address) => types[numberToIpv4(address)] ?? 'UNICAST',
    inetSelectAddr: () => ipv4ToNumber('10.0.0.1'),
  })
  return sim
}

function hexOf(ip: string): string {
  return ipv4ToNumber(ip).toString(16).padStart(8, '0')
}

interface Ask {
  readonly to?: string
  readonly op?: number
  readonly sip?: string
  readonly tip?: string
  readonly tha?: string
  readonly sha?: string
}

function arp({ to = BROADCAST, op = 1, sip = '10.0.0.2', tip = '10.0.0.1', tha = ZERO, sha = ASKER }: Ask): string {
  return `${to}${ASKER}0806 0001 0800 06 04 000${op} ${sha}${hexOf(sip)}${tha}${hexOf(tip)}`
}

/** What the host answers, as "mac of the frame: sender ip is-at mac, to ip"; undefined when it keeps quiet. */
function answer(sim: Simulation, ask: Ask): string | undefined {
  const seen = watch(sim)
  inject(sim, 'asker/eth0', arp(ask))
  sim.taps.pop()
  const line = seen.find((one) => one.startsWith('host/eth0 out '))
  return line?.slice('host/eth0 out '.length)
}

function neighbours(sim: Simulation): string[] {
  return sim
    .netns('host')
    .neigh.dump()
    .map(({ dst, lladdr, state }) => `${dst} ${lladdr} ${state}`)
}

const plain = (hex: string): string => hex.replaceAll(/[ :]/g, '')
const REPLY = plain(`${ASKER}${HOST}0806 0001 0800 06 04 0002 ${HOST}0a000001${ASKER}0a000002`)

const conf = (name: string, value: string, dev = 'eth0'): Sysctls => ({ [`net.ipv4.conf.${dev}.${name}`]: value })
const forwarding = conf('forwarding', '1')
const proxied = { ...forwarding, ...conf('proxy_arp', '1'), 'net.ipv4.neigh.eth0.proxy_delay': '0' }

describe('a request', () => {
  it('for an own address is answered to the asker, who becomes a stale neighbour', () => {
    const sim = build()
    expect(answer(sim, {})).toBe(REPLY)
    expect(neighbours(sim)).toEqual([`10.0.0.2 ${ASKER} STALE`])
  })

  const local = { kind: 'local' } as const
  const away = { kind: 'forward', dev: 'eth1' } as const
  const back = { kind: 'forward', dev: 'eth0' } as const
  it.each<[string, World, Ask, boolean]>([
    ['arp_ignore 1, address on the device', { sysctls: conf('arp_ignore', '1') }, {}, true],
    ['arp_ignore 1, address on another device', { sysctls: conf('arp_ignore', '1') }, { tip: '10.1.0.1' }, false],
    ['arp_ignore 0, address on another device', {}, { tip: '10.1.0.1' }, true],
    ['arp_ignore 1 by all', { sysctls: conf('arp_ignore', '1', 'all') }, { tip: '10.1.0.1' }, false],
    ['arp_ignore 2, asker in the subnet', { sysctls: conf('arp_ignore', '2') }, {}, true],
    ['arp_ignore 2, asker elsewhere', { sysctls: conf('arp_ignore', '2') }, { sip: '10.9.0.2' }, false],
    ['arp_ignore 3, global address', { sysctls: conf('arp_ignore', '3') }, { tip: '10.1.0.1' }, true],
    ['arp_ignore 8', { sysctls: conf('arp_ignore', '8') }, {}, false],
    ['arp_filter, way back by the device', { sysctls: conf('arp_filter', '1'), route: local }, {}, true],
    [
      'arp_filter, way back by another',
      { sysctls: conf('arp_filter', '1'), route: { kind: 'local', dev: 'eth1' } },
      {},
      false,
    ],
    ['no route', { route: { kind: 'error' }, sysctls: proxied }, { tip: '10.7.0.1' }, false],
    ['reverse path filter refuses the asker', { refuses: true }, {}, false],
    ['proxy_arp, other device', { route: away, sysctls: proxied }, { tip: '10.7.0.1' }, true],
    ['proxy_arp, same device', { route: back, sysctls: proxied }, { tip: '10.7.0.1' }, false],
    [
      'proxy_arp without forwarding',
      { route: away, sysctls: { ...proxied, ...conf('forwarding', '0') } },
      { tip: '10.7.0.1' },
      false,
    ],
    ['forwarding without proxy_arp', { route: away, sysctls: forwarding }, { tip: '10.7.0.1' }, false],
    ['medium_id -1', { route: away, sysctls: { ...proxied, ...conf('medium_id', '-1') } }, { tip: '10.7.0.1' }, false],
    [
      'one medium_id on both',
      { route: away, sysctls: { ...proxied, ...conf('medium_id', '7'), ...conf('medium_id', '7', 'eth1') } },
      { tip: '10.7.0.1' },
      false,
    ],
    [
      'proxy_arp_pvlan, same device',
      { route: back, sysctls: { ...proxied, ...conf('proxy_arp_pvlan', '1') } },
      { tip: '10.7.0.1' },
      true,
    ],
    [
      'proxy_arp_pvlan, probing itself',
      { route: back, sysctls: { ...proxied, ...conf('proxy_arp_pvlan', '1') } },
      { tip: '10.7.0.1', sip: '10.7.0.1' },
      false,
    ],
    [
      'proxy neighbour',
      { route: away, sysctls: { ...forwarding, 'net.ipv4.neigh.eth0.proxy_delay': '0' }, proxy: '10.7.0.1' },
      { tip: '10.7.0.1' },
      true,
    ],
    ['loopback address', {}, { tip: '127.0.0.1' }, false],
    ['loopback address with route_localnet', { sysctls: conf('route_localnet', '1') }, { tip: '127.0.0.1' }, true],
    ['group address', {}, { tip: '224.0.0.1' }, false],
    ['a frame for somebody else', {}, { to: '02:00:00:00:00:99' }, false],
    ['a frame to us alone', {}, { to: HOST }, true],
    ['operation 3 (RARP)', {}, { op: 3 }, false],
    [
      'announcement with drop_gratuitous_arp',
      { sysctls: conf('drop_gratuitous_arp', '1') },
      { sip: '10.0.0.1' },
      false,
    ],
  ])('%s', (_name, world, ask, expected) => {
    expect(answer(build(world), ask) !== undefined).toBe(expected)
  })

  it('is answered by a proxy after a delay, at once when it came by unicast', () => {
    const world: World = { route: away, sysctls: { ...forwarding, ...conf('proxy_arp', '1') } }
    const sim = build(world)
    const seen = watch(sim)
    const answers = (): number => seen.filter((line) => line.startsWith('host/eth0 out')).length
    expect(answer(sim, { tip: '10.7.0.1' })).toBeUndefined()
    const saved = sim.snapshot()
    sim.run(SECOND)
    expect(answers()).toBe(1)
    sim.restore(saved)
    sim.run(SECOND)
    expect(answers()).toBe(2)
    expect(answer(build(world), { tip: '10.7.0.1', to: HOST })).toBeDefined()
  })
})

describe('a duplicate address probe (sender 0.0.0.0)', () => {
  it('is answered by the owner and teaches nothing', () => {
    const sim = build({ types: { '10.0.0.1': 'LOCAL' } })
    const expected = plain(`${ASKER}${HOST}0806 0001 0800 06 04 0002 ${HOST}0a000001${ASKER}00000000`)
    expect(answer(sim, { sip: '0.0.0.0' })).toBe(expected)
    expect(neighbours(sim)).toEqual([])
  })
  it('is not answered for an address of somebody else', () => {
    expect(answer(build(), { sip: '0.0.0.0', tip: '10.0.0.7' })).toBeUndefined()
  })
})

describe('learning', () => {
  const other = '02:00:00:00:00:77'
  it('takes nothing from an answer nobody asked for', () => {
    const sim = build({ route: { kind: 'error' } })
    answer(sim, { op: 2, to: HOST, tha: HOST })
    expect(neighbours(sim)).toEqual([])
  })

  it.each<[string, Ask, string[]]>([
    ['an announcement', { sip: '10.0.0.9', tip: '10.0.0.9' }, [`10.0.0.9 ${ASKER} STALE`]],
    ['an answer to us', { op: 2, sip: '10.0.0.9', to: HOST, tha: HOST }, [`10.0.0.9 ${ASKER} REACHABLE`]],
    ['a request for another', { sip: '10.0.0.9', tip: '10.0.0.8' }, []],
  ])('with arp_accept takes %s', (_name, ask, expected) => {
    const sim = build({ route: { kind: 'error' }, sysctls: conf('arp_accept', '1') })
    answer(sim, ask)
    expect(neighbours(sim)).toEqual(expected)
  })

  it('keeps a neighbour for locktime (1 s) against another address, then believes it', () => {
    const sim = build()
    answer(sim, {})
    const takeover: Ask = { op: 2, to: HOST, tha: HOST, sha: other }
    sim.run(SECOND / 2)
    answer(sim, takeover)
    expect(neighbours(sim)).toEqual([`10.0.0.2 ${ASKER} STALE`])
    sim.run(2 * SECOND)
    answer(sim, takeover)
    expect(neighbours(sim)).toEqual([`10.0.0.2 ${other} REACHABLE`])
  })

  it('never changes a permanent neighbour', () => {
    const sim = build()
    const permanent = { dst: '10.0.0.2', dev: 'eth0', lladdr: '02:00:00:00:00:aa', state: 'PERMANENT' }
    sim.setNetwork(
      sim.network.edit((draft) => {
        draft.namespaces['host']?.neighbours.push(permanent as never)
      }),
    )
    sim.run(5 * SECOND)
    answer(sim, {})
    expect(neighbours(sim)).toEqual(['10.0.0.2 02:00:00:00:00:aa PERMANENT'])
  })
})

describe('a solicitation', () => {
  /** Sender address of the request that a packet from `source` to 10.0.0.2 causes. */
  function askedFrom(source: string, sysctls: Sysctls, types: Readonly<Record<string, string>>): string {
    const sim = build({ sysctls, types })
    const seen = watch(sim)
    const skb = sim.newSkb(20)
    skb.protocol = 0x0800
    skb.network = skb.data
    skb.bytes.set(Buffer.from(hexOf(source), 'hex'), skb.data + 12)
    sim.stack.neighOutput(skb, sim.netns('host').byName.get('eth0') as never, 'inet', ipv4ToNumber('10.0.0.2'))
    const frame = seen[0]?.split(' ')[2] ?? ''
    expect(frame.slice(0, 12)).toBe('ffffffffffff')
    expect(frame.slice(24, 44)).toBe('08060001080006040001') // a request of IPv4 over Ethernet
    expect(frame.slice(44, 56)).toBe(frame.slice(12, 24))
    expect(frame.slice(64, 84)).toBe(`000000000000${hexOf('10.0.0.2')}`) // whose hardware address nobody knows
    return numberToIpv4(Number.parseInt(frame.slice(56, 64), 16))
  }
  const own = { '10.0.0.1': 'LOCAL', '10.1.0.1': 'LOCAL' }
  it.each<[string, string, Sysctls, string]>([
    ['arp_announce 0: the own source of the packet', '10.1.0.1', {}, '10.1.0.1'],
    ['arp_announce 0: a forwarded packet', '10.5.0.1', {}, '10.0.0.1'],
    ['arp_announce 1: an own source in another subnet', '10.1.0.1', conf('arp_announce', '1'), '10.0.0.1'],
    ['arp_announce 1: an own source in the subnet', '10.0.0.1', conf('arp_announce', '1'), '10.0.0.1'],
    ['arp_announce 2: always the device', '10.1.0.1', conf('arp_announce', '2'), '10.0.0.1'],
  ])('%s', (_name, source, sysctls, expected) => {
    expect(askedFrom(source, sysctls, own)).toBe(expected)
  })
})

// @linux net/ipv4/arp.c arp_solicit: the kernel's unicast probes, then those of a daemon, then everybody is asked
describe('who is asked', () => {
  it.each([
    ['nobody is known: everybody', 3, 0, '0', 'ffffffffffff'],
    ['known: who it was', 0, 0x02_00_00_00_00_99, '0', '020000000099'],
    ['the last unicast probe', 2, 0x02_00_00_00_00_99, '0', '020000000099'],
    ['after them: everybody', 3, 0x02_00_00_00_00_99, '0', 'ffffffffffff'],
    ['a daemon’s turn: nobody', 3, 0, '1', ''],
    ['after its turn: everybody', 4, 0, '1', 'ffffffffffff'],
  ])('%s', (_, probes, lladdr, daemon, to) => {
    const sim = build({ sysctls: { 'net.ipv4.neigh.eth0.app_solicit': daemon } })
    const seen = watch(sim)
    sim.stack.arpSolicit(sim.netns('host').byName.get('eth0') as never, ipv4ToNumber('10.0.0.2'), probes, lladdr, null)
    expect(seen[0]?.split(' ')[2]?.slice(0, 12) ?? '').toBe(to)
  })
})

describe('a malformed packet', () => {
  it.each([
    ['cut short', `${BROADCAST}${ASKER}0806 0001 0800 06 04 0001 ${ASKER}0a0000`, 'arp_malformed'],
    ['hardware addresses of 8 bytes', `${arp({}).replace('06 04', '08 04')}`, 'arp_malformed'],
    ['not Ethernet', `${arp({}).replace('0806 0001', '0806 0007')}`, 'arp_ignored'],
    ['not IPv4', `${arp({}).replace('0800 06', '86dd 06')}`, 'arp_ignored'],
  ])('%s is dropped', (_name, frame, cause) => {
    const sim = build()
    const drops: string[] = []
    sim.onDrop = (why) => drops.push(why)
    inject(sim, 'asker/eth0', frame)
    expect(drops).toEqual([cause])
  })
})
