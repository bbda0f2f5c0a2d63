import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { SECOND, Simulation } from '../../src/dataplane/index.ts'
import { InputError, Network, type Route, type Sysctls } from '../../src/model/index.ts'
import { checksum, type Ip, ipv4ToNumber, type Prefix, writeU16 } from '../../src/wire/index.ts'
import { inet, inject, netns, veth, watch, wire } from './link/lan.ts'

function route(dst: string, dev: string, more: Partial<Route> = {}): Route {
  return {
    family: 'inet',
    dst: dst as Prefix,
    type: 'unicast',
    dev,
    table: 'main',
    protocol: 'static',
    scope: 'global',
    ...more,
  }
}

function own(address: string): Route {
  return route(`${address}/32`, 'eth0', { type: 'local', table: 'local', protocol: 'kernel', scope: 'host' })
}

/** a – r – b: two subnets and a router between them. */
function threeHosts(): Network {
  const local = (address: string, dev: string): Route => ({ ...own(address), dev })
  return new Network({
    namespaces: {
      a: netns('a', [veth('eth0', '02:00:00:00:00:0a', { addresses: [inet('10.0.1.2/24')] })], {
        routes: [
          own('10.0.1.2'),
          route('10.0.1.0/24', 'eth0', { scope: 'link' }),
          route('0.0.0.0/0', 'eth0', { via: '10.0.1.1' as Ip }),
        ],
      }),
      r: netns(
        'r',
        [
          veth('left', '02:00:00:00:00:01', { addresses: [inet('10.0.1.1/24')] }),
          veth('right', '02:00:00:00:00:02', { addresses: [inet('10.0.2.1/24')] }),
        ],
        {
          routes: [
            local('10.0.1.1', 'left'),
            local('10.0.2.1', 'right'),
            route('10.0.1.0/24', 'left', { scope: 'link' }),
            route('10.0.2.0/24', 'right', { scope: 'link' }),
          ],
          sysctls: { 'net.ipv4.ip_forward': '1' },
        },
      ),
      b: netns('b', [veth('eth0', '02:00:00:00:00:0b', { addresses: [inet('10.0.2.2/24')] })], {
        routes: [
          own('10.0.2.2'),
          route('10.0.2.0/24', 'eth0', { scope: 'link' }),
          route('0.0.0.0/0', 'eth0', { via: '10.0.2.1' as Ip }),
        ],
      }),
    },
    wires: [wire('a/eth0', 'r/left'), wire('b/eth0', 'r/right')],
  })
}

let sim: Simulation

beforeEach(() => {
  sim = new Simulation(threeHosts(), { seed: 7 })
})

/** Sends an echo request from a to b; every frame of both ways. */
function ping(on: Simulation = sim): string[] {
  const from = on.netns('a')
  const seen = watch(on)
  const skb = on.newSkb(16)
  skb.bytes[skb.data] = 8
  writeU16(skb.bytes, skb.data + 2, checksum(skb.bytes, skb.data, skb.tail))
  on.stack.ipQueueXmit(skb, from, {
    daddr: ipv4ToNumber('10.0.2.2'),
    saddr: 0,
    protocol: 1,
    tos: 0,
    ttl: -1,
    df: false,
    ignoreDf: false,
    sk: null,
    mark: 0,
  })
  on.drain()
  on.taps.pop()
  return seen
}

const arrived = (frames: readonly string[]): boolean => frames.at(-1)?.startsWith('a/eth0 in ') === true

describe('Simulation', () => {
  it('moves a packet through the router and its answer back', () => {
    expect(arrived(ping())).toBe(true)
  })

  it('refuses a namespace that is not there, by name', () => {
    expect(() => sim.netns('c')).toThrow(InputError)
    expect(() => sim.netns('toString')).toThrow(/expected one of a, r, b, received toString/)
  })

  it('gives the same bytes for the same seed', () => {
    expect(ping()).toEqual(ping(new Simulation(threeHosts(), { seed: 7 })))
  })

  it('compiles nothing that no packet reaches', () => {
    const lonely = sim.network.edit((draft) => {
      draft.namespaces['z'] = netns('z', []) as never
    })
    sim.setNetwork(lonely)
    ping()
    expect(sim.compiledNamespaces().map(({ name }) => name)).toEqual(['a', 'r', 'b'])
  })
})

