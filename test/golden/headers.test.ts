// Packets of every protocol with fields from a seed, as builders write them, as tcpdump prints them and as trees of their fields.
import { describe } from 'vitest'
import * as wire from '../../src/wire/index.ts'
import { mutate } from '../robustness/random.ts'
import { goldens } from '../support/golden.ts'
import { PACKETS, PacketDraw } from './packets.ts'

function saidOf(bytes: Uint8Array, link: number): string {
  const lines = [
    wire.toHex(bytes),
    describeBoth(bytes, link),
    JSON.stringify(wire.dissectFrame(bytes, link)),
    wire.toHex(wire.cookedFrame(bytes, link, bytes.length, bytes.length % 2 === 1)),
    JSON.stringify(faultsOf(bytes)),
  ]
  return `${lines.join('\n')}\n`
}

const describeBoth = (bytes: Uint8Array, link: number): string =>
  [{}, { link: true }, { verbose: true }].map((options) => wire.describeFrame(bytes, link, options)).join('\n')

/** What each check of a header says about the bytes behind the link layer. */
function faultsOf(bytes: Uint8Array): unknown[] {
  const at = wire.ETHERNET_HEADER_LENGTH
  const end = bytes.length
  const checks = [wire.arpFault, wire.ipv4Fault, wire.ipv4HeaderFault, wire.ipv6Fault, wire.ipv6HeaderFault]
  const upper = [wire.icmpFault, wire.tcpFault, wire.udpFault]
  return [...checks.map((check) => check(bytes, at, end)), ...upper.map((check) => check(bytes, at + 20, end))]
}

const RUNS = 300

describe('a packet is as it was', () => {
  goldens('headers', Object.keys(PACKETS), (kind) => {
    const draw = new PacketDraw(kind.length * 7 + 1)
    const texts: string[] = []
    let before = new Uint8Array(0)
    for (let i = 0; i < RUNS; i++) {
      const bytes = PACKETS[kind]!(draw)
      texts.push(saidOf(bytes, 1), saidOf(bytes.subarray(14), 101))
      texts.push(saidOf(mutate(draw, bytes, before), 1), saidOf(bytes.subarray(0, draw.below(bytes.length)), 1))
      before = bytes as typeof before
    }
    return texts.join('')
  })
})
