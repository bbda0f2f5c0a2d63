import { describe, expect, it } from 'vitest'
import { RawSock, SECOND, type Simulation } from '../../../src/dataplane/index.ts'
import { keySum } from '../../../src/dataplane/ipv6/pseudo.ts'
import { nudName } from '../../../src/dataplane/kernel/nud.ts'
import { PACKET_HOST, PACKET_MULTICAST } from '../../../src/dataplane/kernel/skb.ts'
import {
  buildNeighborAdvertisement,
  buildNeighborSolicitation,
  checksum,
  keyToIpv6,
  type MacKey,
  neighborMessageLength,
  solicitedNode,
} from '../../../src/wire/index.ts'
import { alone, drops6, host6, icmp6, key, lan6, packet6, sent6 } from './hosts6.ts'

const PEER_MAC = 0x0200_0000_0099 as MacKey
const ME = 'fd00::1'
const PEER = 'fd00::9'

function setup(more: Parameters<typeof host6>[3] = {}) {
  const { sim, ns } = alone(host6('h', { eth0: { addresses: [`${ME}/64`, 'fe80::1/64'] } }, [], more))
  return { sim, ns, out: sent6(sim) }
}

interface Solicitation {
  readonly from: string
  readonly to: string
  readonly target: string
  readonly mac?: boolean
  readonly hopLimit?: number
}

function solicit(s: ReturnType<typeof setup>, { from, to, target, mac = true, hopLimit = 255 }: Solicitation): void {
  const message = new Uint8Array(neighborMessageLength(mac))
  const pseudo = keySum(key(from)) + keySum(key(to)) + 58 + message.length
  buildNeighborSolicitation(message, 0, { target: key(target), pseudo, ...(mac ? { linkLayer: PEER_MAC } : {}) })
  const skb = packet6(s.ns, 'eth0', { from, to, hopLimit }, message)
  skb.pktType = to.startsWith('ff') ? PACKET_MULTICAST : PACKET_HOST
  s.sim.stack.ipv6Rcv(skb)
}

interface Advertisement {
  readonly flags: number
  readonly mac?: number
  readonly to?: string
}

const R = 0x8000_0000
const S = 0x4000_0000
const O = 0x2000_0000

function advertise(s: ReturnType<typeof setup>, { flags, mac, to = ME }: Advertisement): void {
  const message = new Uint8Array(neighborMessageLength(mac !== undefined))
  const pseudo = keySum(key(PEER)) + keySum(key(to)) + 58 + message.length
  const linkLayer = mac === undefined ? {} : { linkLayer: mac as MacKey }
  buildNeighborAdvertisement(message, 0, { target: key(PEER), flags, pseudo, ...linkLayer })
  s.sim.stack.ipv6Rcv(packet6(s.ns, 'eth0', { from: PEER, to, hopLimit: 255 }, message))
}

function neighbours({ ns }: ReturnType<typeof setup>): string[] {
  return ns.neigh
    .dump()
    .filter((n) => n.dst.includes(':'))
    .map((n) => `${n.dst} ${n.lladdr ?? '-'} ${n.state}${n.router ? ' router' : ''}`)
}

const group = (address: string): string => keyToIpv6(solicitedNode(key(address)))

