import { describe, expect, it } from 'vitest'
import type { Dst } from '../../../src/dataplane/kernel/dst.ts'
import { IPSKB_DOREDIRECT, PACKET_BROADCAST } from '../../../src/dataplane/kernel/skb.ts'
import { type DeviceSpec, drops, host, hostSim, ip, packet, sent, text } from './hosts.ts'

const TWO: Readonly<Record<string, DeviceSpec>> = {
  eth0: { addresses: ['10.0.0.1/24'] },
  eth1: { addresses: ['10.1.0.1/24'] },
  cali0: {},
}
const ROUTES = ['default via 10.0.0.2 dev eth0', '192.168.0.5 dev cali0', '172.16.0.0/16 via 10.1.0.9 dev eth1']
const ON = { 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.all.forwarding': '1' }
for (const dev of ['eth0', 'eth1', 'cali0']) Object.assign(ON, { [`net.ipv4.conf.${dev}.forwarding`]: '1' })

interface Case {
  readonly name: string
  readonly dev: string
  readonly from: string
  readonly to: string
  readonly sysctls?: Readonly<Record<string, string>>
  readonly want: string
  readonly mark?: number
}

/** Routes a packet: cause, or kind, device and gateway. */
function routed(c: Case): string {
  const { ns, sim } = hostSim(host('h', TWO, ROUTES, { sysctls: { ...ON, ...c.sysctls } }))
  const skb = packet(ns, c.dev, { from: c.from, to: c.to })
  skb.mark = c.mark ?? 0
  const cause = sim.stack.ipRouteInput(skb, ip(c.to), ip(c.from), 0, skb.dev!)
  if (cause !== null) return cause
  const dst = skb.dst as Dst
  const via = dst.gateway === null ? '' : ` via ${text(dst.gateway as number)}`
  const redirect = (skb.cbFlags & IPSKB_DOREDIRECT) !== 0 ? ' redirect' : ''
  return `${dst.kind}${dst.error === null ? '' : ` ${dst.error}`} ${dst.dev.name}${via}${redirect}`
}

const rp = (dev: string, value: number): Record<string, string> => ({
  [`net.ipv4.conf.${dev}.rp_filter`]: String(value),
})

describe('where a received packet goes', () => {
  const cases: Case[] = [
    { name: 'own address', dev: 'eth0', from: '10.0.0.7', to: '10.0.0.1', want: 'local eth0' },
    { name: 'own address of another device', dev: 'eth0', from: '10.0.0.7', to: '10.1.0.1', want: 'local eth0' },
    { name: 'forward', dev: 'eth1', from: '10.1.0.7', to: '8.8.8.8', want: 'forward eth0 via 10.0.0.2' },
    { name: 'forward on-link', dev: 'eth0', from: '10.0.0.7', to: '192.168.0.5', want: 'forward cali0' },
    {
      name: 'back out of the same device',
      dev: 'eth0',
      from: '10.0.0.7',
      to: '8.8.8.8',
      want: 'forward eth0 via 10.0.0.2 redirect',
    },
    {
      name: 'the same, from behind a gateway: no redirect',
      dev: 'eth0',
      from: '9.9.9.9',
      to: '8.8.8.8',
      want: 'forward eth0 via 10.0.0.2',
    },
    {
      name: 'the same with send_redirects off',
      dev: 'eth0',
      from: '10.0.0.7',
      to: '8.8.8.8',
      sysctls: { 'net.ipv4.conf.all.send_redirects': '0', 'net.ipv4.conf.eth0.send_redirects': '0' },
      want: 'forward eth0 via 10.0.0.2',
    },
    {
      name: 'not forwarding: host unreachable, whatever the tables say',
      dev: 'eth0',
      from: '10.0.0.7',
      to: '192.168.0.5',
      sysctls: { 'net.ipv4.conf.eth0.forwarding': '0' },
      want: 'error EHOSTUNREACH eth0',
    },
    { name: 'subnet broadcast', dev: 'eth0', from: '10.0.0.7', to: '10.0.0.255', want: 'broadcast eth0' },
    { name: 'limited broadcast', dev: 'eth0', from: '10.0.0.7', to: '255.255.255.255', want: 'broadcast eth0' },
    { name: 'DHCP: from nobody to nobody', dev: 'eth0', from: '0.0.0.0', to: '0.0.0.0', want: 'broadcast eth0' },
    { name: 'all hosts', dev: 'eth0', from: '10.0.0.7', to: '224.0.0.1', want: 'multicast eth0' },
    { name: 'a group nobody joined', dev: 'eth0', from: '10.0.0.7', to: '239.1.2.3', want: 'multicast_not_joined' },
  ]
  it.each(cases)('$name', (c) => {
    expect(routed(c)).toBe(c.want)
  })
})

describe('martians', () => {
  const cases: Case[] = [
    { name: 'multicast source', dev: 'eth0', from: '224.0.0.5', to: '10.0.0.1', want: 'martian_source' },
    { name: 'broadcast source', dev: 'eth0', from: '255.255.255.255', to: '10.0.0.1', want: 'martian_source' },
    { name: 'source 0.0.0.0', dev: 'eth0', from: '0.0.0.0', to: '10.0.0.1', want: 'martian_source' },
    { name: 'destination 0.0.0.0', dev: 'eth0', from: '10.0.0.7', to: '0.0.0.0', want: 'martian_destination' },
    { name: 'loopback source', dev: 'eth0', from: '127.0.0.1', to: '10.0.0.1', want: 'martian_source' },
    { name: 'loopback destination', dev: 'eth0', from: '10.0.0.7', to: '127.0.0.1', want: 'martian_destination' },
    {
      name: 'loopback destination with route_localnet',
      dev: 'eth0',
      from: '10.0.0.7',
      to: '127.0.0.1',
      sysctls: { 'net.ipv4.conf.eth0.route_localnet': '1' },
      want: 'local eth0',
    },
    { name: 'our own address as source', dev: 'eth0', from: '10.1.0.1', to: '10.0.0.1', want: 'martian_source' },
    {
      name: 'our own address as source with accept_local',
      dev: 'eth0',
      from: '10.1.0.1',
      to: '10.0.0.1',
      sysctls: { 'net.ipv4.conf.eth0.accept_local': '1' },
      want: 'local eth0',
    },
    {
      name: 'source is a broadcast address, to be forwarded',
      dev: 'eth0',
      from: '10.0.0.255',
      to: '8.8.8.8',
      want: 'martian_source',
    },
  ]
  it.each(cases)('$name', (c) => {
    expect(routed(c)).toBe(c.want)
  })
})

describe('reverse path filter', () => {
  const wrong = { dev: 'eth1', from: '192.168.0.5', to: '10.1.0.1' }
  const cases: Case[] = [
    { name: 'off', ...wrong, want: 'local eth1' },
    { name: 'strict, wrong device', ...wrong, sysctls: rp('eth1', 1), want: 'rp_filter' },
    { name: 'loose, some route', ...wrong, sysctls: rp('eth1', 2), want: 'local eth1' },
    { name: 'strict for all', ...wrong, sysctls: rp('all', 1), want: 'rp_filter' },
    {
      name: 'the larger of all and device',
      ...wrong,
      sysctls: { ...rp('all', 1), ...rp('eth1', 2) },
      want: 'local eth1',
    },
    {
      name: 'strict, right device',
      dev: 'cali0',
      from: '192.168.0.5',
      to: '10.0.0.1',
      sysctls: rp('cali0', 1),
      want: 'local cali0',
    },
    {
      name: 'strict, by default route',
      dev: 'eth0',
      from: '9.9.9.9',
      to: '10.0.0.1',
      sysctls: rp('eth0', 1),
      want: 'local eth0',
    },
    {
      name: 'loose on a device without address asks for the very device',
      dev: 'cali0',
      from: '10.1.0.7',
      to: '10.0.0.1',
      sysctls: rp('cali0', 2),
      want: 'rp_filter',
    },
    {
      name: 'our own address',
      dev: 'eth0',
      from: '10.1.0.1',
      to: '10.0.0.1',
      sysctls: rp('eth0', 1),
      want: 'martian_source',
    },
    {
      name: 'forwarded, too',
      dev: 'eth1',
      from: '192.168.0.5',
      to: '8.8.8.8',
      sysctls: rp('eth1', 1),
      want: 'rp_filter',
    },
    {
      name: 'limited broadcast, too',
      dev: 'eth1',
      from: '192.168.0.5',
      to: '255.255.255.255',
      sysctls: rp('eth1', 1),
      want: 'rp_filter',
    },
  ]
  it.each(cases)('$name', (c) => {
    expect(routed(c)).toBe(c.want)
  })
})

describe('what becomes of it', () => {
  const fate = (
    from: string,
    to: string,
    change: (skb: ReturnType<typeof packet>) => void = () => {},
    sysctls = {},
  ): string[] => {
    const { ns, sim } = hostSim(
      host('h', TWO, [...ROUTES, 'blackhole 203.0.113.0/24'], { sysctls: { ...ON, ...sysctls } }),
    )
    const seen = drops(sim)
    const out = sent(sim)
    const skb = packet(ns, 'eth0', { from, to, protocol: 253 })
    change(skb)
    sim.stack.ipRcv(skb)
    return [...seen, ...out.map(({ dev, to: hop, bytes }) => `${dev} ${hop} ttl ${bytes[8]} proto ${bytes[9]}`)]
  }
  it('forwards with a lower TTL', () => {
    expect(fate('10.0.0.7', '192.168.0.5')).toEqual(['cali0 192.168.0.5 ttl 63 proto 253'])
  })
  it('answers an unknown protocol', () => {
    expect(fate('10.0.0.7', '10.0.0.1')).toEqual(['no_protocol', 'eth0 10.0.0.7 ttl 64 proto 1'])
  })
  it('a blackhole is silent', () => {
    expect(fate('10.0.0.7', '203.0.113.9')).toEqual(['route_blackhole'])
  })
  it.each([
    ['too short for a header', 19, 'ip_header_bad'],
    ['shorter than its length says', 24, 'ip_too_small'],
  ])('%s', (_name, length, cause) => {
    expect(fate('10.0.0.7', '10.0.0.1', (skb) => skb.trim(length))).toEqual([cause])
  })
  it('a wrong checksum', () => {
    expect(fate('10.0.0.7', '10.0.0.1', (skb) => (skb.bytes[skb.data + 10]! ^= 1))).toEqual(['ip_checksum'])
  })
  it('a unicast in a broadcast frame is delivered, unless told otherwise', () => {
    const broadcast = (skb: ReturnType<typeof packet>): void => {
      skb.pktType = PACKET_BROADCAST
    }
    expect(fate('10.0.0.7', '10.0.0.1', broadcast)).toEqual(['no_protocol'])
    const off = { 'net.ipv4.conf.eth0.drop_unicast_in_l2_multicast': '1' }
    expect(fate('10.0.0.7', '10.0.0.1', broadcast, off)).toEqual(['unicast_in_l2_multicast'])
    expect(fate('10.0.0.7', '192.168.0.5', broadcast)).toEqual(['forward_not_for_us'])
  })
})
