// What every frame of every trace obeys, in every mode: checksums, lengths, addresses, and inner packets left alone.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { cablePeer } from '../../src/model/index.ts'
import { network, type RandomCluster } from '../../src/testing/index.ts'
import type { FrameHop, Trace } from '../../src/trace/index.ts'
import {
  ARP_LENGTH,
  ArpView,
  checksumHolds,
  contains,
  ETHERTYPE,
  LINK_TYPE,
  numberToIpv4,
  readU16,
} from '../../src/wire/index.ts'
import { bytesOf, headersIn, innermost, networkOffset } from './packets.ts'
import { cases, conversation, framesOf, labOf, runs } from './run.ts'

const sizes = fc.constantFrom(0, 56, 1200, 1372, 1472, 3000, 8000)
const discovery = fc.constantFrom('do', 'want', 'dont') as fc.Arbitrary<'do' | 'want' | 'dont'>

/** Frames of a trace that crossed a wire: all but those inside a bridge or a tunnel device. */
function onWires(lab: Lab, trace: Trace): FrameHop[] {
  return framesOf(trace.hops).filter((frame) => cablePeer(lab.network, frame.netns, frame.dev) !== undefined)
}

/** Frames on wires between machines, not on those of pods. */
function onUnderlay(lab: Lab, trace: Trace): FrameHop[] {
  const isPod = (netns: string): boolean => lab.network.namespaces[netns]?.role === 'pod'
  return onWires(lab, trace).filter(
    (frame) => !isPod(frame.netns) && !isPod(cablePeer(lab.network, frame.netns, frame.dev)!.netns),
  )
}

/** IPv4 addresses in the outermost header of a frame. */
function outermost(frame: FrameHop): string[] {
  const bytes = bytesOf(frame)
  if (readU16(bytes, 12) === ETHERTYPE.ARP) {
    const arp = new ArpView(bytes, 14)
    return [arp.senderProtocol, arp.targetProtocol].map(numberToIpv4)
  }
  const [header] = headersIn(frame)
  return header === undefined ? [] : [header.source, header.destination].map(numberToIpv4)
}

function isPodAddress(made: RandomCluster, address: string): boolean {
  return made.pools.some((pool) => contains(pool, address as never))
}

