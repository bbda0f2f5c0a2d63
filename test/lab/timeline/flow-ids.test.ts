import { describe, expect, it } from 'vitest'
import { flowIds } from '../../../src/lab/timeline/flow-ids.ts'

const icmp = (id: number): number[] => [8, 0, 0, 0, id >> 8, id & 0xff, 0, 1]
const udp = (sport: number, dport: number): number[] => [sport >> 8, sport & 0xff, dport >> 8, dport & 0xff, 0, 8, 0, 0]
const ipv4 = (protocol: number, payload: readonly number[]): number[] => [
  ...[0x45, 0, 0, 20 + payload.length, 0, 0, 0, 0, 64, protocol, 0, 0],
  ...[10, 0, 0, 1, 10, 0, 0, 2],
  ...payload,
]
const ipv6 = (next: number, payload: readonly number[]): number[] => [
  ...[0x60, 0, 0, 0, 0, payload.length, next, 64],
  ...new Array<number>(32).fill(0),
  ...payload,
]
const vxlan = (inner: readonly number[]): number[] =>
  ipv4(17, [...udp(50_000, 4789), 8, 0, 0, 0, 0, 0x10, 1, 0, ...new Array<number>(14).fill(0), ...inner])

describe('what tells flows apart in the innermost packet', () => {
  it.each([
    ['an echo', ipv4(1, icmp(0x1234)), [0x1234]],
    ['an echo of IPv6', ipv6(58, icmp(7)), [7]],
    ['a datagram', ipv4(17, udp(40_001, 53)), [40_001, 53]],
    ['a segment', ipv4(6, udp(40_002, 80)), [40_002, 80]],
    ['an echo in IPIP', ipv4(4, ipv4(1, icmp(9))), [9]],
    ['a datagram in VXLAN', vxlan(ipv4(17, udp(1, 2))), [1, 2]],
    ['IPv6 in IPv4', ipv4(41, ipv6(58, icmp(3))), [3]],
    ['a protocol without ports', ipv4(89, [0, 0, 0, 0, 0, 0, 0, 0]), []],
    ['a packet that is cut', ipv4(1, icmp(1)).slice(0, 22), []],
    ['no packet', [], []],
  ])('%s', (_, bytes, ids) => {
    expect(flowIds(new Uint8Array(bytes), 0, bytes.length)).toEqual(ids)
  })

  it('ends in tunnels that have no end', () => {
    let packet = ipv4(1, icmp(1))
    for (let i = 0; i < 9; i++) packet = ipv4(4, packet)
    expect(flowIds(new Uint8Array(packet), 0, packet.length)).toEqual([])
  })
})
