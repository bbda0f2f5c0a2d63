// A trace as a story: what every picture, page and step view is made of.
import { describe, expect, it } from 'vitest'
import { renderHtml, type StoryStep, storyOf } from '../../src/render/index.ts'
import { stopsOf } from '../../src/render/story/stops.ts'
import type { Trace } from '../../src/trace/index.ts'
import { SCENES } from './scenes.ts'

const traces = Object.entries(SCENES).map(([name, make]): readonly [string, Trace] => [name, make()])
const traceOf = (name: string): Trace => traces.find(([one]) => one === name)?.[1] ?? expect.fail(name)

describe.each(traces)('%s', (_name, trace) => {
  const story = storyOf(trace)

  it('numbers its steps from 1, chapter by chapter, and each stands for hops of the trace', () => {
    expect(story.steps.map((step) => step.number)).toEqual(story.steps.map((_, i) => i + 1))
    expect(story.steps).toEqual(story.chapters.flatMap((chapter) => chapter.steps))
    for (const step of story.steps) {
      expect(story.chapters[step.chapter]?.steps).toContain(step)
      for (const hop of step.hops) expect(trace.hops[hop]).toBeDefined()
    }
  })

  it('goes on in time inside a chapter', () => {
    for (const { steps } of story.chapters) {
      const times = steps.map((step) => step.time)
      expect(times).toEqual([...times].sort((a, b) => a - b))
    }
  })

  it('is where the packet is: a move begins where the one before ended', () => {
    for (const chapter of story.chapters) {
      const moves = chapter.steps.filter((step) => step.kind === 'move')
      for (const [i, move] of moves.entries()) {
        const before = moves[i - 1]
        if (before !== undefined) expect(move.from.lane).toBe(before.at.lane)
        expect(story.lanes[move.at.lane]?.devices).toContain(move.at.device)
        if (move.over === 'machine') expect(move.from.lane).toBe(move.at.lane)
      }
      expect(stopsOf(chapter).flatMap((stop) => stop.steps)).toEqual(chapter.steps.filter((s) => s.kind !== 'move'))
    }
  })

  it('tells every loss that is the answer', () => {
    const { disposition } = trace
    if (disposition.kind !== 'dropped') return
    const drops = story.steps.filter((step) => step.kind === 'drop')
    expect(drops.map((step) => story.lanes[step.at.lane]?.name)).toContain(disposition.netns)
  })

  it('is plain data, and the same for the same trace', () => {
    expect(JSON.parse(JSON.stringify(story))).toEqual(story)
    expect(storyOf(trace)).toEqual(story)
  })

  it('is a page that needs no scripts, in the same order', () => {
    const html = renderHtml(trace)
    expect(html).not.toMatch(/<script|src=|href=|url\(|onclick/)
    const numbers = [...html.matchAll(/<span class="no">(\d+)</g)].map((m) => Number(m[1]))
    for (const [i, n] of numbers.entries()) expect(n === 1 || n === (numbers[i - 1] ?? 0) + 1).toBe(true)
  })
})

/** Header names of the moves over wires, one string a move. */
const boxes = (trace: Trace, direction: string): string[] =>
  storyOf(trace).steps.flatMap((step) =>
    step.kind === 'move' && step.over === 'wire' && step.direction === direction
      ? [step.packet.headers.map((one) => `${one.added ? '+' : ''}${one.name}`).join(' ⊃ ')]
      : [],
  )

describe('the packet as boxes', () => {
  it('over IPIP', () => {
    expect(boxes(traceOf('demo ipip'), 'request')).toEqual([
      'Ethernet ⊃ IPv4 ⊃ ICMP echo request ⊃ data',
      'Ethernet ⊃ +outer IPv4 ⊃ IPv4 ⊃ ICMP echo request ⊃ data',
      'Ethernet ⊃ IPv4 ⊃ ICMP echo request ⊃ data',
    ])
  })

  it('over VXLAN: a frame in a frame', () => {
    expect(boxes(traceOf('vxlan'), 'request')[1]).toBe(
      '+Ethernet ⊃ +outer IPv4 ⊃ +UDP ⊃ +VXLAN ⊃ inner Ethernet ⊃ IPv4 ⊃ ICMP echo request ⊃ data',
    )
  })

  it('over WireGuard: what is inside is not seen, and not new when it comes out', () => {
    const seen = boxes(traceOf('wireguard'), 'request')
    expect(seen[1]).toBe('Ethernet ⊃ +outer IPv4 ⊃ +UDP ⊃ +WireGuard ⊃ +encrypted')
    expect(seen.at(-1)).toBe('Ethernet ⊃ IPv4 ⊃ ICMP echo request ⊃ data')
  })

  it('of a UDP port nobody knows is no tunnel', () => {
    const layers = storyOf(traceOf('udp')).steps.flatMap((step) =>
      step.kind === 'move' ? step.packet.headers.filter((one) => one.protocol === 'udp') : [],
    )
    expect(new Set(layers.map((one) => `${one.layer} ${one.outer}`))).toEqual(
      new Set(['transport false', 'tunnel true']),
    )
  })
})

describe('what changed', () => {
  const changed = (trace: Trace): string[] =>
    storyOf(trace).steps.flatMap((step) =>
      step.kind === 'move' && step.over === 'wire'
        ? step.packet.headers.flatMap((one) =>
            one.fields.flatMap((f) => (f.was === undefined ? [] : [`${one.name} ${f.name} ${f.was}→${f.text}`])),
          )
        : [],
    )

  it('is the TTL and the MAC addresses at a router, and nothing else', () => {
    const names = new Set(changed(traceOf('demo noencap')).map((one) => one.split(' ').slice(0, 2).join(' ')))
    expect(names).toEqual(new Set(['Ethernet source', 'Ethernet destination', 'IPv4 ttl']))
  })

  it('is the address that NAT rewrote, there and back', () => {
    const all = changed(traceOf('service'))
    expect(all).toContain('IPv4 destination 10.96.0.10→10.244.2.6')
    expect(all).toContain('IPv4 source 10.244.2.6→10.96.0.10')
  })
})

describe('sentences', () => {
  const said = (name: string, kind: StoryStep['kind']): string[] =>
    storyOf(traceOf(name)).steps.flatMap((step) => (step.kind === kind ? [step.sentence] : []))

  it.each([
    ['demo ipip', 'decision', 'route 192.168.49.64/26 via 172.17.0.32 dev tunl0, written by BIRD'],
    ['demo ipip', 'decision', 'outer packet: route 172.17.0.0/16 dev ens3, written by the kernel'],
    ['demo ipip', 'decision', 'wraps it in IPIP: 172.17.0.40 > 172.17.0.32 goes in front'],
    ['demo ipip', 'decision', 'forwards it: TTL 64 → 63'],
    ['demo ipip', 'delivery', 'takes it in: the kernel'],
    ['service', 'decision', 'asks svc/shop/db:5432 → shop/db-0 10.244.2.6:5432 (the only endpoint)'],
    ['service', 'decision', 'rewrites the destination: 10.96.0.10:5432 becomes 10.244.2.6:5432 (svc/shop/db:5432)'],
    [
      'same node',
      'resolution',
      'asks for the MAC address of 169.254.1.1: w1 answers ee:ee:ee:ee:ee:ee, for another (proxy)',
    ],
    ['nobody answers ARP', 'resolution', 'asks for the MAC address of 10.0.2.12: nobody answers'],
  ] as const)('%s: a %s: %s', (name, kind, sentence) => expect(said(name, kind)).toContain(sentence))
})

describe('packets that say nothing new', () => {
  it('point to the one that went the same way', () => {
    const { chapters } = storyOf(traceOf('service'))
    expect(chapters[0]?.title).toBe('TCP SYN 40000 > 5432')
    expect(chapters.slice(2).every((one) => one.sameAs !== undefined)).toBe(true)
    for (const one of chapters)
      if (one.sameAs !== undefined) expect(chapters[one.sameAs]?.direction).toBe(one.direction)
  })
})
