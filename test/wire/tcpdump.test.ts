import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  data,
  describeFrame,
  frame,
  hexDump,
  type Ipv4,
  ipv4,
  LINK_TYPE,
  parseHex,
  TcpConnections,
  tcpFlagLetters,
  udp,
} from '../../src/wire/index.ts'

/**
 * Frames and what tcpdump 4.99.3 (Debian 12) printed for them with `-nn -t -S`, and `-e` or `-v` added. The frames named
 * "captured" are one of each kind in the kernel captures; the others were built for the case their name tells.
 */
interface Sample {
  readonly name: string
  readonly linkType: number
  readonly hex: string
  readonly plain: string
  readonly link?: string
  readonly verbose: string
}

const file = new URL('../fixtures/wire/tcpdump-4.99.3.json', import.meta.url)
const samples = JSON.parse(readFileSync(file, 'utf8')) as readonly Sample[]

describe('one line, as tcpdump prints it', () => {
  it.each(samples)('$name', (sample) => {
    const bytes = parseHex(sample.hex)!
    expect(describeFrame(bytes, sample.linkType)).toBe(sample.plain)
    expect(describeFrame(bytes, sample.linkType, { verbose: true })).toBe(sample.verbose)
    if (sample.link !== undefined) expect(describeFrame(bytes, sample.linkType, { link: true })).toBe(sample.link)
  })

  it('covers what the project sends', () => {
    const all = samples.map((sample) => sample.plain).join('\n')
    for (const word of [
      'ARP, Request',
      'ARP, Reply',
      'VXLAN, flags [I]',
      ': IP ',
      'ICMP6, neighbor',
      'Flags [S.]',
      'frag (',
    ]) {
      expect(all).toContain(word)
    }
  })

  it('an unknown link type is said, not guessed', () => {
    expect(describeFrame(new Uint8Array(4), 113)).toBe('unknown link type 113, length 4')
  })

  it('any bytes at the port of name servers', () => {
    const addresses = { source: '10.0.0.1' as Ipv4, destination: '10.0.0.2' as Ipv4 }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 90 }), fc.boolean(), (bytes, verbose) => {
        const head = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1]
        for (const message of [bytes, Uint8Array.from([...head, ...bytes])]) {
          const packet = frame(ipv4(addresses), udp({ sourcePort: 53, destinationPort: 9 }), data(message))
          expect(describeFrame(packet, LINK_TYPE.RAW, { verbose })).toContain('10.0.0.1.53 > 10.0.0.2.9: ')
        }
      }),
    )
  })

  it('no byte at all', () => {
    expect(describeFrame(new Uint8Array(0), 1)).toBe(' [|ether]')
    expect(describeFrame(new Uint8Array(0), 101)).toBe('[|ip]')
  })
})

/** Captures of TCP, and what tcpdump 4.99.3 printed for them with `-nn -t`. */
interface Connection {
  readonly name: string
  readonly frames: readonly { readonly hex: string; readonly line: string }[]
}

describe('a capture: TCP numbers from where a connection began', () => {
  const captures = new URL('../fixtures/wire/tcpdump-4.99.3-connections.json', import.meta.url)

  it.each(JSON.parse(readFileSync(captures, 'utf8')) as readonly Connection[])('$name', ({ frames }) => {
    const connections = new TcpConnections()
    const lines = frames.map(({ hex }) => describeFrame(parseHex(hex)!, LINK_TYPE.ETHERNET, { connections }))
    expect(lines).toEqual(frames.map(({ line }) => line))
  })
})

describe('pieces', () => {
  it.each([
    [0x00, 'none'],
    [0x02, 'S'],
    [0x12, 'S.'],
    [0x18, 'P.'],
    [0xff, 'FSRP.UEW'],
  ])('flags %i', (flags, letters) => {
    expect(tcpFlagLetters(flags)).toBe(letters)
  })

  it('a dump of bytes', () => {
    const bytes = Uint8Array.from({ length: 18 }, (_, i) => 0x40 + i)
    expect(hexDump(bytes)).toBe(
      '\t0x0000:  4041 4243 4445 4647 4849 4a4b 4c4d 4e4f  @ABCDEFGHIJKLMNO\n' +
        '\t0x0010:  5051                                     PQ',
    )
    expect(hexDump(bytes.subarray(0, 3), false)).toBe('\t0x0000:  4041 42')
  })
})
