// Capture files: which frames are in them, and what a reader is told of their devices.
import { describe, expect, it } from 'vitest'
import type { Lab, Run, Trace } from '../../src/index.ts'
import { type CaptureAt, type PcapngOptions, renderPcapng, renderPcaps } from '../../src/render/index.ts'
import type { FrameHop } from '../../src/trace/index.ts'
import { LINK_TYPE, LINUX_SLL2, type PcapngFile, readPcapng, toHex } from '../../src/wire/index.ts'
import { ipipShop, shop, wireguardShop } from './shop.ts'

const [WEB, NEAR, DB] = ['shop/web-0', 'shop/web-1', 'shop/db-0']

const read = (trace: Trace, options?: PcapngOptions): PcapngFile => readPcapng(renderPcapng(trace, options))

/** How many packets a file has of each device. */
function counts(file: PcapngFile): Record<string, number> {
  const found: Record<string, number> = {}
  for (const packet of file.packets) {
    const name = file.interfaces[packet.interface]?.name ?? ''
    found[name] = (found[name] ?? 0) + 1
  }
  return found
}

/** Ids of packets, told by the comments: `packet 7 (reply): …`. */
const ids = (file: PcapngFile): number[] =>
  file.packets.map((packet) => Number(/^packet (\d+)/.exec(packet.comments?.[0] ?? '')?.[1]))

/** A lab whose neighbours know one another: only what is asked is sent. */
function settled(lab: Lab): Lab {
  lab.ping(WEB, DB)
  return lab
}

/** The hardware address in a cooked header. */
const sourceOf = (file: PcapngFile, n: number): Uint8Array =>
  file.packets[n]?.bytes.subarray(12, 18) ?? new Uint8Array(0)

/** The first packet each was made from: fragments and copies count as one. */
function origins(trace: Trace, file: PcapngFile): Set<number> {
  const parents = new Map(trace.packets.map((packet) => [packet.id, packet.parent]))
  const first = (id: number): number => {
    const parent = parents.get(id)
    return parent === undefined ? id : first(parent)
  }
  return new Set(ids(file).map(first))
}

type Flow = (lab: Lab) => Run
const LABS: Readonly<Record<string, () => Lab>> = { vxlan: () => shop(), ipip: ipipShop, wireguard: wireguardShop }
const FLOWS: Readonly<Record<string, Flow>> = {
  ping: (lab) => lab.ping(WEB, DB),
  tcp: (lab) => lab.tcp(WEB, DB, 8080, { request: 4000 }),
  'a ping in fragments': (lab) => lab.ping(WEB, DB, { size: 3000 }),
  'too few hops': (lab) => lab.ping(WEB, DB, { ttl: 1 }),
  'two pods of a node': (lab) => lab.ping(WEB, NEAR),
  'to itself': (lab) => lab.ping(WEB, WEB),
}
const scenes = Object.entries(LABS).flatMap(([kind, lab]) =>
  Object.entries(FLOWS).map(([name, flow]) => ({ name: `${kind}: ${name}`, lab, flow })),
)

describe('a file of the wire', () => {
  it.each([
    {
      name: 'what goes between machines on one cable; what they ask their neighbours where they ask',
      trace: () => shop().ping(WEB, DB).trace,
      devices: { [`${WEB}/eth0`]: 2, 'w1/eth0': 4, 'router/eth1': 2, 'w2/cali43878a68a0a': 2 },
    },
    {
      name: 'what stays on a node on the cable of the pod that asks',
      trace: () => shop().ping(WEB, NEAR).trace,
      devices: { [`${WEB}/eth0`]: 4, 'w1/cali751425ce827': 2 },
    },
    {
      name: 'what WireGuard encrypts once in the clear and once as the wire has it',
      trace: () => settled(wireguardShop()).ping(WEB, DB).trace,
      devices: { [`${WEB}/eth0`]: 2, 'w1/eth0': 2 },
    },
  ])('has $name', ({ trace, devices }) => {
    expect(counts(read(trace()))).toEqual(devices)
  })

  it.each(scenes)('has every packet: $name', ({ lab, flow }) => {
    const { trace } = flow(lab())
    expect(origins(trace, read(trace))).toEqual(origins(trace, read(trace, { at: 'all' })))
  })

  it.each(scenes)('has none twice: $name', ({ name, lab, flow }) => {
    const seen = ids(read(flow(lab()).trace))
    const most = name.startsWith('wireguard') ? 2 : 1
    for (const id of seen) expect(seen.filter((other) => other === id).length).toBeLessThanOrEqual(most)
  })
})