describe('answers to solicitations', () => {
  const table: {
    name: string
    ns: Solicitation
    want: string[]
    learned: string[]
    more?: Parameters<typeof host6>[3]
  }[] = [
    {
      name: 'to the group: with our address, overriding',
      ns: { from: PEER, to: group(ME), target: ME },
      want: [`eth0 ${PEER}: ${ME} > ${PEER} icmp 136.0 60000000 ${ME} hop 255 len 72`],
      learned: [`${PEER} 02:00:00:00:00:99 STALE`],
    },
    {
      name: 'to us alone: short, not overriding',
      ns: { from: PEER, to: ME, target: ME },
      want: [`eth0 ${PEER}: ${ME} > ${PEER} icmp 136.0 40000000 ${ME} hop 255 len 64`],
      learned: [`${PEER} 02:00:00:00:00:99 STALE`],
    },
    {
      name: 'a router says so',
      ns: { from: PEER, to: group(ME), target: ME },
      more: { router: true },
      want: [`eth0 ${PEER}: ${ME} > ${PEER} icmp 136.0 e0000000 ${ME} hop 255 len 72`],
      learned: [`${PEER} 02:00:00:00:00:99 STALE`],
    },
    {
      name: 'a duplicate address check is answered to all nodes, and nothing is learned',
      ns: { from: '::', to: group(ME), target: ME, mac: false },
      want: [`eth0 ff02::1: ${ME} > ff02::1 icmp 136.0 20000000 ${ME} hop 255 len 72`],
      learned: [],
    },
    { name: 'a check with a hardware address', ns: { from: '::', to: group(ME), target: ME }, want: [], learned: [] },
    { name: 'somebody else’s address', ns: { from: PEER, to: 'ff02::1', target: 'fd00::7' }, want: [], learned: [] },
    { name: 'for a group', ns: { from: PEER, to: ME, target: 'ff02::1' }, want: [], learned: [] },
    {
      name: 'a duplicate address check that came to one host',
      ns: { from: '::', to: ME, target: ME, mac: false },
      want: [],
      learned: [],
    },
    {
      name: 'to the group, without an address: who asked is looked for first',
      ns: { from: PEER, to: group(ME), target: ME, mac: false },
      want: [],
      learned: [],
    },
    {
      name: 'to us alone, without an address',
      ns: { from: PEER, to: ME, target: ME, mac: false },
      want: [`eth0 ${PEER}: ${ME} > ${PEER} icmp 136.0 40000000 ${ME} hop 255 len 64`],
      learned: [],
    },
    {
      name: 'forwarded on the way',
      ns: { from: PEER, to: group(ME), target: ME, hopLimit: 254 },
      want: [],
      learned: [],
    },
    {
      name: 'a proxy entry answers after a delay',
      ns: { from: PEER, to: 'ff02::1', target: 'fd00::7' },
      more: {
        router: true,
        proxyNeighbours: [{ dst: 'fd00::7' as never, dev: 'eth0' }],
        sysctls: { 'net.ipv6.conf.eth0.proxy_ndp': '1' },
      },
      want: [`eth0 ${PEER}: ${ME} > ${PEER} icmp 136.0 40000000 fd00::7 hop 255 len 72`],
      learned: [`${PEER} 02:00:00:00:00:99 STALE`],
    },
    {
      name: 'a proxy entry without proxy_ndp',
      ns: { from: PEER, to: 'ff02::1', target: 'fd00::7' },
      more: { router: true, proxyNeighbours: [{ dst: 'fd00::7' as never, dev: 'eth0' }] },
      want: [],
      learned: [],
    },
    {
      name: 'an anycast address of a router',
      ns: { from: PEER, to: group('fd00::'), target: 'fd00::' },
      more: { router: true },
      want: [`eth0 ${PEER}: ${ME} > ${PEER} icmp 136.0 c0000000 fd00:: hop 255 len 72`],
      learned: [`${PEER} 02:00:00:00:00:99 STALE`],
    },
  ]
  it.each([
    ['at once without a delay', '0', 1],
    ['later with one', '1', 0],
  ])('a proxy entry answers %s', (_, proxyDelay, atOnce) => {
    const s = setup({
      router: true,
      proxyNeighbours: [{ dst: 'fd00::7' as never, dev: 'eth0' }],
      sysctls: { 'net.ipv6.conf.eth0.proxy_ndp': '1', 'net.ipv6.neigh.eth0.proxy_delay': proxyDelay },
    })
    solicit(s, { from: PEER, to: 'ff02::1', target: 'fd00::7' })
    expect(s.out).toHaveLength(atOnce)
    s.sim.run(SECOND)
    expect(s.out).toHaveLength(1)
  })

  it.each(table)('$name', ({ ns, more, want, learned }) => {
    const s = setup(more)
    solicit(s, ns)
    s.sim.run(2 * SECOND)
    expect(s.out).toEqual(want)
    expect(neighbours(s)).toEqual(learned)
  })
})

