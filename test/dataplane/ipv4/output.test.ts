import { describe, expect, it } from 'vitest'
import { type NetNs, SECOND, UdpSock } from '../../../src/dataplane/index.ts'
import { ipSelectIdent } from '../../../src/dataplane/ipv4/output.ts'
import type { Dst } from '../../../src/dataplane/kernel/dst.ts'
import { type Flow4, type IpSend, NO_PACKET } from '../../../src/dataplane/kernel/stack.ts'
import type { Address } from '../../../src/model/index.ts'
import { Ipv4View } from '../../../src/wire/index.ts'
import { type DeviceSpec, host, hostSim, ip, sent, text } from './hosts.ts'

const flow = (to: string, more: Partial<Flow4> = {}): Flow4 => ({
  daddr: ip(to),
  saddr: 0,
  tos: 0,
  mark: 0,
  oif: null,
  iif: null,
  proto: 17,
  sport: 0,
  dport: 0,
  anySource: false,
  packet: NO_PACKET,
  ...more,
})

/** Device, gateway, source; or the error. */
function answer(ns: NetNs, asked: Flow4): string {
  const rt = ns.sim.stack.ipRouteOutput(ns, asked)
  if (typeof rt === 'string') return rt
  return `${rt.kind} ${rt.dev.name} ${rt.gateway === null ? '-' : text(rt.gateway as number)} from ${text(rt.src as number)}`
}

const DEVICES: Readonly<Record<string, DeviceSpec>> = {
  eth0: { addresses: ['10.0.0.1/24', '10.0.5.1/24'] },
  eth1: { addresses: ['10.1.0.1/24'] },
  cali0: {},
}

