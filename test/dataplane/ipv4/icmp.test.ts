import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/dataplane/index.ts'
import { PACKET_BROADCAST, type PacketOnDevice } from '../../../src/dataplane/kernel/skb.ts'
import { buildIcmp, checksumHolds, echoWord, Ipv4View } from '../../../src/wire/index.ts'
import { drops, host, hostSim, packet, sent, text } from './hosts.ts'

const ON = Object.fromEntries(['all', 'eth0', 'eth1'].map((dev) => [`net.ipv4.conf.${dev}.forwarding`, '1']))
const ROUTER = { eth0: { addresses: ['10.0.0.1/24'] }, eth1: { addresses: ['10.1.0.1/24'], mtu: 1000 } }

function router(sysctls: Readonly<Record<string, string>> = {}, routes: readonly string[] = []) {
  const { ns, sim } = hostSim(host('r', ROUTER, routes, { sysctls: { ...ON, ...sysctls } }))
  return { ns, sim, out: sent(sim), lost: drops(sim) }
}

/** An ICMP message of a type as the payload of a packet. */
function icmp(skb: PacketOnDevice, type: number, code = 0): PacketOnDevice {
  buildIcmp(skb.bytes, skb.transport, skb.tail, { type, code, restOfHeader: echoWord(7, 1) })
  return skb
}

/** An ICMP message in one line: from, to, type and code, second word, quoted bytes. */
function line(bytes: Uint8Array): string {
  const view = new Ipv4View(bytes, 0)
  const at = view.payloadAt
  expect(view.checksumHolds()).toBe(true)
  expect(checksumHolds(bytes, at, bytes.length)).toBe(true)
  const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 4)
  return `${text(view.source)}>${text(view.destination)} tos ${view.tos} ${bytes[at]}.${bytes[at + 1]} ${word} +${bytes.length - at - 8}`
}

describe('errors', () => {
  const run = (
    make: (r: ReturnType<typeof router>) => PacketOnDevice,
    sysctls = {},
    routes: string[] = [],
  ): string[] => {
    const r = router(sysctls, routes)
    r.sim.stack.ipRcv(make(r))
    return r.out.map(({ bytes }) => line(bytes))
  }
  it('time exceeded comes from the address towards the sender', () => {
    expect(run(({ ns }) => packet(ns, 'eth0', { from: '10.0.0.7', to: '10.1.0.9', ttl: 1 }))).toEqual([
      '10.0.0.1>10.0.0.7 tos 192 11.0 0 +28',
    ])
  })
  it('the TOS of the packet goes into the error', () => {
    const got = run(({ ns }) => packet(ns, 'eth0', { from: '10.0.0.7', to: '10.1.0.9', ttl: 1, tos: 0xbb }))
    expect(got).toEqual(['10.0.0.1>10.0.0.7 tos 218 11.0 0 +28'])
  })
  it('quotes at most what makes 576 bytes', () => {
    const got = run(({ ns }) => packet(ns, 'eth0', { from: '10.0.0.7', to: '10.1.0.9', ttl: 1 }, 1400))
    expect(got).toEqual(['10.0.0.1>10.0.0.7 tos 192 11.0 0 +548'])
  })
  it('too big and DF: names the MTU', () => {
    const got = run(({ ns }) => packet(ns, 'eth0', { from: '10.0.0.7', to: '10.1.0.9', df: true }, 981))
    expect(got).toEqual(['10.0.0.1>10.0.0.7 tos 192 3.4 1000 +548'])
  })
  it('too big without DF is cut', () => {
    const r = router()
    r.sim.stack.ipRcv(packet(r.ns, 'eth0', { from: '10.0.0.7', to: '10.1.0.9' }, 981))
    expect(r.out.map(({ bytes }) => bytes.length)).toEqual([996, 25])
  })
  it.each([
    { name: 'no route', routes: [], want: '3.0' },
    { name: 'unreachable', routes: ['unreachable 192.0.2.0/24'], want: '3.1' },
    { name: 'prohibit', routes: ['prohibit 192.0.2.0/24'], want: '3.13' },
  ])('$name', ({ routes, want }) => {
    const got = run(({ ns }) => packet(ns, 'eth0', { from: '10.0.0.7', to: '192.0.2.1' }), {}, routes)
    expect(got).toEqual([`10.0.0.1>10.0.0.7 tos 192 ${want} 0 +28`])
  })
  it('to an own address: comes from that address', () => {
    const got = run(({ ns }) => packet(ns, 'eth0', { from: '10.0.0.7', to: '10.1.0.1', protocol: 253 }))
    expect(got).toEqual(['10.1.0.1>10.0.0.7 tos 192 3.2 0 +28'])
  })
  it('to a sender behind another device: from there, unless the inbound address is asked for', () => {
    const routes = ['172.16.0.0/16 via 10.1.0.9 dev eth1']
    const make = ({ ns }: ReturnType<typeof router>) =>
      packet(ns, 'eth0', { from: '172.16.0.1', to: '10.1.0.9', ttl: 1 })
    expect(run(make, {}, routes)).toEqual(['10.1.0.1>172.16.0.1 tos 192 11.0 0 +28'])
    const inbound = { 'net.ipv4.icmp_errors_use_inbound_ifaddr': '1' }
    expect(run(make, inbound, routes)).toEqual(['10.0.0.1>172.16.0.1 tos 192 11.0 0 +28'])
  })
  it('redirect to the better gateway, and the packet goes on', () => {
    const r = router({}, ['192.0.2.0/24 via 10.0.0.9 dev eth0'])
    r.sim.stack.ipRcv(packet(r.ns, 'eth0', { from: '10.0.0.7', to: '192.0.2.1' }))
    expect(r.out.map(({ to }) => to)).toEqual(['10.0.0.7', '10.0.0.9'])
    expect(line(r.out[0]!.bytes)).toBe('10.0.0.1>10.0.0.7 tos 192 5.1 167772169 +28')
  })
  it('redirects get rarer and end', () => {
    const r = router({}, ['192.0.2.0/24 via 10.0.0.9 dev eth0'])
    let redirects = 0
    for (let second = 0; second < 60; second++) {
      r.sim.run(second * SECOND)
      r.out.length = 0
      r.sim.stack.ipRcv(packet(r.ns, 'eth0', { from: '10.0.0.7', to: '192.0.2.1' }))
      redirects += r.out.length - 1
    }
    expect(redirects).toBe(9)
  })
})

