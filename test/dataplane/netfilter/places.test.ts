// Matches that ask where a packet comes from and goes to: routing, kinds of addresses, ports of a bridge.
import { describe, expect, it } from 'vitest'
import type { PacketBuffer } from '../../../src/dataplane/index.ts'
import { type Bench, type BenchParts, bench, table, udp, udp6 } from './bench.ts'

/** Whether a rule of mangle PREROUTING matches what comes in by a device. */
function matches(rule: string, packet: (b: Bench) => PacketBuffer, indev = 'in0', parts: BenchParts = {}): boolean {
  const text = table('mangle', `-A PREROUTING ${rule}`)
  const b = bench(text, { ...parts, iptables6: text })
  const skb = packet(b)
  b.hook('PREROUTING', skb, indev)
  const family = skb.protocol === 0x86dd ? 'inet6' : 'inet'
  return b.ns.nf?.counter(family, 'mangle', 'PREROUTING', 0)[0] === 1
}

const v4 =
  (src: string, dst = '203.0.113.9') =>
  (b: Bench) =>
    udp(b, 1, 2, { src, dst })
const v6 =
  (src: string, dst = 'fd00:b::9') =>
  (b: Bench) =>
    udp6(b, 1, 2, src, dst)

// @linux net/ipv4/netfilter/ipt_rpfilter.c rpfilter_mt, net/ipv6/netfilter/ip6t_rpfilter.c rpfilter_mt
describe('rpfilter: would an answer leave by the device this came in by?', () => {
  it.each([
    ['-m rpfilter', v4('10.0.0.2'), 'in0', true],
    ['-m rpfilter', v4('10.0.0.2'), 'out0', false],
    ['-m rpfilter', v4('198.51.100.1'), 'out0', true],
    ['-m rpfilter --invert', v4('10.0.0.2'), 'out0', true],
    ['-m rpfilter --invert', v4('10.0.0.2'), 'in0', false],
    ['-m rpfilter --loose', v4('10.0.0.2'), 'out0', true],
    ['-m rpfilter', v4('10.0.0.2'), 'lo', true],
    ['-m rpfilter --invert', v4('10.0.0.2'), 'lo', false],
    ['-m rpfilter', v4('10.0.0.1'), 'in0', false],
    ['-m rpfilter --accept-local --loose', v4('10.0.0.1'), 'in0', true],
    ['-m rpfilter', v4('0.0.0.0', '255.255.255.255'), 'in0', true],
    ['-m rpfilter', v4('0.0.0.0', '224.0.0.251'), 'in0', true],
    ['-m rpfilter', v4('0.0.0.0', '224.0.1.1'), 'in0', false],
    ['-m rpfilter', v4('0.0.0.0', '10.0.0.1'), 'in0', false],
    ['-m rpfilter', v4('10.0.0.2', '255.255.255.255'), 'in0', true],
    ['-m rpfilter', v4('10.0.0.2', '239.1.1.1'), 'in0', true],
    ['-m rpfilter', v6('fd00:a::2'), 'in0', true],
    ['-m rpfilter', v6('fd00:a::2'), 'out0', false],
    ['-m rpfilter --loose', v6('fd00:a::2'), 'out0', true],
    ['-m rpfilter', v6('2001:db8::1'), 'in0', false],
    ['-m rpfilter --loose', v6('2001:db8::1'), 'in0', false],
    ['-m rpfilter --invert', v6('2001:db8::1'), 'in0', true],
    ['-m rpfilter', v6('::'), 'in0', true],
    ['-m rpfilter --invert', v6('::'), 'in0', false],
    ['-m rpfilter', v6('fd00:a::1'), 'in0', false],
    ['-m rpfilter --loose --accept-local', v6('fd00:a::1'), 'in0', true],
    ['-m rpfilter --loose --accept-local', v6('fd00:a::'), 'in0', false], // an anycast address of this router
  ])('%s, case %#: %s by %s: %s', (rule, packet, indev, want) => {
    expect(matches(rule, packet, indev)).toBe(want)
  })
})