describe('where an own packet goes, and from which address', () => {
  const routes = [
    'default via 10.1.0.2 dev eth1',
    '192.168.0.5 dev cali0',
    '192.0.2.0/24 via 10.0.5.9 dev eth0',
    '198.51.100.0/24 dev eth0 src 10.1.0.1',
  ]
  it.each([
    { name: 'connected', to: '10.0.0.7', want: 'output eth0 - from 10.0.0.1' },
    { name: 'second subnet', to: '10.0.5.7', want: 'output eth0 - from 10.0.5.1' },
    { name: 'the address in the subnet of the gateway', to: '192.0.2.1', want: 'output eth0 10.0.5.9 from 10.0.5.1' },
    { name: 'preferred source', to: '198.51.100.1', want: 'output eth0 - from 10.1.0.1' },
    {
      name: 'a device without address borrows the first of the first device',
      to: '192.168.0.5',
      want: 'output cali0 - from 10.0.0.1',
    },
    { name: 'itself', to: '10.1.0.1', want: 'local lo - from 10.1.0.1' },
    { name: 'loopback net', to: '127.1.2.3', want: 'local lo - from 127.0.0.1' },
    { name: '0.0.0.0 is itself', to: '0.0.0.0', want: 'local lo - from 127.0.0.1' },
    { name: 'subnet broadcast', to: '10.0.0.255', want: 'broadcast eth0 - from 10.0.0.1' },
    {
      name: 'multicast goes by the default route, not to its gateway',
      to: '239.1.1.1',
      want: 'multicast eth1 - from 10.1.0.1',
    },
    { name: 'elsewhere', to: '8.8.8.8', want: 'output eth1 10.1.0.2 from 10.1.0.1' },
  ])('$name', ({ to, want }) => {
    const { ns } = hostSim(host('h', DEVICES, routes))
    expect(answer(ns, flow(to))).toBe(want)
    expect(answer(ns, flow(to)), 'again, from the cache').toBe(want)
  })

  it('a source that is none of ours is refused, unless any may be', () => {
    const { ns } = hostSim(host('h', DEVICES, routes))
    expect(answer(ns, flow('8.8.8.8', { saddr: ip('9.9.9.9') }))).toBe('ENETUNREACH')
    expect(answer(ns, flow('8.8.8.8', { saddr: ip('9.9.9.9'), anySource: true }))).toBe(
      'output eth1 10.1.0.2 from 9.9.9.9',
    )
    expect(answer(ns, flow('8.8.8.8', { saddr: ip('224.0.0.9') }))).toBe('EINVAL')
  })
  // @linux net/ipv4/route.c ip_route_output_key_hash_rcu
  it.each<[string, string, { from?: string; oif?: string; proto?: number }, string]>([
    [
      'all, from an address: by the device that has it',
      '255.255.255.255',
      { from: '10.1.0.1' },
      'broadcast eth1 - from 10.1.0.1',
    ],
    ['a group, from an address', '239.1.1.1', { from: '10.0.0.1' }, 'multicast eth0 - from 10.0.0.1'],
    ['all, from an address of nobody', '255.255.255.255', { from: '9.9.9.9' }, 'ENETUNREACH'],
    ['anybody, from a broadcast', '8.8.8.8', { from: '255.255.255.255' }, 'EINVAL'],
    ['a group of the link, by a device', '224.0.0.5', { oif: 'eth0' }, 'multicast eth0 - from 10.0.0.1'],
    ['a group of more than the link, by a device', '239.1.1.1', { oif: 'eth0' }, 'multicast eth0 - from 10.0.0.1'],
    [
      'a host, by IGMP and a device: there, whatever the tables say',
      '8.8.8.8',
      { oif: 'eth1', proto: 2 },
      'output eth1 - from 10.1.0.1',
    ],
    ['a host, by a device: by its route there', '8.8.8.8', { oif: 'eth1' }, 'output eth1 10.1.0.2 from 10.1.0.1'],
    [
      'a host, from an address and by a device',
      '8.8.8.8',
      { oif: 'eth1', from: '10.0.0.1' },
      'output eth1 10.1.0.2 from 10.0.0.1',
    ],
    ['0.0.0.0, by a device: its address', '0.0.0.0', { oif: 'eth1' }, 'local lo - from 10.1.0.1'],
    ['0.0.0.0, from an address: that', '0.0.0.0', { from: '10.1.0.1' }, 'local lo - from 10.1.0.1'],
    ['itself, from another of its addresses', '10.1.0.1', { from: '10.0.0.1' }, 'local lo - from 10.0.0.1'],
  ])('to %s', (_, to, { from, oif, proto = 17 }, want) => {
    const { ns } = hostSim(host('h', DEVICES, routes))
    const asked = {
      saddr: from === undefined ? 0 : ip(from),
      oif: oif === undefined ? null : ns.byName.get(oif)!,
      proto,
    }
    expect(answer(ns, flow(to, asked))).toBe(want)
  })

  it.each([
    ['0', 'EINVAL'],
    ['1', 'output eth1 10.1.0.2 from 127.0.0.1'],
  ])('loopback as source does not leave the host with route_localnet %s: %s', (value, want) => {
    const sysctls = { 'net.ipv4.conf.eth1.route_localnet': value }
    const { ns } = hostSim(host('h', DEVICES, routes, { sysctls }))
    expect(answer(ns, flow('8.8.8.8', { saddr: ip('127.0.0.1') }))).toBe(want)
  })
  it('who names a device may reach anybody there', () => {
    const { ns } = hostSim(host('h', DEVICES))
    expect(answer(ns, flow('8.8.8.8'))).toBe('ENETUNREACH')
    expect(answer(ns, flow('8.8.8.8', { oif: ns.byName.get('eth1')! }))).toBe('output eth1 - from 10.1.0.1')
    expect(answer(ns, flow('255.255.255.255', { oif: ns.byName.get('eth1')! }))).toBe('broadcast eth1 - from 10.1.0.1')
  })
  it('a device that is down: network unreachable', () => {
    const { ns } = hostSim(host('h', { ...DEVICES, eth1: { addresses: ['10.1.0.1/24'], down: true } }))
    expect(answer(ns, flow('8.8.8.8', { oif: ns.byName.get('eth1')! }))).toBe('ENETUNREACH')
  })
})

