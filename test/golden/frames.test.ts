// Every frame of every capture, and some damaged ones, as tcpdump prints them and as trees of their fields.
import { describe } from 'vitest'
import {
  describeFrame,
  dissectFrame,
  type PcapngFile,
  type PcapngPacket,
  readPcapng,
  TcpConnections,
  toHex,
} from '../../src/wire/index.ts'
import { mutate, Random } from '../robustness/random.ts'
import { listScenarios, readScenario } from '../support/captures.ts'
import { goldens } from '../support/golden.ts'

/** The capture files of a scenario. */
function capturesOf(name: string): PcapngFile[] {
  const files = [...readScenario(name)].filter(([path]) => path.endsWith('.pcapng'))
  return files.map(([, bytes]) => readPcapng(bytes))
}

const linkOf = ({ interfaces }: PcapngFile, packet: PcapngPacket): number => interfaces[packet.interface]!.linkType

/** Frames once each: they cross many interfaces. */
function differentFrames(files: readonly PcapngFile[]): { readonly bytes: Uint8Array; readonly link: number }[] {
  const seen = new Map<string, { readonly bytes: Uint8Array; readonly link: number }>()
  for (const file of files) {
    for (const packet of file.packets) {
      const link = linkOf(file, packet)
      seen.set(`${link} ${toHex(packet.bytes)}`, { bytes: packet.bytes, link })
    }
  }
  return [...seen.values()]
}

/** All that is said of a frame. */
function saidOf(bytes: Uint8Array, link: number): string {
  const lines = [
    describeFrame(bytes, link),
    describeFrame(bytes, link, { link: true, verbose: true }),
    JSON.stringify(dissectFrame(bytes, link)),
  ]
  return `${lines.join('\n')}\n`
}

describe('a frame is read as it was', () => {
  goldens('frames', listScenarios(), (name) => {
    const frames = differentFrames(capturesOf(name))
    return frames.map(({ bytes, link }) => saidOf(bytes, link)).join('')
  })
})

describe('a damaged frame is read as it was', () => {
  goldens('damaged-frames', listScenarios(), (name) => {
    const frames = differentFrames(capturesOf(name))
    const random = new Random(name.length)
    const damaged = frames.map(({ bytes, link }) => saidOf(mutate(random, bytes, random.pick(frames).bytes), link))
    return damaged.join('')
  })
})

describe('the lines of a capture are as they were, with numbers of TCP from where connections begin', () => {
  goldens('lines', listScenarios(), (name) => {
    const lines = capturesOf(name).flatMap((file) => {
      const connections = new TcpConnections()
      return file.packets.map((packet) => describeFrame(packet.bytes, linkOf(file, packet), { connections }))
    })
    return lines.join('\n')
  })
})
