import { describe, expect, it } from 'vitest'
import { RawSock, UdpSock } from '../../../src/dataplane/index.ts'
import { parseNamespaceDump } from '../../../src/linux/index.ts'
import { table } from '../netfilter/bench.ts'
import { drops6, host6, icmp6, key, lan6 } from './hosts6.ts'

/** A client, a router with rules, and a server. */
function chain(rules: string) {
  const { ip6tables } = parseNamespaceDump('r', 'router', { 'ip6tables.txt': rules }).namespace
  const sim = lan6(
    [
      host6('c', { eth0: { addresses: ['fd00:0:0:1::1/64', 'fe80::c/64'] } }, ['default via fd00:0:0:1::a dev eth0']),
      {
        ...host6(
          'r',
          {
            eth0: { addresses: ['fd00:0:0:1::a/64', 'fe80::a/64'] },
            eth1: { addresses: ['fd00:0:0:2::a/64', 'fe80::b/64'] },
          },
          [],
          { router: true },
        ),
        ...(ip6tables === undefined ? {} : { ip6tables }),
      },
      host6('s', { eth0: { addresses: ['fd00:0:0:2::9/64', 'fe80::9/64'] } }, []),
    ],
    ['c/eth0 r/eth0', 'r/eth1 s/eth0'],
  )
  return { sim, lost: drops6(sim) }
}

describe('rules of ip6tables on the way', () => {
  it('DNAT and masquerading: the server sees the router, the client the service', () => {
    const { sim } = chain(
      table(
        'nat',
        '-A PREROUTING -d fd00:99::1/128 -p udp --dport 53 -j DNAT --to-destination [fd00:0:0:2::9]:5353',
        '-A POSTROUTING -o eth1 -j MASQUERADE',
      ),
    )
    const server = new UdpSock(sim.netns('s'), 'inet6')
    server.bind('', 5353)
    const seen: unknown[] = []
    server.onReceive = (d) => {
      seen.push(d.saddr)
      server.sendTo(new Uint8Array([1]), d.saddr, d.sport)
    }
    const client = new UdpSock(sim.netns('c'), 'inet6')
    client.onReceive = (d) => seen.push(d.saddr)
    client.sendTo(new Uint8Array([7]), key('fd00:99::1'), 53)
    sim.drain()
    expect(seen).toEqual([key('fd00:0:0:2::a'), key('fd00:99::1')])
  })
  it('fragments are put together for conntrack and cut again as they came', () => {
    const { sim } = chain(table('filter', '-A FORWARD -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT'))
    const lengths: number[] = []
    sim.taps.push((dev, way, _bytes, start, end) => {
      if (dev.ns.name === 's' && way === 'in') lengths.push(end - start - 14)
    })
    new RawSock(sim.netns('c'), 'inet6', 58).sendTo(
      icmp6('::', 'fd00:0:0:2::9', 128, 7, new Uint8Array(3000)),
      key('fd00:0:0:2::9'),
    )
    sim.drain()
    expect(lengths.slice(-4)).toEqual([72, 1496, 1496, 160])
    expect(sim.netns('r').nf?.conntrack()).toHaveLength(1)
  })
  it('REJECT of an own packet comes back by loopback', () => {
    const { sim, lost } = chain(table('filter', '-A OUTPUT -p udp -j REJECT --reject-with icmp6-adm-prohibited'))
    const sock = new UdpSock(sim.netns('r'), 'inet6')
    sock.recvErr = true
    sock.sendTo(new Uint8Array([7]), key('fd00:0:0:2::9'), 53)
    sim.drain()
    expect(sock.takeError()).toBe('EACCES')
    expect(lost).toEqual(['netfilter_drop'])
  })
})