describe('addrtype', () => {
  it.each([
    ['--src-type LOCAL', v4('192.0.2.1'), true],
    ['! --src-type LOCAL', v4('192.0.2.1'), false],
    ['--src-type LOCAL --dst-type UNICAST', v4('192.0.2.1'), true],
    ['--src-type LOCAL --dst-type LOCAL', v4('192.0.2.1'), false],
    ['--src-type LOCAL ! --dst-type LOCAL', v4('192.0.2.1'), true],
    ['--dst-type LOCAL --limit-iface-in', v4('10.0.0.2', '192.0.2.1'), false],
    ['--dst-type LOCAL --limit-iface-in', v4('10.0.0.2', '10.0.0.1'), true],
    ['--dst-type BROADCAST,MULTICAST', v4('10.0.0.2', '224.1.1.1'), true],
    ['--dst-type LOCAL', v6('fd00:a::2', 'fd00:b::1'), true],
    ['--dst-type LOCAL', v6('fd00:a::2', 'fd00:b::9'), false],
    ['--dst-type MULTICAST', v6('fd00:a::2', 'ff02::1'), true],
    ['--dst-type UNICAST', v6('fd00:a::2', 'fd00:b::9'), true],
    ['--dst-type ANYCAST', v6('fd00:a::2', 'fd00:b::'), true],
    ['--dst-type UNREACHABLE', v6('fd00:a::2', '2001:db8::1'), true],
    ['--src-type UNSPEC', v6('::'), true],
    ['--dst-type LOCAL --limit-iface-in', v6('fd00:a::2', 'fd00:b::1'), false],
    ['--dst-type LOCAL --limit-iface-in', v6('fd00:a::2', 'fd00:a::1'), true],
  ])('-m addrtype %s, case %#', (rule, packet, want) => {
    expect(matches(`-m addrtype ${rule}`, packet)).toBe(want)
  })
})

// @linux net/netfilter/xt_physdev.c physdev_mt
describe('physdev of a bridged packet, in by in0 and out by out0', () => {
  it.each([
    ['--physdev-is-bridged', true],
    ['! --physdev-is-bridged', false],
    ['--physdev-is-in', true],
    ['! --physdev-is-in', false],
    ['--physdev-is-out', true],
    ['! --physdev-is-out', false],
    ['--physdev-in in0', true],
    ['! --physdev-in in0', false],
    ['--physdev-in out0', false],
    ['--physdev-out out0', true],
    ['--physdev-out in0', false],
    ['! --physdev-out in0', true],
    ['--physdev-out ou+', true],
    ['--physdev-in in0 --physdev-out in0', false],
  ])('-m physdev %s: %s', (rule, want) => {
    const b = bench(table('mangle', `-A FORWARD -m physdev ${rule}`))
    const skb = udp(b)
    skb.physIn = b.ns.byName.get('in0')!
    skb.physOut = b.ns.byName.get('out0')!
    b.hook('FORWARD', skb, 'in0', 'out0')
    expect(b.hits('mangle', 'FORWARD')).toBe(want ? 1 : 0)
  })
})

it.each([
  ['unicast', 'fd00:a::2', 1],
  ['multicast', 'ff02::1', 1],
  ['multicast', 'fd00:a::2', 0],
  ['broadcast', 'ff02::1', 0],
])('pkttype %s of what goes over loopback to %s', (type, dst, hits) => {
  const b = bench('', { iptables6: table('mangle', `-A INPUT -m pkttype --pkt-type ${type}`) })
  b.hook('INPUT', udp6(b, 1, 2, 'fd00:a::1', dst), 'lo')
  expect(b.ns.nf?.counter('inet6', 'mangle', 'INPUT', 0)[0]).toBe(hits)
})