describe('advertisements', () => {
  const OTHER = 0x0200_0000_0055
  const table: { name: string; state: string; na: Advertisement; want: string[] }[] = [
    {
      name: 'an answer makes it reachable',
      state: 'INCOMPLETE',
      na: { flags: S | O, mac: PEER_MAC },
      want: ['02:00:00:00:00:99 REACHABLE'],
    },
    { name: 'unasked: stale', state: 'INCOMPLETE', na: { flags: O, mac: PEER_MAC }, want: ['02:00:00:00:00:99 STALE'] },
    {
      name: 'a router',
      state: 'INCOMPLETE',
      na: { flags: R | S | O, mac: PEER_MAC },
      want: ['02:00:00:00:00:99 REACHABLE router'],
    },
    { name: 'without an address', state: 'INCOMPLETE', na: { flags: S | O }, want: ['- INCOMPLETE'] },
    {
      name: 'without an address, of a known one',
      state: 'STALE',
      na: { flags: S },
      want: ['02:00:00:00:00:99 REACHABLE'],
    },
    {
      name: 'another address, overriding',
      state: 'REACHABLE',
      na: { flags: O, mac: OTHER },
      want: ['02:00:00:00:00:55 STALE'],
    },
    {
      name: 'another address, not overriding, makes it suspect',
      state: 'REACHABLE',
      na: { flags: S, mac: OTHER },
      want: ['02:00:00:00:00:99 STALE'],
    },
    {
      name: 'another address, not overriding, of a stale one',
      state: 'STALE',
      na: { flags: S, mac: OTHER },
      want: ['02:00:00:00:00:99 STALE'],
    },
    {
      name: 'to all nodes but solicited',
      state: 'STALE',
      na: { flags: S | O, mac: OTHER, to: 'ff02::1' },
      want: ['02:00:00:00:00:99 STALE'],
    },
    {
      name: 'to all nodes',
      state: 'STALE',
      na: { flags: O, mac: OTHER, to: 'ff02::1' },
      want: ['02:00:00:00:00:55 STALE'],
    },
    { name: 'of one that failed', state: 'FAILED', na: { flags: S | O, mac: PEER_MAC }, want: ['- FAILED'] },
    { name: 'of nobody we asked', state: '', na: { flags: S | O, mac: PEER_MAC }, want: [] },
  ]
  it.each(table)('$name', ({ state, na, want }) => {
    const s = setup()
    if (state !== '') {
      const entry = s.ns.neigh.lookupOrCreate(s.ns.byName.get('eth0') as never, 'inet6', key(PEER))
      const bits = { INCOMPLETE: 1, REACHABLE: 2, STALE: 4, FAILED: 32 } as const
      entry.state = bits[state as keyof typeof bits]
      expect(nudName(entry.state)).toBe(state)
      if (entry.state === 2 || entry.state === 4) entry.lladdr = PEER_MAC
    }
    advertise(s, na)
    expect(neighbours(s)).toEqual(want.map((text) => `${PEER} ${text}`))
  })
})

// @linux net/ipv6/ndisc.c ndisc_rcv, ndisc_parse_options
describe('a message', () => {
  const ALL_NODES = 'ff02::1'
  function deliver(
    bytes: readonly number[],
    to = group(ME),
    from = PEER,
    code = 0,
  ): { lost: string[]; learned: string[] } {
    const s = setup()
    const lost = drops6(s.sim)
    const body = Uint8Array.from(bytes.slice(8))
    const message = icmp6(from, to, bytes[0] as number, 0, body)
    message[1] = code
    message.fill(0, 2, 4)
    const sum = checksum(message, 0, message.length, keySum(key(from)) + keySum(key(to)) + 58 + message.length)
    message.set([sum >> 8, sum & 255], 2)
    const skb = packet6(s.ns, 'eth0', { from, to, hopLimit: 255 }, message)
    skb.pktType = to.startsWith('ff') ? PACKET_MULTICAST : PACKET_HOST
    s.sim.stack.ipv6Rcv(skb)
    return { lost, learned: neighbours(s) }
  }
  const target = [0xfd, 0, ...new Array(13).fill(0), 1]
  const option = [1, 1, 2, 0, 0, 0, 0, 0x99]
  const LEARNED = [`${PEER} 02:00:00:00:00:99 STALE`]
  it.each<[string, number[], string[], number?]>([
    ['with one option', [135, 0, 0, 0, 0, 0, 0, 0, ...target, ...option], LEARNED],
    [
      'with an unknown option before it',
      [135, 0, 0, 0, 0, 0, 0, 0, ...target, 200, 1, 0, 0, 0, 0, 0, 0, ...option],
      LEARNED,
    ],
    ['with an option of length 0', [135, 0, 0, 0, 0, 0, 0, 0, ...target, 1, 0, 2, 0, 0, 0, 0, 0x99], []],
    ['with an option longer than the message', [135, 0, 0, 0, 0, 0, 0, 0, ...target, 1, 2, 2, 0, 0, 0, 0, 0x99], []],
    ['with half an option', [135, 0, 0, 0, 0, 0, 0, 0, ...target, 1], []],
    ['without a whole target', [135, 0, 0, 0, 0, 0, 0, 0, ...target.slice(1)], []],
    ['of another code', [135, 0, 0, 0, 0, 0, 0, 0, ...target, ...option], [], 1],
  ])('%s is believed, or passed over without a word', (_, bytes, learned, code = 0) => {
    expect(deliver(bytes, group(ME), PEER, code)).toEqual({ lost: [], learned })
  })

  it.each([
    ['a router learns who looks for routers', true, 'fe80::9', 1],
    ['not who has no address yet', true, '::', 0],
    ['a host does not', false, 'fe80::9', 0],
  ])('%s', (_, router, from, learned) => {
    const s = setup({ router })
    const to = router ? 'ff02::2' : ALL_NODES
    const message = icmp6(from, to, 133, 0, Uint8Array.of(...(from === '::' ? [] : option)))
    const skb = packet6(s.ns, 'eth0', { from, to, hopLimit: 255 }, message)
    skb.pktType = PACKET_MULTICAST
    s.sim.stack.ipv6Rcv(skb)
    expect(neighbours(s)).toHaveLength(learned)
  })
})

