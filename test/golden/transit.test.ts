// Frames of every protocol on the wires between two hosts and their routers: what each namespace makes of them.
import { describe } from 'vitest'
import { type NetDevice, Recorder, SECOND, Simulation, sendFrame } from '../../src/dataplane/index.ts'
import { goldens } from '../support/golden.ts'
import { KINDS, type Kind, lineOf } from './line.ts'
import { PACKETS, PacketDraw } from './packets.ts'
import { recordText, stateText } from './texts.ts'

/** Who is on the wires, by their links; and some that are not. */
const POOL = {
  macs: [
    '02:00:00:00:00:01',
    '02:00:00:00:00:02',
    '02:00:00:00:00:01',
    '02:00:00:00:00:02',
    '02:00:00:02:00:01',
    '02:00:00:02:00:02',
    '02:00:00:01:00:00',
    '02:00:00:01:00:02',
    'ff:ff:ff:ff:ff:ff',
    '33:33:00:00:00:01',
    '01:00:5e:00:00:01',
  ],
  v4: [
    '10.0.0.2',
    '10.0.0.2',
    '10.0.0.1',
    '10.2.0.2',
    '10.2.0.2',
    '10.2.0.1',
    '10.2.0.88',
    '172.16.0.1',
    '172.16.0.2',
    '192.168.7.1',
    '10.66.0.1',
    '10.67.0.1',
    '10.68.0.1',
    '10.71.0.1',
    '10.69.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '10.0.0.255',
    '10.2.0.255',
    '127.0.0.1',
    '0.0.0.0',
  ],
  v6: [
    'fd00::2',
    'fd00::2',
    'fd00::1',
    'fd00:2::2',
    'fd00:2::2',
    'fd00:2::1',
    'fd00:2::88',
    'fd00:ff::1',
    'fd00:ff::2',
    'fd00:66::1',
    'fd00:67::1',
    'fd00:68::1',
    'fd00:69::1',
    'fd00:71::1',
    'fe80::1',
    'fe80::2',
    'ff02::1',
    'ff02::2',
    'ff02::1:ff00:2',
    '::1',
    '::',
  ],
}

/** Where frames are put on a wire, as if the one at its end had sent them, and from which hardware address to which. */
const PLACES = [
  ['left', 'eth0', '02:00:00:00:00:02', '02:00:00:00:00:01'],
  ['right', 'eth0', '02:00:00:02:00:02', '02:00:00:02:00:01'],
  ['r1', 'eth0', '02:00:00:00:00:01', '02:00:00:00:00:02'],
  ['r1', 'eth1', '02:00:00:01:00:00', '02:00:00:01:00:02'],
  ['r2', 'eth1', '02:00:00:01:00:02', '02:00:00:01:00:00'],
] as const

const FRAMES = 45
/** A second and a bit, or until fragments and neighbours are given up. */
const PAUSES = [0, 0, 0, 0.2, 1.1, 5, 70]

describe('what becomes of a frame on a wire is as it was', () => {
  const keys = KINDS.flatMap((way) => Object.keys(PACKETS).map((kind) => `${way} ${kind}`))
  goldens('transit', keys, (key) => {
    const [way = ''] = key.split(' ')
    const kind = key.slice(way.length + 1)
    const draw = new PacketDraw(key.length * 31 + way.length, POOL)
    const recorder = new Recorder()
    const sim = new Simulation(lineOf(way as Kind, draw), { seed: 3, recorder, epoch: 1_600_000_000_000 })
    for (let i = 0; i < FRAMES; i++) {
      const [netns, dev, from, to] = draw.pick(PLACES)
      const frame = PACKETS[kind]!(draw)
      if (!draw.oneIn(5))
        for (const [at, mac] of [
          [0, to],
          [6, from],
        ] as const)
          frame.set(
            mac.split(':').map((pair) => Number.parseInt(pair, 16)),
            at,
          )
      sendFrame(sim.netns(netns).byName.get(dev) as NetDevice, frame)
      sim.run(sim.clock.now + draw.pick(PAUSES) * SECOND)
    }
    const soon = stateText(sim)
    sim.run(sim.clock.now + 130 * SECOND)
    return `${recordText(recorder)}${soon}${stateText(sim)}`
  })
})
