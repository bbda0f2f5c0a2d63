import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SECOND, Simulation, sendFrame } from '../../src/dataplane/index.ts'
import { cable, iface, namespace, networkOf } from '../../src/model/index.ts'
import { data, echo, ethernet, frame, type Ipv4, Ipv4View, ipv4, type Mac, readU16 } from '../../src/wire/index.ts'
import { cut, join, type Piece } from './fragments-oracle.ts'

const A = { ip: '10.0.0.1' as Ipv4, mac: '02:00:00:00:00:0a' as Mac }
const B = { ip: '10.0.0.2' as Ipv4, mac: '02:00:00:00:00:0b' as Mac }

/** Two hosts on a wire; b answers pings, its answers cut to its MTU. */
function pair(mtu: number): Simulation {
  const host = (name: string, { ip, mac }: typeof A, own: number) =>
    namespace(name, { interfaces: [iface({ name: 'eth0', mac, mtu: own, addresses: [`${ip}/24`] })] })
  const network = networkOf([host('a', A, 9000), host('b', B, mtu)], [cable(['a', 'eth0'], ['b', 'eth0'])])
  const lan = network.edit((draft) => {
    const known = { dst: A.ip, dev: 'eth0', lladdr: A.mac, state: 'PERMANENT' as const }
    draft.namespaces['b']!.neighbours.push(known)
  })
  return new Simulation(lan)
}

/** What b's eth0 sends, as pieces. */
function answers(sim: Simulation): Piece[] {
  const pieces: Piece[] = []
  sim.taps.push((dev, direction, bytes, start, end) => {
    if (dev.ns.name !== 'b' || direction !== 'out' || readU16(bytes, start + 12) !== 0x0800) return
    const ip = Ipv4View.checked(bytes.slice(start + 14, end), 0)
    if (!(ip instanceof Ipv4View)) return
    const content = [...ip.bytes.subarray(ip.ihl * 4, ip.totalLength)]
    const word = readU16(ip.bytes, 6)
    pieces.push({ at: (word & 0x1fff) * 8, more: (word & 0x2000) !== 0, data: content })
  })
  return pieces
}

/** The frame of one fragment. */
function fragmentFrame(piece: Piece, id: number): Uint8Array {
  const word = { fragmentOffset: piece.at / 8, moreFragments: piece.more }
  const bytes = frame(
    ethernet({ source: A.mac, destination: B.mac }),
    ipv4({ source: A.ip, destination: B.ip, protocol: 1, identification: id, ttl: 64 }),
    data(Uint8Array.from(piece.data)),
  )
  const flags = word.fragmentOffset | (word.moreFragments ? 0x2000 : 0)
  bytes.set([flags >> 8, flags & 255, bytes[22]!, bytes[23]!, 0, 0], 20)
  let sum = 0
  for (let i = 14; i < 34; i += 2) sum += readU16(bytes, i)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  bytes.set([(~sum >> 8) & 255, ~sum & 255], 24)
  return bytes
}

describe('fragments: the engine and the oracle agree', () => {
  it('on what is put together, whatever the order and whatever is missing, and on how the answer is cut', () => {
    const scene = fc.record({
      size: fc.integer({ min: 0, max: 5000 }),
      mtuIn: fc.integer({ min: 68, max: 1500 }),
      mtuOut: fc.integer({ min: 68, max: 1500 }),
      lost: fc.option(fc.nat(100), { nil: undefined, freq: 3 }),
      order: fc.array(fc.nat(1000), { minLength: 120, maxLength: 120 }),
    })
    let whole = 0
    fc.assert(
      fc.property(scene, ({ size, mtuIn, mtuOut, lost, order }) => {
        const sim = pair(mtuOut)
        const request = frame(
          ipv4({ source: A.ip, destination: B.ip }),
          echo({ identifier: 7, sequence: 1 }),
          data(size),
        )
        const content = [...request.subarray(20)]
        const pieces = cut(content, 20, Math.min(mtuIn, mtuOut))
          .filter((_piece, i, all) => all.length === 1 || i !== lost)
          .map((piece, i) => ({ piece, key: order[i] ?? i }))
          .sort((a, b) => a.key - b.key)
          .map(({ piece }) => piece)
        const sent = answers(sim)
        for (const piece of pieces) sendFrame(sim.netns('a').byName.get('eth0')!, fragmentFrame(piece, 77))
        sim.drain()
        const arrived = join(pieces)
        if (arrived === undefined) expect(sent).toEqual([])
        else {
          whole++
          expect(arrived).toEqual(content)
          const reply = join(sent)!
          expect(reply.slice(4)).toEqual(content.slice(4))
          expect(sent).toEqual(cut(reply, 20, mtuOut))
        }
        sim.run(sim.clock.now + 40 * SECOND)
        expect(sim.netns('b').frags4.size).toBe(0)
      }),
      { numRuns: 400 },
    )
    expect(whole).toBeGreaterThan(100)
  })
})
