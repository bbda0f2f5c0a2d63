// The same again: same seed, same bytes; a change taken back leaves nothing behind.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import type { NetworkRecipe } from '../../src/model/index.ts'
import { renderPcapng } from '../../src/render/index.ts'
import { traceToJson } from '../../src/trace/index.ts'
import { readPcapng } from '../../src/wire/index.ts'
import { type Case, cases, runs } from './run.ts'

/** Changes that matter to a ping. */
const EDITS: Readonly<Record<string, (made: Case) => NetworkRecipe>> = {
  'proxy_arp off': (made) => (draft) => {
    for (const node of made.nodes) {
      const { sysctls } = draft.namespaces[node]!
      for (const key of Object.keys(sysctls)) if (key.endsWith('.proxy_arp')) sysctls[key] = '0'
    }
  },
  'forwarding off': (made) => (draft) => {
    for (const node of made.nodes) draft.namespaces[node]!.sysctls['net.ipv4.ip_forward'] = '0'
  },
  'no routes in the pod': (made) => (draft) => {
    draft.namespaces[made.from]!.routes = []
  },
  'a device down': (made) => (draft) => {
    draft.namespaces[made.to]!.interfaces['eth0']!.up = false
  },
  'no shared routes': (made) => (draft) => {
    for (const node of made.nodes) delete draft.namespaces[node]!.shared
  },
}
const edits = fc.constantFrom(...Object.keys(EDITS))

it('the same seed gives the same capture file, and another seed another one', () => {
  const seen = { equal: 0, packets: 0, different: 0 }
  fc.assert(
    fc.property(cases(), fc.nat({ max: 2 ** 31 }), (made, seed) => {
      const capture = (with_: number): Uint8Array => {
        const lab = Lab.fromResources(made.resources, { seed: with_ })
        return renderPcapng(lab.ping(made.from, made.to, { count: 2 }).trace, { at: 'all' })
      }
      const first = capture(seed)
      expect(capture(seed)).toEqual(first)
      seen.equal++
      seen.packets += readPcapng(first).packets.length
      if (Buffer.compare(capture(seed + 1), first) !== 0) seen.different++
    }),
    runs(12),
  )
  expect(seen.equal).toBeGreaterThan(10)
  expect(seen.packets).toBeGreaterThan(120)
  expect(seen.different).toBe(seen.equal)
})

it('a change that is made and undone leaves the trace as it was, in a new lab', () => {
  const seen = { same: 0, changed: 0 }
  fc.assert(
    fc.property(cases(), edits, (made, edit) => {
      const lab = Lab.fromResources(made.resources)
      const { network } = lab
      const trace = (of: typeof network): string => traceToJson(Lab.fromNetwork(of).ping(made.from, made.to).trace)
      const changed = network.edit(EDITS[edit]!(made))
      const undone = changed.edit((draft) => {
        for (const name of Object.keys(network.namespaces)) draft.namespaces[name] = network.namespaces[name] as never
      })
      const before = trace(network)
      if (trace(changed) !== before) seen.changed++
      expect(trace(undone)).toBe(before)
      seen.same++
    }),
    runs(12),
  )
  expect(seen.same).toBeGreaterThan(10)
  expect(seen.changed).toBeGreaterThan(4)
})

it('a change that is made and undone leaves the trace as it was, in a lab that goes on', () => {
  const seen = { same: 0, changed: 0 }
  fc.assert(
    fc.property(cases(), edits, (made, edit) => {
      const lab = Lab.fromResources(made.resources)
      // A namespace that nothing has touched judges its first ARP request by a short cut that records one hop less, and a
      // snapshot does not keep that it was untouched: so everybody is awake before.
      lab.ping(made.from, made.to)
      lab.wait(120).ping(made.from, made.to)
      const start = lab.snapshot()
      const ping = (): string => traceToJson(lab.ping(made.from, made.to).trace)
      const before = ping()
      lab.restore(start).edit(EDITS[edit]!(made))
      if (ping() !== before) seen.changed++
      lab.restore(start)
      expect(ping()).toBe(before)
      // Without going back in time: only what the edit itself made the kernel forget is gone (a device that was down).
      if (edit === 'a device down') return
      lab.restore(start).edit(EDITS[edit]!(made)).setNetwork(start.network)
      expect(ping()).toBe(before)
      seen.same++
    }),
    runs(12),
  )
  expect(seen.same).toBeGreaterThan(6)
  expect(seen.changed).toBeGreaterThan(2)
})