describe('solicitations', () => {
  function ping(sim: Simulation, from: string, to: string): void {
    const sock = new RawSock(sim.netns(from), 'inet6', 58)
    sock.sendTo(icmp6('::', to, 128, 0x0001_0001), key(to))
  }
  it('come from the sender of the packet if the address is the device’s, and go to the group; three, then none', () => {
    const sim = lan6(
      [host6('a', { eth0: { addresses: ['fd00::1/64', 'fe80::a/64'] } }), host6('b', { eth0: { addresses: [] } })],
      ['a/eth0 b/eth0'],
    )
    const frames: string[] = []
    sim.taps.push((dev, way, bytes, start, end) => {
      if (way === 'out')
        frames.push(
          `${dev.ns.name} ${Buffer.from(bytes.subarray(start + 22, end))
            .toString('hex')
            .slice(0, 64)}`,
        )
    })
    ping(sim, 'a', 'fd00::2')
    sim.run(10 * SECOND)
    const one = `a fd000000000000000000000000000001ff0200000000000000000001ff000002`
    expect(frames.filter((f) => f.startsWith('a fd'))).toHaveLength(4)
    expect(frames.slice(0, 3)).toEqual([one, one, one])
    expect(neighbours({ ns: sim.netns('a') } as never)).toEqual(['fd00::2 - FAILED'])
  })
  it('of a forwarded packet come from the link-local address', () => {
    const s = setup({ router: true })
    const skb = packet6(s.ns, 'eth0', { from: 'fd00:5::5', to: 'fd00::9' }, icmp6('fd00:5::5', 'fd00::9', 128))
    s.sim.stack.ndiscSolicit(s.ns.byName.get('eth0') as never, key('fd00::9'), 3, 0, skb)
    expect(s.out).toEqual(['eth0 ff02::1:ff00:9: fe80::1 > ff02::1:ff00:9 icmp 135.0 0 fd00::9 hop 255 len 72'])
  })
  it('go to the address itself while unicast probes are left', () => {
    const s = setup()
    s.sim.stack.ndiscSolicit(s.ns.byName.get('eth0') as never, key('fd00::9'), 0, PEER_MAC, null)
    expect(s.out).toEqual(['eth0 fd00::9: fe80::1 > fd00::9 icmp 135.0 0 fd00::9 hop 255 len 72'])
  })
  it('a host asks after a router that nobody heard of for a minute, before the packet does', () => {
    const { sim, ns } = alone(
      host6('h', { eth0: { addresses: ['fd00::1/64', 'fe80::1/64'] } }, ['default via fe80::99 dev eth0']),
    )
    const out = sent6(sim)
    const flow = { daddr: key('2001:db8::1'), saddr: '', tclass: 0, mark: 0, oif: null, proto: 58, sport: 0, dport: 0 }
    sim.stack.ip6RouteOutput(ns, flow)
    expect(out).toEqual([])
    sim.run(61 * SECOND)
    sim.stack.ip6RouteOutput(ns, flow)
    sim.stack.ip6RouteOutput(ns, flow)
    expect(out).toEqual(['eth0 ff02::1:ff00:99: fe80::1 > ff02::1:ff00:99 icmp 135.0 0 fe80::99 hop 255 len 72'])
  })
})