describe('setNetwork', () => {
  it('compiles what changed, and keeps what packets have learned', () => {
    ping()
    const { fib4 } = sim.netns('a')
    const table = sim.netns('b').fib4
    sim.setNetwork(
      sim.network.edit((draft) => {
        draft.namespaces['a']?.routes.pop()
      }),
    )
    expect(sim.netns('a').fib4).not.toBe(fib4)
    expect(sim.netns('b').fib4).toBe(table)
    expect(sim.netns('b').neigh.dump().length).toBe(1)
    expect(ping()).toEqual([])
  })

  it('follows a changed sysctl and a changed MTU', () => {
    ping()
    const edited = sim.network.edit((draft) => {
      const r = draft.namespaces['r']
      if (r) r.sysctls['net.ipv4.ip_forward'] = '0'
      const eth0 = draft.namespaces['b']?.interfaces['eth0']
      if (eth0) eth0.mtu = 1400
    })
    sim.setNetwork(edited)
    expect(arrived(ping())).toBe(false)
    expect(sim.netns('b').byName.get('eth0')?.mtu).toBe(1400)
  })

  it('keeps a device object over edits, and forgets neighbours of one that lost its wire', () => {
    ping()
    const left = sim.netns('r').byName.get('left')
    sim.setNetwork(
      sim.network.edit((draft) => {
        draft.wires.shift()
      }),
    )
    expect(sim.netns('r').byName.get('left')).toBe(left)
    expect(left?.peer).toBeNull()
    expect(ping().length).toBe(1)
  })

  it('takes carrier from the other end, also before that has been compiled', () => {
    const left = sim.netns('r').byName.get('left')
    expect(left?.carrier).toBe(true)
    sim.setNetwork(
      sim.network.edit((draft) => {
        const eth0 = draft.namespaces['a']?.interfaces['eth0']
        if (eth0) eth0.up = false
      }),
    )
    expect(left?.carrier).toBe(false)
    expect(sim.compiledNamespaces().map(({ name }) => name)).toEqual(['r'])
  })
})

describe('snapshot and restore', () => {
  it('run the same again, as often as wanted', () => {
    const before = sim.snapshot()
    const first = ping()
    const after = sim.snapshot()
    const second = ping()
    expect(second.length).toBeLessThan(first.length)
    for (let i = 0; i < 2; i++) {
      sim.restore(before)
      expect(ping()).toEqual(first)
      sim.restore(after)
      expect(ping()).toEqual(second)
    }
  })

  it('bring back the model and the time', () => {
    const { network } = sim
    const saved = sim.snapshot()
    sim.run(5 * SECOND)
    sim.setNetwork(new Network({ namespaces: { a: network.namespaces['a'] as never } }))
    expect(arrived(ping())).toBe(false)
    sim.restore(saved)
    expect(sim.network).toBe(network)
    expect(sim.clock.now).toBe(0)
    expect(arrived(ping())).toBe(true)
  })
})

describe('a namespace nothing has touched yet', () => {
  const conf = ['proxy_arp', 'proxy_arp_pvlan', 'arp_accept', 'arp_ignore', 'forwarding', 'drop_gratuitous_arp']
  const key = fc.tuple(fc.constantFrom('all', 'default', 'eth0'), fc.constantFrom(...conf))
  const sysctls: fc.Arbitrary<Sysctls> = fc
    .array(fc.tuple(key, fc.constantFrom('0', '1')), { maxLength: 5 })
    .map((list) => Object.fromEntries(list.map(([[dev, name], value]) => [`net.ipv4.conf.${dev}.${name}`, value])))
  const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.9', '10.7.0.1', '172.16.0.1')

  it('treats an ARP request as if it were awake', () => {
    fc.assert(
      fc.property(sysctls, address, address, fc.boolean(), (values, sip, tip, custom) => {
        const eth0 = veth('eth0', '02:00:00:00:00:01', { addresses: [inet('10.0.0.1/24')] })
        const eth1 = veth('eth1', '02:00:00:00:00:03', { addresses: [inet('10.7.0.1/24')] })
        const routes = [
          own('10.0.0.1'),
          { ...own('10.7.0.1'), dev: 'eth1' },
          route('10.0.0.0/24', 'eth0'),
          route('172.16.0.0/12', 'eth1'),
          ...(custom ? [{ ...own('10.0.0.9'), protocol: 'static' }] : []),
        ]
        const network = new Network({
          namespaces: {
            host: netns('host', [eth0, eth1], { routes, sysctls: values }),
            asker: netns('asker', [veth('eth0', '02:00:00:00:00:02')]),
          },
          wires: [wire('host/eth0', 'asker/eth0')],
        })
        const hex = (ip: string): string => ipv4ToNumber(ip).toString(16).padStart(8, '0')
        const frame = `ffffffffffff 020000000002 0806 0001 0800 06 04 0001 020000000002 ${hex(sip)} 000000000000 ${hex(tip)}`
        const run = (wake: boolean): unknown => {
          const one = new Simulation(network)
          if (wake) expect(one.netns('host').ip.defaultTtl).toBe(64)
          expect(one.netns('host').dormant).toBe(!wake)
          const seen = watch(one)
          inject(one, 'asker/eth0', frame)
          one.run(2 * SECOND)
          return [seen, one.netns('host').neigh.dump()]
        }
        expect(run(false)).toEqual(run(true))
      }),
    )
  })
})