describe('no error', () => {
  const cases: { name: string; make: (r: ReturnType<typeof router>) => PacketOnDevice }[] = [
    {
      name: 'about an error',
      make: ({ ns }) => icmp(packet(ns, 'eth0', { from: '10.0.0.7', to: '10.1.0.9', ttl: 1, protocol: 1 }, 40), 3),
    },
    {
      name: 'about an unknown ICMP type',
      make: ({ ns }) => icmp(packet(ns, 'eth0', { from: '10.0.0.7', to: '10.1.0.9', ttl: 1, protocol: 1 }, 40), 99),
    },
    {
      name: 'about a fragment that is not the first',
      make: ({ ns }) => packet(ns, 'eth0', { from: '10.0.0.7', to: '10.1.0.9', ttl: 1, fragmentOffset: 8 }),
    },
    {
      name: 'about a frame that was a broadcast',
      make: ({ ns }) => {
        const skb = packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.1', protocol: 253 })
        skb.pktType = PACKET_BROADCAST
        return skb
      },
    },
    {
      name: 'about a broadcast',
      make: ({ ns }) => packet(ns, 'eth0', { from: '10.0.0.7', to: '10.0.0.255', protocol: 253 }),
    },
    {
      name: 'to a sender without a route',
      make: ({ ns }) => packet(ns, 'eth0', { from: '172.16.0.1', to: '10.1.0.9', ttl: 1 }),
    },
  ]
  it.each(cases)('$name', ({ make }) => {
    const r = router()
    r.sim.stack.ipRcv(make(r))
    expect(r.out).toEqual([])
    expect(r.lost).toHaveLength(1)
  })
})

describe('limits', () => {
  const burst = (sysctls: Readonly<Record<string, string>>, count: number, to = '10.1.0.9', ttl = 1): number => {
    const r = router(sysctls)
    for (let i = 0; i < count; i++) r.sim.stack.ipRcv(packet(r.ns, 'eth0', { from: '10.0.0.7', to, ttl }))
    return r.out.length
  }
  it('off lets all pass', () => {
    expect(burst({ 'net.ipv4.icmp_ratelimit': '0', 'net.ipv4.icmp_msgs_per_sec': '0' }, 40)).toBe(40)
  })
  it('per peer: six at once', () => {
    expect(burst({ 'net.ipv4.icmp_ratelimit': '1000', 'net.ipv4.icmp_msgs_per_sec': '0' }, 40)).toBe(6)
  })
  it('types outside the mask are free', () => {
    expect(
      burst(
        { 'net.ipv4.icmp_ratelimit': '1000', 'net.ipv4.icmp_ratemask': '0', 'net.ipv4.icmp_msgs_per_sec': '0' },
        40,
      ),
    ).toBe(40)
  })
  it('of the machine: about its burst', () => {
    const passed = burst(
      { 'net.ipv4.icmp_ratelimit': '0', 'net.ipv4.icmp_msgs_per_sec': '1000', 'net.ipv4.icmp_msgs_burst': '50' },
      200,
    )
    expect(passed).toBeGreaterThan(25)
    expect(passed).toBeLessThan(90)
  })
  it('of unreachable routes: ip_error pays from the same bucket as the message itself', () => {
    const sysctls = { 'net.ipv4.icmp_ratelimit': '1000', 'net.ipv4.icmp_msgs_per_sec': '0' }
    const bucket = { ...sysctls, 'net.ipv4.route.error_cost': '250', 'net.ipv4.route.error_burst': '1250' }
    expect(burst(bucket, 40, '192.0.2.1', 64)).toBe(2)
    expect(burst({ ...bucket, 'net.ipv4.icmp_ratemask': '0' }, 40, '192.0.2.1', 64)).toBe(5)
  })
})