describe('in any cluster', () => {
  it('inner bytes change in TTL and header checksum only', () => {
    const seen = { frames: 0, tunnelled: 0 }
    fc.assert(
      fc.property(cases(), fc.constantFrom(0, 56, 1000), (made, size) => {
        const lab = labOf(made)
        const run = lab.ping(made.from, made.to, { size })
        const { request, reply } = conversation(run)
        for (const packet of [request, reply]) {
          if (packet === undefined) continue
          const frames = framesOf(run.trace.hops, packet.id)
          const first = innermost(frames[0]!)
          for (const frame of frames) {
            expect(innermost(frame), frame.line).toEqual(first)
            seen.frames++
            if (headersIn(frame).length > 1) seen.tunnelled++
          }
        }
      }),
      runs(30),
    )
    expect(seen.frames).toBeGreaterThan(100)
    expect(seen.tunnelled).toBeGreaterThan(25)
  })

  it('what leaves a tunnel is what entered it, byte for byte', () => {
    const seen = { ipip: 0, vxlan: 0 }
    fc.assert(
      fc.property(
        cases({ mode: ['ipip-always', 'ipip-cross-subnet', 'vxlan-always', 'vxlan-cross-subnet'] }),
        fc.integer({ min: 0, max: 1100 }),
        fc.integer({ min: 0, max: 255 }),
        (made, size, tos) => {
          // ECN bits of an inner packet may be changed by RFC 6040 when the outer one was marked; nobody marks here.
          const { trace } = labOf(made).ping(made.from, made.to, { size, tos })
          const tunnelled = framesOf(trace.hops).filter((frame) => /^(tunl0|vxlan\.calico)$/.test(frame.dev))
          const before = tunnelled.filter((frame) => frame.kind === 'tx')
          const after = tunnelled.filter((frame) => frame.kind === 'rx')
          expect(after.map((frame) => frame.bytes)).toEqual(before.map((frame) => frame.bytes))
          for (const frame of after) seen[frame.dev === 'tunl0' ? 'ipip' : 'vxlan']++
        },
      ),
      runs(30),
    )
    expect(seen.ipip).toBeGreaterThan(5)
    expect(seen.vxlan).toBeGreaterThan(5)
  })

  it('no pod address is the outermost one on an underlay wire, where everything is encapsulated', () => {
    let checked = 0
    fc.assert(
      fc.property(cases({ mode: ['ipip-always', 'vxlan-always'] }), (made) => {
        const lab = labOf(made)
        const { trace } = lab.ping(made.from, made.to)
        for (const frame of onUnderlay(lab, trace)) {
          for (const address of outermost(frame)) {
            expect(isPodAddress(made, address), `${frame.netns}/${frame.dev} ${frame.line}`).toBe(false)
            checked++
          }
        }
      }),
      runs(25),
    )
    expect(checked).toBeGreaterThan(100)
  })

  it('without encapsulation pods do show on the underlay: the property above can fail', () => {
    let shown = 0
    fc.assert(
      fc.property(cases({ mode: 'none', subnets: 1 }), (made) => {
        const lab = labOf(made)
        const { trace } = lab.ping(made.from, made.to)
        for (const frame of onUnderlay(lab, trace)) {
          if (outermost(frame).some((address) => isPodAddress(made, address))) shown++
        }
      }),
      runs(8),
    )
    expect(shown).toBeGreaterThan(0)
  })

  it('every header checksum on every device is right, and that of every whole ICMP message', () => {
    const seen = { ipv4: 0, icmp: 0, arp: 0 }
    fc.assert(
      fc.property(cases(), sizes, discovery, (made, size, pmtudisc) => {
        const { trace } = labOf(made).ping(made.from, made.to, { size, pmtudisc, count: 2 })
        for (const frame of framesOf(trace.hops)) {
          const bytes = bytesOf(frame)
          if (frame.linkType === LINK_TYPE.ETHERNET && readU16(bytes, 12) === ETHERTYPE.ARP) {
            expect(bytes.length).toBeGreaterThanOrEqual(14 + ARP_LENGTH)
            seen.arp++
          }
          for (const header of headersIn(frame)) {
            expect(checksumHolds(bytes, header.at, header.payloadAt), frame.line).toBe(true)
            seen.ipv4++
            if (headersIn(frame).some((each) => each.isFragment)) continue
            expect(header.end).toBeLessThanOrEqual(bytes.length)
            if (header.protocol !== 1) continue
            expect(checksumHolds(bytes, header.payloadAt, header.end), frame.line).toBe(true)
            seen.icmp++
          }
        }
      }),
      runs(30),
    )
    expect(seen.ipv4).toBeGreaterThan(500)
    expect(seen.icmp).toBeGreaterThan(250)
    expect(seen.arp).toBeGreaterThan(100)
  })

  it('no frame on a wire is above its MTU, at either end', () => {
    const seen = { frames: 0, full: 0, fragments: 0 }
    fc.assert(
      fc.property(cases(), sizes, discovery, (made, size, pmtudisc) => {
        const lab = labOf(made)
        const { trace } = lab.ping(made.from, made.to, { size, pmtudisc, count: 2 })
        for (const frame of onWires(lab, trace)) {
          const length = bytesOf(frame).length - networkOffset(frame)
          const peer = cablePeer(lab.network, frame.netns, frame.dev)!
          for (const { netns, dev } of [frame, peer]) {
            const { mtu } = lab.network.namespaces[netns]!.interfaces[dev]!
            expect(length, `${netns}/${dev} ${frame.line}`).toBeLessThanOrEqual(mtu)
            if (length > mtu - 8) seen.full++
          }
          if (headersIn(frame)[0]?.isFragment) seen.fragments++
          seen.frames++
        }
      }),
      runs(40),
    )
    expect(seen.frames).toBeGreaterThan(500)
    expect(seen.full).toBeGreaterThan(5)
    expect(seen.fragments).toBeGreaterThan(10)
  })
})

describe('in networks made by hand', () => {
  it('a ping passes every router, one TTL each, whatever the MTUs', () => {
    let checked = 0
    fc.assert(
      fc.property(network(), sizes, (made, size) => {
        const lab = Lab.fromNetwork(made.network)
        const run = lab.ping(made.from, made.address, { size, pmtudisc: 'dont' })
        expect(run.trace.disposition).toMatchObject({ kind: 'answered', by: made.to })
        expect(run.stdout).toContain(`ttl=${64 - made.routers.length}`)
        for (const frame of onWires(lab, run.trace)) {
          const { mtu } = lab.network.namespaces[frame.netns]!.interfaces[frame.dev]!
          expect(bytesOf(frame).length - networkOffset(frame)).toBeLessThanOrEqual(mtu)
          checked++
        }
      }),
      runs(30),
    )
    expect(checked).toBeGreaterThan(100)
  })
})