describe('source by scope', () => {
  const withScopes = (scopes: readonly (readonly [string, Address['scope']])[]) => {
    const model = host('h', { eth0: {}, eth1: { addresses: ['10.1.0.1/24'] } })
    const addresses = scopes.map(([address, scope]): Address => {
      const [local, length] = address.split('/')
      return { family: 'inet', local: local as Address['local'], prefixlen: Number(length), scope }
    })
    const eth0 = { ...model.interfaces['eth0']!, addresses }
    return hostSim({ ...model, interfaces: { ...model.interfaces, eth0 } }).ns
  }
  it.each([
    {
      name: 'a host address is not shown to the world',
      scopes: [
        ['10.9.0.1/32', 'host'],
        ['10.8.0.1/24', 'global'],
      ] as const,
      scope: 0,
      want: '10.8.0.1',
    },
    { name: 'nor one of the link', scopes: [['169.254.7.1/16', 'link']] as const, scope: 0, want: '10.1.0.1' },
    { name: 'on the link it will do', scopes: [['169.254.7.1/16', 'link']] as const, scope: 253, want: '169.254.7.1' },
  ])('$name', ({ scopes, scope, want }) => {
    const ns = withScopes(scopes)
    expect(text(ns.sim.stack.inetSelectAddr(ns.byName.get('eth0')!, 0, scope))).toBe(want)
  })
})