describe('answers', () => {
  const answer = (make: (r: ReturnType<typeof router>) => PacketOnDevice, sysctls = {}): string[] => {
    const r = router(sysctls)
    r.sim.stack.ipRcv(make(r))
    return [...r.out.map(({ bytes }) => line(bytes)), ...r.lost]
  }
  const echo =
    (to: string, more = {}) =>
    (r: ReturnType<typeof router>) =>
      icmp(packet(r.ns, 'eth0', { from: '10.0.0.7', to, protocol: 1, ...more }, 24), 8)
  it('echo keeps TOS, code, identifier and data', () => {
    expect(answer(echo('10.0.0.1', { tos: 0x12 }))).toEqual([`10.0.0.1>10.0.0.7 tos 18 0.0 ${echoWord(7, 1)} +16`])
  })
  it('echo to a broadcast is ignored, or answered by the address of the route back', () => {
    expect(answer(echo('10.0.0.255'))).toEqual(['icmp_ignored'])
    const answers = { 'net.ipv4.icmp_echo_ignore_broadcasts': '0' }
    expect(answer(echo('10.0.0.255'), answers)).toEqual([`10.0.0.1>10.0.0.7 tos 0 0.0 ${echoWord(7, 1)} +16`])
  })
  it('echo_ignore_all is silent', () => {
    expect(answer(echo('10.0.0.1'), { 'net.ipv4.icmp_echo_ignore_all': '1' })).toEqual([])
  })
  it.each([
    { name: 'wrong checksum', change: (skb: PacketOnDevice) => (skb.bytes[skb.tail - 1]! ^= 1), want: 'icmp_checksum' },
    { name: 'unknown type', change: (skb: PacketOnDevice) => icmp(skb, 77), want: 'icmp_unknown_type' },
    { name: 'a reply nobody waits for', change: (skb: PacketOnDevice) => icmp(skb, 0), want: 'no_socket_icmp' },
  ])('$name', ({ change, want }) => {
    const make = (r: ReturnType<typeof router>): PacketOnDevice => {
      const skb = echo('10.0.0.1')(r)
      change(skb)
      return skb
    }
    expect(answer(make)).toEqual([want])
  })
})

describe('options', () => {
  const through = (options: number[], to = '10.1.0.9'): { out: number[][]; lost: string[]; errors: string[] } => {
    const r = router()
    const skb = packet(r.ns, 'eth0', { from: '10.0.0.7', to, options: new Uint8Array(options) }, 8)
    r.sim.stack.ipRcv(skb)
    const forwarded = r.out.filter(({ dev }) => dev === 'eth1').map(({ bytes }) => bytes)
    for (const bytes of forwarded) expect(new Ipv4View(bytes, 0).checksumHolds()).toBe(true)
    const errors = r.out.filter(({ dev }) => dev === 'eth0').map(({ bytes }) => line(bytes))
    return { out: forwarded.map((bytes) => [...bytes.subarray(20, 20 + options.length)]), lost: r.lost, errors }
  }
  it('record route gets the address of the way out', () => {
    expect(through([7, 7, 4, 0, 0, 0, 0, 0]).out).toEqual([[7, 7, 8, 10, 1, 0, 1, 0]])
  })
  it('a full record route goes on as it is', () => {
    expect(through([7, 7, 8, 1, 2, 3, 4, 0]).out).toEqual([[7, 7, 8, 1, 2, 3, 4, 0]])
  })
  it('a timestamp that is full counts it', () => {
    expect(through([68, 8, 9, 0x10, 0, 0, 0, 1]).out).toEqual([[68, 8, 9, 0x20, 0, 0, 0, 1]])
  })
  it('source routes are refused', () => {
    expect(through([131, 7, 4, 10, 1, 0, 9, 0]).lost).toEqual(['ip_source_route'])
  })
  it('what lies behind the end is cleared', () => {
    expect(through([1, 0, 9, 9]).out).toEqual([[1, 0, 0, 0]])
  })
  it.each([
    { name: 'length 1', options: [7, 1, 4, 0], pointer: 20 },
    { name: 'longer than the header', options: [1, 7, 9, 4], pointer: 21 },
    { name: 'pointer too small', options: [7, 7, 3, 0, 0, 0, 0, 0], pointer: 22 },
    { name: 'twice', options: [7, 3, 4, 7, 3, 4, 0, 0], pointer: 23 },
  ])('malformed: $name', ({ options, pointer }) => {
    const got = through(options)
    expect(got.lost).toEqual(['ip_options_bad'])
    expect(got.errors[0]).toContain(` 12.0 ${pointer * 0x100_0000} `)
  })
})
