import { describe, expect, it } from 'vitest'
import { type NetNs, SECOND } from '../../../src/dataplane/index.ts'
import type { Dst } from '../../../src/dataplane/kernel/dst.ts'
import { type Flow4, NO_PACKET } from '../../../src/dataplane/kernel/stack.ts'
import type { Address } from '../../../src/model/index.ts'
import { type DeviceSpec, host, hostSim, ip, text } from './hosts.ts'

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
  it('loopback as source does not leave the host', () => {
    const { ns } = hostSim(host('h', DEVICES, routes))
    expect(answer(ns, flow('8.8.8.8', { saddr: ip('127.0.0.1') }))).toBe('EINVAL')
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