describe('what was learned', () => {
  const make = () => hostSim(host('h', DEVICES, ['default via 10.1.0.2 dev eth1'])).ns
  const mtu = (ns: NetNs, to: string): number => (ns.sim.stack.ipRouteOutput(ns, flow(to)) as Dst).mtu
  it('a path MTU holds for one destination and ends', () => {
    const ns = make()
    ns.sim.stack.ipUpdatePmtu(ns, flow('8.8.8.8'), 1400)
    expect([mtu(ns, '8.8.8.8'), mtu(ns, '8.8.4.4')]).toEqual([1400, 1500])
    expect(ns.cache4.dump()).toMatchObject([{ dst: '8.8.8.8', via: '10.1.0.2', dev: 'eth1', mtu: 1400, expires: 600 }])
    ns.sim.run(601 * SECOND)
    expect(mtu(ns, '8.8.8.8')).toBe(1500)
    expect(ns.cache4.dump()).toEqual([])
  })
  it('a larger one is not believed', () => {
    const ns = make()
    ns.sim.stack.ipUpdatePmtu(ns, flow('8.8.8.8'), 1400)
    ns.sim.stack.ipUpdatePmtu(ns, flow('8.8.8.8'), 1450)
    expect(mtu(ns, '8.8.8.8')).toBe(1400)
  })
  it('below min_pmtu the minimum is locked: packets are cut, DF or not', () => {
    const ns = make()
    ns.sim.stack.ipUpdatePmtu(ns, flow('8.8.8.8'), 300)
    const rt = ns.sim.stack.ipRouteOutput(ns, flow('8.8.8.8')) as Dst
    expect([rt.mtu, rt.mtuLocked]).toEqual([552, true])
  })
  it('forwarding does not heed it, unless told to', () => {
    const ns = make()
    ns.sim.stack.ipUpdatePmtu(ns, flow('8.8.8.8'), 1400)
    const rt = ns.sim.stack.ipRouteOutput(ns, flow('8.8.8.8')) as Dst
    expect([rt.mtu, rt.forwardMtu]).toEqual([1400, 1500])
  })
  it('flushing forgets', () => {
    const ns = make()
    ns.sim.stack.ipUpdatePmtu(ns, flow('8.8.8.8'), 1400)
    ns.cache4.flush()
    expect(mtu(ns, '8.8.8.8')).toBe(1500)
  })
  it('is listed once it was used: path MTUs, those below the least as locked, and redirects', () => {
    const ns = make()
    const eth1 = ns.byName.get('eth1')!
    ns.sim.stack.ipUpdatePmtu(ns, flow('8.8.8.8'), 1400)
    ns.sim.stack.ipUpdatePmtu(ns, flow('8.8.1.1'), 300)
    ns.neigh.update(ns.neigh.lookupOrCreate(eth1, 'inet', ip('10.1.0.3')), 0x02_00_00_00_00_99, 2, 1)
    ns.sim.stack.ipRedirect(ns, flow('8.8.4.4'), ip('10.1.0.3'), ip('10.1.0.2'), eth1)
    expect(ns.cache4.dump()).toEqual([])
    ns.sim.run(10 * SECOND)
    for (const to of ['8.8.8.8', '8.8.1.1', '8.8.4.4']) mtu(ns, to)
    expect(ns.cache4.dump()).toEqual([
      { family: 'inet', dst: '8.8.8.8', via: '10.1.0.2', dev: 'eth1', mtu: 1400, expires: 590 },
      { family: 'inet', dst: '8.8.1.1', via: '10.1.0.2', dev: 'eth1', mtu: 552, mtuLock: true, expires: 590 },
      { family: 'inet', dst: '8.8.4.4', via: '10.1.0.3', dev: 'eth1', expires: 290, redirected: true },
    ])
    ns.sim.run(301 * SECOND)
    expect(ns.cache4.dump().map(({ dst }) => dst)).toEqual(['8.8.8.8', '8.8.1.1'])
    expect(answer(ns, flow('8.8.4.4'))).toBe('output eth1 10.1.0.2 from 10.1.0.1')
  })
  it('of two things about one destination neither drives out the other', () => {
    const ns = make()
    const eth1 = ns.byName.get('eth1')!
    ns.neigh.update(ns.neigh.lookupOrCreate(eth1, 'inet', ip('10.1.0.3')), 0x02_00_00_00_00_99, 2, 1)
    ns.sim.stack.ipRedirect(ns, flow('8.8.8.8'), ip('10.1.0.3'), ip('10.1.0.2'), eth1)
    ns.sim.stack.ipUpdatePmtu(ns, flow('8.8.8.8'), 1400)
    expect([mtu(ns, '8.8.8.8'), answer(ns, flow('8.8.8.8'))]).toEqual([1400, 'output eth1 10.1.0.3 from 10.1.0.1'])
  })
  it('snapshots keep it', () => {
    const ns = make()
    ns.sim.stack.ipUpdatePmtu(ns, flow('8.8.8.8'), 1400)
    const saved = ns.sim.snapshot()
    ns.cache4.flush()
    ns.sim.restore(saved)
    expect(mtu(ns, '8.8.8.8')).toBe(1400)
  })
  it('a redirect from the gateway in use to a known neighbour is followed', () => {
    const ns = make()
    const eth1 = ns.byName.get('eth1')!
    const redirect = (): void => ns.sim.stack.ipRedirect(ns, flow('8.8.8.8'), ip('10.1.0.3'), ip('10.1.0.2'), eth1)
    redirect()
    expect(answer(ns, flow('8.8.8.8')), 'the neighbour is not known yet').toBe('output eth1 10.1.0.2 from 10.1.0.1')
    const neigh = ns.neigh.lookupOrCreate(eth1, 'inet', ip('10.1.0.3'))
    ns.neigh.update(neigh, 0x02_00_00_00_00_99, 2, 1)
    redirect()
    expect(answer(ns, flow('8.8.8.8'))).toBe('output eth1 10.1.0.3 from 10.1.0.1')
    expect(answer(ns, flow('8.8.4.4'))).toBe('output eth1 10.1.0.2 from 10.1.0.1')
  })
  it('a redirect from somebody else is not', () => {
    const ns = make()
    const eth1 = ns.byName.get('eth1')!
    ns.neigh.update(ns.neigh.lookupOrCreate(eth1, 'inet', ip('10.1.0.3')), 0x02_00_00_00_00_99, 2, 1)
    ns.sim.stack.ipRedirect(ns, flow('8.8.8.8'), ip('10.1.0.3'), ip('10.1.0.77'), eth1)
    expect(answer(ns, flow('8.8.8.8'))).toBe('output eth1 10.1.0.2 from 10.1.0.1')
  })
})

