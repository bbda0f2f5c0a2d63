import { describe, expect, it } from 'vitest'
import { type Ip6Key, keyToIpv6 } from '../../../src/wire/index.ts'
import { alone, host6, key } from './hosts6.ts'

/** The source for a destination out of eth0; the other device is eth1. */
function source(
  to: string,
  eth0: readonly string[],
  eth1: readonly string[] = [],
  dev: string | null = 'eth0',
): string {
  const { ns } = alone(host6('h', { eth0: { addresses: eth0 }, eth1: { addresses: eth1 } }))
  const out = dev === null ? null : (ns.byName.get(dev) ?? null)
  const found = ns.sim.stack.ipv6DevGetSaddr(ns, out, key(to))
  return found === '' ? '' : keyToIpv6(found as Ip6Key)
}

describe('the source address for a destination (RFC 6724 §5)', () => {
  const table: { name: string; to: string; eth0: string[]; eth1?: string[]; dev?: null; want: string }[] = [
    { name: '1: the same address', to: '2001:db8::2', eth0: ['2001:db8::1/64', '2001:db8::2/64'], want: '2001:db8::2' },
    { name: '2: scope that reaches', to: '2001:db8:9::1', eth0: ['fe80::1/64', '2001:db8::1/64'], want: '2001:db8::1' },
    { name: '2: no wider scope than needed', to: 'fe80::9', eth0: ['2001:db8::1/64', 'fe80::1/64'], want: 'fe80::1' },
    {
      name: '2: a wider scope on another device beats one too small here',
      to: '2001:db8:9::1',
      eth0: ['fe80::1/64'],
      eth1: ['2001:db8::1/64'],
      want: '2001:db8::1',
    },
    {
      name: '3: deprecated last',
      to: '2001:db8::9',
      eth0: ['2001:db8::1/64 deprecated', 'fd00::1/64'],
      want: 'fd00::1',
    },
    {
      name: '5: the device it leaves by',
      to: '2001:db8:9::1',
      eth0: ['2001:db8:1::1/64'],
      eth1: ['2001:db8:9::2/64'],
      want: '2001:db8:1::1',
    },
    {
      name: '5: any device when none is known',
      to: '2001:db8:9::1',
      eth0: ['2001:db8:1::1/64'],
      eth1: ['2001:db8:9::2/64'],
      dev: null,
      want: '2001:db8:9::2',
    },
    { name: '6: matching label', to: 'fd00:9::1', eth0: ['2001:db8::1/64', 'fd00:1::1/64'], want: 'fd00:1::1' },
    { name: '6: 6to4 with 6to4', to: '2002:1::1', eth0: ['2001:db8::1/64', '2002:2::1/64'], want: '2002:2::1' },
    {
      name: '8: longest matching prefix',
      to: '2001:db8:5::1',
      eth0: ['2001:db8:9::1/64', '2001:db8:4::1/64'],
      want: '2001:db8:4::1',
    },
    {
      name: '8: no longer than the prefix of the address',
      to: '2001:db8:0:0:ff::1',
      eth0: ['2001:db8::1/64', '2001:db8:0:0:ff::2/64'],
      want: '2001:db8::1',
    },
    {
      name: 'tentative addresses are none',
      to: '2001:db8::9',
      eth0: ['2001:db8::1/64 tentative', 'fe80::1/64'],
      want: 'fe80::1',
    },
    {
      name: 'groups of the link: only the device',
      to: 'ff02::1',
      eth0: ['fe80::1/64'],
      eth1: ['fe80::2/64'],
      want: 'fe80::1',
    },
    { name: 'nothing on the device for the link', to: 'fe80::9', eth0: [], eth1: ['fe80::2/64'], want: '' },
  ]
  it.each(table)('$name', ({ to, eth0, eth1, dev, want }) => {
    expect(source(to, eth0, eth1, dev === null ? null : 'eth0')).toBe(want)
  })
})

describe('a sender without any address', () => {
  const flow = { daddr: key('2001:db8::1'), saddr: '', tclass: 0, mark: 0, oif: null, proto: 17, sport: 0, dport: 0 }
  it.each([
    { name: 'IPv6 is off', sysctls: { 'net.ipv6.conf.all.disable_ipv6': '1' }, want: 'EADDRNOTAVAIL' },
    { name: 'only loopback, and no route', sysctls: {}, want: 'ENETUNREACH' },
  ])('$name', ({ sysctls, want }) => {
    const { sim, ns } = alone(host6('h', { eth0: {} }, [], { sysctls }))
    expect(sim.stack.ip6RouteOutput(ns, flow)).toBe(want)
  })
})