describe('a file of', () => {
  const { trace } = settled(shop()).ping(WEB, DB)

  it.each([
    { at: 'links', packets: 12, devices: 6 },
    { at: 'all', packets: 28, devices: 14 },
    { at: 'w1/eth0', packets: 2, devices: 1 },
    { at: 'w1/lo', packets: 0, devices: 1 },
  ] satisfies { at: CaptureAt; packets: number; devices: number }[])(
    '$at: $packets frames of $devices devices',
    (one) => {
      const file = read(trace, { at: one.at })
      expect([file.packets.length, file.interfaces.length]).toEqual([one.packets, one.devices])
    },
  )

  it('devices says what each is', () => {
    const descriptions = read(trace, { at: 'all' }).interfaces.map((one) => [one.name, one.description])
    expect(Object.fromEntries(descriptions)).toMatchObject({
      [`${WEB}/eth0`]: `eth0 of pod ${WEB}, cable to w1/calia4fc3c48bd8`,
      'w1/vxlan.calico': 'vxlan.calico of node w1',
      'router/eth1': 'eth1 of router router, cable to switch-lan2/port2',
    })
  })

  it('devices with and without link layer is cooked, as with tcpdump -i any', () => {
    const file = read(settled(ipipShop()).ping(WEB, DB).trace, { at: 'all' })
    expect([...new Set(file.interfaces.map((one) => one.linkType))]).toEqual([LINUX_SLL2])
    const headers = file.packets.map(({ bytes, interface: at }) => [
      file.interfaces[at]?.name,
      toHex(bytes.subarray(0, 20)),
      bytes[20],
    ])
    expect(headers.slice(0, 3)).toEqual([
      [`${WEB}/eth0`, `08000000000000010001${'04'}06${toHex(sourceOf(file, 0))}0000`, 0x45],
      ['w1/calia4fc3c48bd8', `08000000000000020001${'00'}06${toHex(sourceOf(file, 1))}0000`, 0x45],
      ['w1/tunl0', `0800000000000003fffe${'04'}000000000000000000`, 0x45],
    ])
  })

  it('one device without link layer is as the device has it', () => {
    const file = read(settled(ipipShop()).ping(WEB, DB).trace, { at: 'w1/tunl0' })
    expect([file.interfaces[0]?.linkType, file.packets[0]?.bytes[0]]).toEqual([LINK_TYPE.RAW, 0x45])
  })
})

describe('classic files', () => {
  it('are one a device, each with its link type', () => {
    const files = renderPcaps(settled(ipipShop()).ping(WEB, DB).trace)
    expect(files.map(({ name, bytes }) => [name, bytes[20]])).toEqual([
      ['shop_web-0_eth0.pcap', LINK_TYPE.ETHERNET],
      ['w1_calia4fc3c48bd8.pcap', LINK_TYPE.ETHERNET],
      ['w1_tunl0.pcap', LINK_TYPE.RAW],
      ['w1_eth0.pcap', LINK_TYPE.ETHERNET],
      ['switch-lan1_port1.pcap', LINK_TYPE.ETHERNET],
      ['switch-lan1_port2.pcap', LINK_TYPE.ETHERNET],
      ['router_eth0.pcap', LINK_TYPE.ETHERNET],
      ['router_eth1.pcap', LINK_TYPE.ETHERNET],
      ['switch-lan2_port2.pcap', LINK_TYPE.ETHERNET],
      ['switch-lan2_port1.pcap', LINK_TYPE.ETHERNET],
      ['w2_eth0.pcap', LINK_TYPE.ETHERNET],
      ['w2_tunl0.pcap', LINK_TYPE.RAW],
      ['w2_cali43878a68a0a.pcap', LINK_TYPE.ETHERNET],
      ['shop_db-0_eth0.pcap', LINK_TYPE.ETHERNET],
    ])
  })

  it.each([
    { devices: ['../etc', '..\\etc'], names: ['__etc_x.pcap', '__etc_x-2.pcap'] },
    { devices: ['N1', 'n1'], names: ['N1_x.pcap', 'n1_x-2.pcap'] },
    { devices: ['a\u001b[31m', 'ä'], names: ['a__31m_x.pcap', '__x.pcap'] },
  ])('have names that every system takes, and none twice: $names', ({ devices, names }) => {
    const { trace } = settled(shop()).ping(WEB, DB)
    const [frame] = trace.hops.filter((hop) => hop.kind === 'tx')
    const hops = devices.map((netns) => ({ ...(frame as FrameHop), netns, dev: 'x' }))
    expect(renderPcaps({ ...trace, hops }).map(({ name }) => name)).toEqual(names)
  })
})
