// Numbers other people assigned: as IANA's registries and the RFCs list them, by value.
import { describe, expect, it } from 'vitest'
import { jhash2 } from '../../src/dataplane/netfilter/jhash.ts'
import * as wire from '../../src/wire/index.ts'

const REGISTRIES: readonly (readonly [string, Readonly<Record<string, number>>, Readonly<Record<number, string>>])[] = [
  ['ETHERTYPE', wire.ETHERTYPE, { 2048: 'IPV4', 2054: 'ARP', 34525: 'IPV6', 33024: 'VLAN' }],
  [
    'IP_PROTOCOL',
    wire.IP_PROTOCOL,
    {
      0: 'HOP_BY_HOP',
      1: 'ICMP',
      2: 'IGMP',
      4: 'IPIP',
      6: 'TCP',
      17: 'UDP',
      33: 'DCCP',
      41: 'IPV6',
      43: 'ROUTING',
      44: 'FRAGMENT',
      47: 'GRE',
      50: 'ESP',
      51: 'AH',
      58: 'ICMPV6',
      59: 'NONE',
      60: 'DESTINATION_OPTIONS',
      89: 'OSPF',
      132: 'SCTP',
      136: 'UDPLITE',
    },
  ],
  [
    'ICMP_TYPE',
    wire.ICMP_TYPE,
    {
      0: 'ECHO_REPLY',
      3: 'DEST_UNREACH',
      4: 'SOURCE_QUENCH',
      5: 'REDIRECT',
      8: 'ECHO',
      9: 'ROUTER_ADVERTISEMENT',
      10: 'ROUTER_SOLICITATION',
      11: 'TIME_EXCEEDED',
      12: 'PARAMETER_PROBLEM',
      13: 'TIMESTAMP',
      14: 'TIMESTAMP_REPLY',
      17: 'ADDRESS',
      18: 'ADDRESS_REPLY',
      42: 'EXT_ECHO',
      43: 'EXT_ECHO_REPLY',
    },
  ],
  [
    'ICMP_UNREACH',
    wire.ICMP_UNREACH,
    {
      0: 'NET',
      1: 'HOST',
      2: 'PROTOCOL',
      3: 'PORT',
      4: 'FRAG_NEEDED',
      5: 'SOURCE_ROUTE_FAILED',
      6: 'NET_UNKNOWN',
      7: 'HOST_UNKNOWN',
      8: 'HOST_ISOLATED',
      9: 'NET_PROHIBITED',
      10: 'HOST_PROHIBITED',
      11: 'NET_TOS',
      12: 'HOST_TOS',
      13: 'ADMIN_PROHIBITED',
    },
  ],
  ['ICMP_TIME_EXCEEDED', wire.ICMP_TIME_EXCEEDED, { 0: 'TTL', 1: 'REASSEMBLY' }],
  ['ICMP_REDIRECT', wire.ICMP_REDIRECT, { 0: 'NET', 1: 'HOST' }],
  [
    'ICMPV6_TYPE',
    wire.ICMPV6_TYPE,
    {
      1: 'DEST_UNREACH',
      2: 'PACKET_TOO_BIG',
      3: 'TIME_EXCEEDED',
      4: 'PARAMETER_PROBLEM',
      128: 'ECHO_REQUEST',
      129: 'ECHO_REPLY',
      130: 'MLD_QUERY',
      131: 'MLD_REPORT',
      132: 'MLD_DONE',
      133: 'ROUTER_SOLICITATION',
      134: 'ROUTER_ADVERTISEMENT',
      135: 'NEIGHBOR_SOLICITATION',
      136: 'NEIGHBOR_ADVERTISEMENT',
      137: 'REDIRECT',
      143: 'MLD2_REPORT',
    },
  ],
  [
    'ICMPV6_UNREACH',
    wire.ICMPV6_UNREACH,
    {
      0: 'NO_ROUTE',
      1: 'ADMIN_PROHIBITED',
      2: 'NOT_NEIGHBOUR',
      3: 'ADDRESS',
      4: 'PORT',
      5: 'POLICY_FAIL',
      6: 'REJECT_ROUTE',
    },
  ],
  ['ICMPV6_TIME_EXCEEDED', wire.ICMPV6_TIME_EXCEEDED, { 0: 'HOP_LIMIT', 1: 'REASSEMBLY' }],
  [
    'ICMPV6_PARAMETER_PROBLEM',
    wire.ICMPV6_PARAMETER_PROBLEM,
    { 0: 'HEADER_FIELD', 1: 'NEXT_HEADER', 2: 'OPTION', 3: 'INCOMPLETE_CHAIN' },
  ],
  [
    'IPV4_OPTION',
    wire.IPV4_OPTION,
    {
      0: 'END',
      1: 'NOP',
      7: 'RECORD_ROUTE',
      68: 'TIMESTAMP',
      130: 'SECURITY',
      131: 'LOOSE_SOURCE_ROUTE',
      137: 'STRICT_SOURCE_ROUTE',
      148: 'ROUTER_ALERT',
    },
  ],
  [
    'TCP_OPTION',
    wire.TCP_OPTION,
    { 0: 'END', 1: 'NOP', 2: 'MSS', 3: 'WINDOW_SCALE', 4: 'SACK_PERMITTED', 5: 'SACK', 8: 'TIMESTAMPS' },
  ],
  ['TCP_FLAG', wire.TCP_FLAG, { 1: 'FIN', 2: 'SYN', 4: 'RST', 8: 'PSH', 16: 'ACK', 32: 'URG', 64: 'ECE', 128: 'CWR' }],
  [
    'ND_OPTION',
    wire.ND_OPTION,
    { 1: 'SOURCE_LINK_LAYER', 2: 'TARGET_LINK_LAYER', 3: 'PREFIX_INFORMATION', 4: 'REDIRECTED_HEADER', 5: 'MTU' },
  ],
  [
    'MLD2_RECORD',
    wire.MLD2_RECORD,
    {
      1: 'MODE_IS_INCLUDE',
      2: 'MODE_IS_EXCLUDE',
      3: 'CHANGE_TO_INCLUDE',
      4: 'CHANGE_TO_EXCLUDE',
      5: 'ALLOW_NEW_SOURCES',
      6: 'BLOCK_OLD_SOURCES',
    },
  ],
  ['ARP_OPERATION', wire.ARP_OPERATION, { 1: 'REQUEST', 2: 'REPLY' }],
  [
    'WIREGUARD_TYPE',
    wire.WIREGUARD_TYPE,
    { 1: 'HANDSHAKE_INITIATION', 2: 'HANDSHAKE_RESPONSE', 3: 'COOKIE_REPLY', 4: 'TRANSPORT_DATA' },
  ],
]