describe('gateways that do not answer', () => {
  const REACHABLE = 2
  const FAILED = 0x20
  const state = (ns: NetNs, dev: string, address: string, value: number): void => {
    const neigh = ns.neigh.lookupOrCreate(ns.byName.get(dev)!, 'inet', ip(address))
    neigh.state = value
  }
  const two = ['default via 10.0.0.2 dev eth0', 'default via 10.1.0.2 dev eth1']
  it('of two equal default routes the living one is taken', () => {
    const { ns } = hostSim(host('h', DEVICES, two))
    expect(answer(ns, flow('8.8.8.8'))).toBe('output eth0 10.0.0.2 from 10.0.0.1')
    state(ns, 'eth0', '10.0.0.2', FAILED)
    state(ns, 'eth1', '10.1.0.2', REACHABLE)
    expect(answer(ns, flow('8.8.8.8'))).toBe('output eth1 10.1.0.2 from 10.1.0.1')
    state(ns, 'eth0', '10.0.0.2', REACHABLE)
    expect(answer(ns, flow('8.8.8.8'))).toBe('output eth0 10.0.0.2 from 10.0.0.1')
  })
  it('one of a higher metric does not stand in', () => {
    const { ns } = hostSim(host('h', DEVICES, [two[0]!, `${two[1]} metric 9`]))
    state(ns, 'eth0', '10.0.0.2', FAILED)
    state(ns, 'eth1', '10.1.0.2', REACHABLE)
    expect(answer(ns, flow('8.8.8.8'))).toBe('output eth0 10.0.0.2 from 10.0.0.1')
  })
  it('of several next hops they count only when asked to', () => {
    const hops = ['default nexthop via 10.0.0.2 dev eth0 nexthop via 10.1.0.2 dev eth1']
    const taken = (sysctls: Readonly<Record<string, string>>): Set<string> => {
      const { ns } = hostSim(host('h', DEVICES, hops, { sysctls }))
      state(ns, 'eth0', '10.0.0.2', FAILED)
      return new Set(
        Array.from(
          { length: 40 },
          (_, i) => answer(ns, { ...flow('8.8.0.0'), daddr: ip('8.8.0.0') + i }).split(' ')[1]!,
        ),
      )
    }
    expect(taken({})).toEqual(new Set(['eth0', 'eth1']))
    expect(taken({ 'net.ipv4.fib_multipath_use_neigh': '1' })).toEqual(new Set(['eth1']))
  })
})

