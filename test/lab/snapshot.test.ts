// Stepping back: from a snapshot on, everything happens again, to the byte.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { renderPcapng } from '../../src/render/index.ts'
import { traceToJson } from '../../src/trace/index.ts'

const MODES = ['ipip', 'vxlan', 'noencap']
const open = (mode: string): Lab =>
  Lab.load(readFileSync(new URL(`../../examples/demo/${mode}.yaml`, import.meta.url), 'utf8'), { seed: 3 })

/** Everything a ping between two pods and a traceroute leave behind. */
function journey(lab: Lab, options: { readonly size?: number } = {}): string[] {
  const [a, b] = (lab.cluster?.workloadEndpoints ?? []).filter((pod) => pod.namespace === 'default')
  const run = lab.ping(a?.netns ?? '', b?.netns ?? '', { count: 2, ...options })
  return [run.stdout, traceToJson(run.trace), Buffer.from(renderPcapng(run.trace)).toString('hex')]
}

describe.each(MODES)('demo %s', (mode) => {
  it.each([
    ['cold', () => undefined],
    ['after a ping', (lab: Lab) => void journey(lab)],
    [
      'after a ping and 40 s',
      (lab: Lab) => {
        journey(lab)
        lab.wait(40)
      },
    ],
  ])('%s: snapshot, ping, restore, ping', (_name, before) => {
    const lab = open(mode)
    before(lab)
    const saved = lab.snapshot()
    const first = journey(lab)
    expect(first[0]).toContain('2 packets received')
    expect(journey(lab.restore(saved))).toEqual(first)
    lab.wait(100)
    expect(journey(lab.restore(saved))).toEqual(first)
  })

  it('a snapshot changes nothing', () => {
    const [quiet, noted] = [open(mode), open(mode)]
    noted.snapshot()
    expect(journey(noted)).toEqual(journey(quiet))
    noted.snapshot()
    expect(journey(noted.wait(20))).toEqual(journey(quiet.wait(20)))
  })

  it('wakes nobody', () => {
    const lab = open(mode)
    journey(lab)
    const asleep = (): string[] =>
      lab.simulation
        .compiledNamespaces()
        .filter(({ dormant }) => dormant)
        .map(({ name }) => name)
    const before = asleep()
    const saved = lab.snapshot()
    expect(asleep()).toEqual(before)
    for (const { name } of lab.simulation.compiledNamespaces()) lab.simulation.netns(name).ip.forward
    expect(asleep()).toEqual([])
    lab.restore(saved)
    expect(asleep()).toEqual(before)
  })
})