describe('registries', () => {
  it.each(REGISTRIES)('%s', (_name, numbers, values) => {
    const turned = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [value, key]))
    expect(turned).toEqual(values)
  })

  it.each([
    [0, 'HOPOPT'],
    [1, 'ICMP'],
    [2, 'IGMP'],
    [4, 'IPIP'],
    [6, 'TCP'],
    [17, 'UDP'],
    [41, 'IPv6'],
    [43, 'IPv6-Route'],
    [44, 'IPv6-Frag'],
    [47, 'GRE'],
    [50, 'ESP'],
    [51, 'AH'],
    [58, 'ICMPv6'],
    [59, 'IPv6-NoNxt'],
    [60, 'IPv6-Opts'],
    [89, 'OSPF'],
    [132, 'SCTP'],
    [136, 'UDPLite'],
    [253, undefined],
  ])('protocol %i is called %s', (number, name) => expect(wire.protocolName(number)).toBe(name))
})

describe('the hash of Bob Jenkins gives the values of his lookup3.c', () => {
  /** A text as words, filled with zeros; the length in bytes goes into the start value. */
  function hashOf(text: string, seed: number): number {
    const words = Math.ceil(text.length / 4)
    const list = Array.from({ length: words }, (_, i) =>
      [3, 2, 1, 0].reduce((word, byte) => (word << 8) | (text.charCodeAt(i * 4 + byte) || 0), 0),
    )
    return jhash2(list, text.length - words * 4 + seed)
  }
  it.each([
    ['', 0, 0xdeadbeef],
    ['', 0xdeadbeef, 0xbd5b7dde],
    ['Four score and seven years ago', 0, 0x17770551],
    ['Four score and seven years ago', 1, 0xcd628161],
    ['Four score a', 0, 0xccda323b], // three words: nothing is mixed before the end
    ['Four score and s', 0, 0x17bd0180], // one is left over
    ['Four score and seven yea', 1, 0xd65c22ce], // three are left over
  ])('%j with %i', (text, seed, value) => expect(hashOf(text, seed)).toBe(value))
})
