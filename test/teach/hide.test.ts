// A run with a stage left out: nowhere in it stands what is asked, and what is right is what the trace says.
import { describe, expect, it } from 'vitest'
import {
  check,
  exercise,
  hide,
  misconception,
  type Scene,
  type Stage,
  scene,
  scenes,
  variant,
} from '../../src/teach/index.ts'

const STAGES: readonly Stage[] = ['route', 'conntrack', 'policy', 'nat', 'encap', 'neighbour', 'end']

/** The stages each scene has. */
const HAS: Readonly<Record<string, readonly Stage[]>> = {
  'same-node': ['route', 'conntrack', 'neighbour', 'end'],
  'no-encapsulation': ['route', 'conntrack', 'neighbour', 'end'],
  ipip: ['route', 'conntrack', 'encap', 'neighbour', 'end'],
  vxlan: ['route', 'conntrack', 'encap', 'neighbour', 'end'],
  wireguard: ['route', 'conntrack', 'encap', 'neighbour', 'end'],
  'cross-subnet': ['route', 'conntrack', 'encap', 'neighbour', 'end'],
  'nat-outgoing': ['route', 'conntrack', 'nat', 'neighbour', 'end'],
  service: ['route', 'conntrack', 'nat', 'encap', 'neighbour', 'end'],
  policy: ['route', 'conntrack', 'policy', 'encap', 'neighbour', 'end'],
  mtu: ['conntrack', 'neighbour', 'end'],
  ipv6: ['route', 'conntrack', 'neighbour', 'end'],
  'dual-stack': ['route', 'conntrack', 'encap', 'neighbour', 'end'],
  bgp: ['route', 'conntrack', 'neighbour', 'end'],
  'the-gap': ['route', 'conntrack', 'encap', 'neighbour', 'end'],
  troubleshooting: ['route', 'conntrack', 'encap', 'neighbour', 'end'],
}

const stagesOf = (run: ReturnType<Scene['run']>): readonly Stage[] =>
  STAGES.filter((stage) => {
    try {
      return hide(run, stage).blanks.length > 0
    } catch {
      return false
    }
  })

describe.each(scenes.map(({ name }) => name))('%s', (name) => {
  const run = scene(name, 3).run()

  it('has its stages', () => {
    expect(stagesOf(run)).toEqual(HAS[name])
  })

  it.each(HAS[name] ?? [])('%s: the values stand in no text, step or picture, and pass', (stage) => {
    const blanked = hide(run, stage)
    const told = [
      blanked.text,
      JSON.stringify(blanked.steps),
      blanked.picture,
      blanked.toMarkdown(),
      JSON.stringify(blanked),
    ]
    for (const { name: blank, kind } of blanked.blanks) {
      const value = blanked.solve()[blank] ?? ''
      const shape = kind === 'number' ? ` ${value} bytes: ` : value
      for (const text of told) expect(text, blank).not.toContain(shape)
      expect(told.some((text) => text.includes(`____(${blank})`)) || kind === 'endpoint' || stage === 'conntrack').toBe(
        true,
      )
    }
    expect(blanked.picture).toMatch(/^<svg /)
    expect(check(blanked, blanked.solve()).passed).toBe(true)
  })
})

describe('what is right', () => {
  it('of encap is what the request is wrapped in, wherever that happens', () => {
    const { run, lab, nodes } = scene('cross-subnet', 3)
    const { source, destination } = hide(run(), 'encap').solve()
    expect([source, destination]).toEqual([nodes[0], nodes[2]].map((node) => lab.endpoint(`node/${node}`).address))
  })

  it.each([
    ['ipip', 20],
    ['vxlan', 50],
    ['wireguard', 72],
  ])('of encap is what the frames say: %s makes a ping %i bytes longer', (name, bytes) => {
    expect(hide(scene(name, 3).run(), 'encap').solve()).toMatchObject({ added: String(bytes) })
  })

  it('of nat is the translation of the request, not that of the reply', () => {
    const { run, lab, to } = scene('service', 3)
    const { before, after } = hide(run(), 'nat').solve()
    expect(before).toBe(`${lab.endpoint(to).address}:80`)
    expect(after).not.toBe(before)
  })

  it('of nat has both sides where both are translated', () => {
    const { scene: asked } = misconception('nodeport-client', 3)
    const answers = hide(asked.run(), 'nat').solve()
    expect(Object.keys(answers)).toEqual(['node', 'before', 'after', 'source'])
    expect(answers['source']?.split(':')[0]).not.toBe(asked.lab.endpoint(asked.from).address)
  })

  it('of conntrack has the translation in the reply direction', () => {
    const { run, lab, from } = scene('nat-outgoing', 3)
    const { back, node } = hide(run(), 'conntrack').solve()
    expect(back).toBe(lab.endpoint(`node/${node}`).address)
    expect(back).not.toBe(lab.endpoint(from).address)
  })
})

describe('hide', () => {
  it('refuses a stage the run does not have, and says which it has', () => {
    const run = scene('same-node').run()
    expect(() => hide(run, 'encap')).toThrow(/a stage of this run: route, conntrack, neighbour, end/)
    expect(() => hide(run, 'toString' as never)).toThrow(/a stage of this run/)
  })

  it('is an exercise by name, in the variant of a student', () => {
    expect(exercise('ipip/route', 'Ada').solve()).toEqual(hide(scene('ipip', variant('Ada')).run(), 'route').solve())
  })
})
