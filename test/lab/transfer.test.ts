// What `lab.tcp` and `lab.udp` are told is in the packets they send.
import { describe, expect, it } from 'vitest'
import type { Trace } from '../../src/index.ts'
import { IPV4_HEADER_LENGTH, Ipv4View, parseHex, TcpView } from '../../src/wire/index.ts'
import { shop } from '../render/shop.ts'

const [WEB, DB] = ['shop/web-0', 'shop/db-0']

/** The IPv4 packets that leave a pod. */
function sent(trace: Trace, pod: string): Ipv4View[] {
  return trace.hops.flatMap((hop) => {
    if (hop.kind !== 'tx' || hop.netns !== pod) return []
    const packet = (parseHex(hop.bytes) ?? new Uint8Array(0)).subarray(14)
    return packet[0] === 0x45 ? [new Ipv4View(packet)] : []
  })
}

/** Bytes of data in all segments that leave a pod. */
function data(trace: Trace, pod: string): number {
  const lengths = sent(trace, pod).map(
    (ip) => ip.totalLength - IPV4_HEADER_LENGTH - new TcpView(ip.bytes, ip.payloadAt).headerLength,
  )
  return lengths.reduce((sum, length) => sum + length, 0)
}

const all = <T>(values: readonly T[]): T[] => [...new Set(values)]

describe('a TCP client', () => {
  it.each([1, 2, 9, 255])('with ttl %i sends every segment with it; the server keeps its own', (ttl) => {
    const { trace } = shop().tcp(WEB, DB, 80, { ttl })
    expect(all(sent(trace, WEB).map((ip) => ip.ttl))).toEqual([ttl])
    expect(all(sent(trace, DB).map((ip) => ip.ttl))).toEqual(ttl > 2 ? [64] : [])
  })

  it.each([
    { ttl: 1, outcome: 'connect error: EHOSTUNREACH' },
    { ttl: 2, outcome: 'connect error: EHOSTUNREACH' },
    { ttl: 3, outcome: 'exchanged 64/64 bytes' },
  ])('with ttl $ttl: $outcome', ({ ttl, outcome }) => {
    expect(shop().tcp(WEB, DB, 80, { ttl }).outcome).toBe(outcome)
  })

  it.each([0, 1, 1000, 5000])('sends a request of %i bytes', (request) => {
    expect(data(shop().tcp(WEB, DB, 80, { request }).trace, WEB)).toBe(request)
  })

  it.each([
    { noPmtuDisc: '0', dontFragment: false, df: true },
    { noPmtuDisc: '1', dontFragment: false, df: false },
    { noPmtuDisc: '1', dontFragment: true, df: true },
  ])('with ip_no_pmtu_disc=$noPmtuDisc, dontFragment $dontFragment: DF $df', ({ noPmtuDisc, dontFragment, df }) => {
    const lab = shop().edit((network) => {
      const pod = network.namespaces[WEB]
      if (pod !== undefined) pod.sysctls['net.ipv4.ip_no_pmtu_disc'] = noPmtuDisc
    })
    expect(all(sent(lab.tcp(WEB, DB, 80, { dontFragment }).trace, WEB).map((ip) => ip.df))).toEqual([df])
  })
})

describe('a UDP client', () => {
  it.each([
    { options: { ttl: 7 }, field: 'ttl', value: 7 },
    { options: { size: 99 }, field: 'totalLength', value: 99 + 28 },
    { options: { dontFragment: true }, field: 'df', value: true },
  ] as const)('is told $options', ({ options, field, value }) => {
    expect(all(sent(shop().udp(WEB, DB, 5300, options).trace, WEB).map((ip) => ip[field]))).toEqual([value])
  })
})
