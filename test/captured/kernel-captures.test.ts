// Captures of a real kernel, each device by itself and without its name, explained from the dumps beside them.
import { expect, it } from 'vitest'
import { explainCapture } from '../../src/captured/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { parseScenario } from '../../src/replay/index.ts'
import { readPcapng, writePcap } from '../../src/wire/index.ts'
import { readScenario } from '../support/captures.ts'

const SCENARIOS = [
  '01-same-node',
  '03b-ipip-felix',
  '04c-vxlan-felix',
  '08-wireguard',
  '09-nat-outgoing',
  '12-l4',
  '13-mtu-vxlan-pod1500',
  '17c-ipv6-vxlan',
  '18-services-ipip',
  '19-policy-ipip',
]
/** Probes of each that are looked at. */
const PROBES = 2

it('are found where they were taken, and no packet stays unexplained', () => {
  const count = { captures: 0, placed: 0, right: 0, packets: 0, expected: 0, unknown: 0 }
  for (const name of SCENARIOS) {
    const files = readScenario(name)
    const { network, probes } = parseScenario(files)
    const lab = Lab.fromNetwork(network)
    for (const { file } of probes.slice(0, PROBES)) {
      const { interfaces, packets } = readPcapng(files.get(`${file}.pcapng`)!)
      interfaces.forEach(({ name: device, linkType }, i) => {
        const own = packets.filter((one) => one.interface === i)
        if (own.length === 0) return
        const [source] = explainCapture(lab, [{ name, bytes: writePcap(linkType, own) }]).sources
        count.captures++
        count.packets += own.length
        count.expected += source!.packets.filter(({ explained }) => explained === 'expected').length
        count.unknown += source!.packets.filter(({ explained }) => explained === 'unknown').length
        if (source!.place === undefined) return
        count.placed++
        const places = [source!.place, ...source!.alternatives].map(({ netns, dev }) => `${netns}/${dev}`)
        if (places.includes(device!)) count.right++
      })
    }
  }
  expect(count.unknown).toBe(0)
  expect(count.captures).toBeGreaterThan(80)
  expect(count.placed / count.captures).toBeGreaterThan(0.8)
  expect(count.right / count.placed).toBeGreaterThan(0.98)
  expect(count.expected / count.packets).toBeGreaterThan(0.85)
}, 240_000)
