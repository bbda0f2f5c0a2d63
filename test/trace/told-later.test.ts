import { readFileSync } from 'node:fs'
import { Lab, renderText } from 'packetwalk'
import { parseTrace } from 'packetwalk/trace'
import { describe, expect, it } from 'vitest'

const demo = (mode: string): string =>
  readFileSync(new URL(`../../examples/demo/${mode}.yaml`, import.meta.url), 'utf8')

/** Words of hops are made when they are read; what happens in between must not change them. */
describe('a trace told later', () => {
  it.each(['ipip', 'vxlan', 'noencap'])('tells of %s what it told at once, whatever happened since', (mode) => {
    const lab = Lab.load(demo(mode))
    const [from = '', to = ''] = (lab.cluster?.workloadEndpoints ?? [])
      .filter((pod) => pod.namespace === 'default')
      .map((pod) => pod.netns)
    const node = lab.cluster?.workloadEndpoints.find((pod) => pod.netns === from)?.node ?? ''
    lab.ping(from, to)
    const atOnce = JSON.stringify(lab.trace())
    const later = lab.trace()
    // Other packets in the recorder's memory, and another network: routes, neighbours, devices.
    lab.ping(to, from, { count: 3 })
    lab.edit((draft) => {
      const ns = draft.namespaces[node]
      for (const link of Object.values(ns?.interfaces ?? {})) link.mtu = 1280
      if (ns !== undefined) ns.routes = ns.routes.filter((route) => route.type !== 'unicast')
      for (const link of Object.values(draft.namespaces[to]?.interfaces ?? {})) link.up = false
    })
    lab.ping(from, to)
    expect(JSON.stringify(later)).toBe(atOnce)
  })

  it('gives the same values whenever they are read, and hides nothing from who copies a hop', () => {
    const lab = Lab.load(demo('ipip'))
    const [from = '', to = ''] = lab.pods
    const { trace } = lab.ping(from, to)
    for (const hop of trace.hops) {
      expect(hop.facts).toBe(hop.facts)
      expect({ ...hop }).toEqual(JSON.parse(JSON.stringify(hop)))
    }
  })

  it('is told alike of hops as they were read, spelled out, and read back from JSON', () => {
    const lab = Lab.load(demo('vxlan'))
    const [from = '', to = ''] = lab.pods
    for (const ask of [() => lab.ping(from, to), () => lab.tcp(from, to, 80), () => lab.traceroute(from, to)]) {
      const { trace } = ask()
      const again = parseTrace(JSON.stringify(trace))
      for (const view of ['hops', 'both', 'frames', 'reasons', 'bytes'] as const) {
        const text = renderText(trace, { view, network: lab.network })
        expect(renderText(again, { view, network: lab.network })).toBe(text)
        expect(renderText({ ...trace }, { view, network: lab.network })).toBe(text)
      }
    }
  })
})
