import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  describeFrame,
  dissectFrame,
  Ipv4View,
  isHeaderFault,
  type Layer,
  type LayerField,
  numberToIpv4,
  parseHex,
  readPcapng,
} from '../../src/wire/index.ts'

const fixture = (name: string): URL => new URL(`../fixtures/wire/${name}`, import.meta.url)
const samples = JSON.parse(readFileSync(fixture('tcpdump-4.99.3.json'), 'utf8')) as readonly {
  readonly name: string
  readonly linkType: number
  readonly hex: string
  readonly plain: string
}[]
const frames = samples.map((sample) => ({ ...sample, bytes: parseHex(sample.hex)! }))

function sample(part: string): Layer[] {
  const found = frames.find((one) => one.name === part)
  if (found === undefined) throw new Error(`test: no sample ${part}`)
  return dissectFrame(found.bytes, found.linkType)
}

/** The names of the layers, those inside in brackets. */
function names(layers: readonly Layer[]): string {
  return layers.map((layer) => layer.protocol + (layer.inner === undefined ? '' : `(${names(layer.inner)})`)).join(' ')
}

function text(layers: readonly Layer[], protocol: string, name: string): string | undefined {
  return layers.find((layer) => layer.protocol === protocol)?.fields.find((field) => field.name === name)?.text
}

/** All layers and fields, however deep. */
function all(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) => [layer, ...all(layer.inner ?? [])])
}

describe('the tree of fields', () => {
  it.each([
    ['ipip', 'ethernet ipv4(ipv4 icmp data)'],
    ['ipip in ipip', 'ethernet ipv4(ipv4(ipv4 icmp))'],
    ['6in4', 'ethernet ipv4(ipv6 icmpv6 data)'],
    ['4in6', 'ethernet ipv6(ipv4 icmp data)'],
    ['vxlan v4', 'ethernet ipv4 udp vxlan(ethernet ipv4 icmp data)'],
    ['vxlan arp', 'ethernet ipv4 udp vxlan(ethernet arp)'],
    ['unreachable 1', 'ethernet ipv4 icmp(ipv4 udp data)'],
    ['icmp6 unreach 0', 'ethernet ipv6 icmpv6(ipv6 udp data)'],
    ['vlan', 'ethernet vlan ipv4 icmp data'],
    ['arp padded', 'ethernet arp data'],
    ['tcp data', 'ethernet ipv4 tcp data'],
    ['frag next', 'ethernet ipv4 data'],
    ['frag6 first', 'ethernet ipv6 ipv6-fragment icmpv6 data'],
    ['mld2 report', 'ethernet ipv6 ipv6-hop-by-hop icmpv6'],
    ['ns', 'ethernet ipv6 icmpv6'],
    ['ethertype unknown', 'ethernet data'],
    ['raw v4', 'ipv4 icmp data'],
  ])('%s: %s', (name, layers) => {
    expect(names(sample(name))).toBe(layers)
  })

  it('says what numbers stand for', () => {
    const vxlan = sample('vxlan v4')
    expect(text(vxlan, 'ethernet', 'type')).toBe('0x0800 (IPv4)')
    expect(text(vxlan, 'ipv4', 'protocol')).toBe('17 (UDP)')
    expect(text(vxlan, 'ipv4', 'source')).toBe('172.16.0.1')
    expect(text(vxlan, 'ipv4', 'headerChecksum')).toMatch(/ \(correct\)$/)
    expect(text(vxlan, 'udp', 'checksum')).toBe('0x0000 (none)')
    expect(text(vxlan, 'vxlan', 'vni')).toBe('4096')
    expect(text(sample('arp op 1'), 'arp', 'operation')).toBe('1 (request)')
    expect(text(sample('tcp flags 18'), 'tcp', 'flags')).toBe('0x12 [S.]')
    expect(text(sample('ns'), 'icmpv6', 'target')).toBe('fd00::9')
    expect(text(sample('frag next'), 'ipv4', 'fragmentOffset')).toBe('3 (24 bytes)')
  })

  it.each([
    ['ip bad sum', 'ipv4', 'bad_checksum'],
    ['tcp bad sum', 'tcp', 'bad_checksum'],
    ['udp bad sum', 'udp', 'bad_checksum'],
    ['icmp bad sum', 'icmp', 'bad_checksum'],
    ['icmp6 bad sum', 'icmpv6', 'bad_checksum'],
    ['udp length 4', 'udp', 'bad_length'],
    ['tcp hdr short', 'tcp', 'bad_header_length'],
    ['cut udp 44', 'ipv4', 'truncated'],
    ['ip version 5', 'ipv4', 'bad_version'],
  ])('%s: %s has %s', (name, protocol, fault) => {
    expect(sample(name).find((layer) => layer.protocol === protocol)?.fault).toBe(fault)
  })

  it('finds no fault in what the kernel sent', () => {
    const file = readPcapng(new Uint8Array(readFileSync(fixture('ipip-ping.pcapng'))))
    for (const packet of file.packets) {
      const layers = all(dissectFrame(packet.bytes, file.interfaces[packet.interface]!.linkType))
      expect(layers.filter((layer) => layer.fault !== undefined)).toEqual([])
    }
  })

  it('agrees with the view', () => {
    for (const { bytes, linkType } of frames) {
      if (linkType !== 101) continue
      const view = Ipv4View.checked(bytes)
      if (isHeaderFault(view)) continue
      const layers = dissectFrame(bytes, linkType)
      expect(text(layers, 'ipv4', 'destination')).toBe(numberToIpv4(view.destination))
      expect(text(layers, 'ipv4', 'ttl')).toBe(String(view.ttl))
    }
  })
})