// @linux net/ipv4/ip_output.c __ip_queue_xmit, ip_build_and_send_pkt
describe('the header of an own packet', () => {
  type Change = Partial<IpSend> & { readonly to?: string }
  function headers(changes: readonly Change[], sysctls: Readonly<Record<string, string>> = {}, length = 8): Ipv4View[] {
    const { sim, ns } = hostSim(host('h', DEVICES, ['default via 10.1.0.2 dev eth1'], { sysctls }))
    const out = sent(sim)
    for (const { to = '8.8.8.8', ...more } of changes) {
      const skb = sim.newSkb(length)
      const plain = { saddr: 0, protocol: 253, tos: 0, ttl: -1, df: false, ignoreDf: false, sk: null, mark: 0 }
      expect(sim.stack.ipQueueXmit(skb, ns, { ...plain, daddr: ip(to), ...more })).toBeNull()
    }
    sim.drain()
    return out.map(({ bytes }) => new Ipv4View(bytes, 0))
  }

  it.each<[string, Change, Record<string, string>, number]>([
    ['64', {}, {}, 64],
    ['ip_default_ttl', {}, { 'net.ipv4.ip_default_ttl': '9' }, 9],
    ['its own', { ttl: 3 }, { 'net.ipv4.ip_default_ttl': '9' }, 3],
    ['0 if it says so', { ttl: 0 }, {}, 0],
    ['1 to a group', { to: '239.1.1.1' }, {}, 1],
  ])('has a TTL of %s', (_, change, sysctls, ttl) => expect(headers([change], sysctls)[0]?.ttl).toBe(ttl))

  it('counts up its id where it may be cut, never 0, and has none where it may not', () => {
    const [first, second, whole, cut] = headers([{}, {}, { df: true }, { df: true, ignoreDf: true }])
    expect(first?.identification).toBeGreaterThan(0)
    expect((second?.identification ?? 0) - (first?.identification ?? 0)).toBe(1)
    expect([first?.df, whole?.df, whole?.identification]).toEqual([false, true, 0])
    expect(cut?.identification).toBe((second?.identification ?? 0) + 1)
  })

  it('goes round from 65535 to 1', () => {
    const { ns } = hostSim(host('h', DEVICES))
    ns.cache4.ident = 0xfffe
    expect([ipSelectIdent(ns), ipSelectIdent(ns), ipSelectIdent(ns)]).toEqual([0xffff, 1, 2])
  })

  it.each([
    [1, 24],
    [4, 24],
    [5, 28],
    [40, 60],
  ])('%i bytes of options: a header of %i', (length, header) => {
    const options = new Uint8Array(length).fill(1)
    const [view] = headers([{ options }])
    expect([view?.headerLength, view?.checksumHolds()]).toEqual([header, true])
  })

  it('is not made when the packet may not be cut and is too long', () => {
    const { sim, ns } = hostSim(host('h', DEVICES, ['default via 10.1.0.2 dev eth1']))
    const sock = new UdpSock(ns, 'inet')
    const send = {
      saddr: 0,
      daddr: ip('8.8.8.8'),
      protocol: 17,
      tos: 0,
      ttl: -1,
      df: true,
      ignoreDf: false,
      sk: sock,
      mark: 0,
    }
    expect(sim.stack.ipQueueXmit(sim.newSkb(1480), ns, { ...send })).toBeNull()
    expect(sim.stack.ipQueueXmit(sim.newSkb(1481), ns, { ...send })).toBe('EMSGSIZE')
    expect(sim.stack.ipQueueXmit(sim.newSkb(1481), ns, { ...send, df: false })).toBeNull()
    expect(sim.stack.ipQueueXmit(sim.newSkb(1481), ns, { ...send, ignoreDf: true })).toBeNull()
  })
})

describe('broadcasts and groups are heard by the sender', () => {
  it.each([
    ['a broadcast', '10.0.0.255', 64, true, true],
    ['a group it listens to', '224.0.0.1', 64, true, true],
    ['a group it does not listen to', '239.1.1.1', 64, false, true],
    ['a group, with a TTL of 0: by nobody else', '224.0.0.1', 0, true, false],
    ['somebody', '10.0.0.7', 64, false, true],
  ])('%s', (_, to, ttl, here, there) => {
    const { sim, ns } = hostSim(host('h', DEVICES, ['default via 10.1.0.2 dev eth1']))
    const out = sent(sim)
    let heard = 0
    const { stack } = sim
    Object.assign(sim, { stack: { ...stack, loopbackXmit: () => heard++ } })
    const send = {
      saddr: ip('10.0.0.1'),
      daddr: ip(to),
      protocol: 253,
      tos: 0,
      ttl,
      df: false,
      ignoreDf: false,
      sk: null,
      mark: 0,
    }
    sim.stack.ipQueueXmit(sim.newSkb(8), ns, send)
    expect([heard === 1, out.length === 1]).toEqual([here, there])
  })
})