describe('any bytes', () => {
  const mutated = fc
    .tuple(
      fc.constantFrom(...frames),
      fc.array(fc.tuple(fc.nat(250), fc.nat(255)), { maxLength: 6 }),
      fc.option(fc.nat(250), { nil: undefined }),
    )
    .map(([{ bytes, linkType }, changes, length]) => {
      const copy = bytes.slice(0, length ?? bytes.length)
      for (const [at, value] of changes) if (at < copy.length) copy[at] = value
      return { bytes: copy, linkType }
    })
  const random = fc.record({ bytes: fc.uint8Array({ maxLength: 200 }), linkType: fc.constantFrom(1, 101, 7) })
  const inside = (place: Pick<LayerField, 'start' | 'length'>, length: number): boolean =>
    place.start >= 0 && place.length >= 0 && place.start + place.length <= length

  it('are described and dissected without throwing, and every field lies in the frame', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, random), ({ bytes, linkType }) => {
        for (const link of [false, true]) {
          expect(describeFrame(bytes, linkType, { link })).not.toContain('undefined')
          expect(describeFrame(bytes, linkType, { link, verbose: true })).not.toContain('NaN')
        }
        for (const layer of all(dissectFrame(bytes, linkType))) {
          for (const field of layer.fields) expect(inside(field, bytes.length)).toBe(true)
          if (layer.fault === undefined) expect(inside(layer, bytes.length)).toBe(true)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('deep nesting ends', () => {
    const one = parseHex('4500001400000000ff04000001010101 02020202')!
    const bytes = new Uint8Array(20 * 3000)
    for (let at = 0; at < bytes.length; at += 20) {
      bytes.set(one, at)
      const left = Math.min(65535, bytes.length - at)
      bytes[at + 2] = left >> 8
      bytes[at + 3] = left & 255
    }
    expect(describeFrame(bytes, 101)).toMatch(/^IP 1\.1\.1\.1 > 2\.2\.2\.2: IP /)
    expect(all(dissectFrame(bytes, 101)).length).toBeGreaterThan(10)
  })
})
