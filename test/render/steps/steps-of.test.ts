// A trace one step at a time: what each step says, and that bytes, fields and changes agree with each other.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { InputError, Lab } from '../../../src/index.ts'
import { parseTrace, traceToJson } from '../../../src/trace/index.ts'
import { type PacketStep, type StepFrame, stepsOf } from '../../../src/views/index.ts'

const name = 'examples/demo/ipip.yaml'
const text = readFileSync(name, 'utf8')
const [A, B] = ['default/busybox-deployment-8c7dc8548-btnkv', 'default/busybox-deployment-8c7dc8548-x6ljh']
const lab = Lab.load({ name, text })
const { trace } = lab.ping(A, B)
const view = stepsOf(trace, { network: lab.network, sources: [{ name, text }] })
const main = view.steps.filter((step) => !step.aside)
const told = ({ netns, event, dev }: PacketStep): string => `${netns.replace(/.*-/, '')} ${event} ${dev}`

const layersOf = (step: PacketStep | undefined): string[] => (step?.frame?.layers ?? []).map((layer) => layer.name)
const step = (netns: string, event: string, dev: string): PacketStep => {
  const found = main.find((one) => told(one) === `${netns} ${event} ${dev}`)
  if (found === undefined) throw new Error(`no step ${netns} ${event} ${dev}`)
  return found
}

describe('steps of a ping through an IPIP tunnel', () => {
  it('follow the packet from device to device, there and back', () => {
    expect(main.map(told)).toEqual([
      'btnkv out eth0',
      'node01 in calib673e730d42',
      'node01 out tunl0',
      'node01 out ens3',
      'controlplane in ens3',
      'controlplane in tunl0',
      'controlplane out cali9861acf9f07',
      'x6ljh in eth0',
      'x6ljh end eth0',
      'x6ljh out eth0',
      'controlplane in cali9861acf9f07',
      'controlplane out tunl0',
      'controlplane out ens3',
      'node01 in ens3',
      'node01 in tunl0',
      'node01 out calib673e730d42',
      'btnkv in eth0',
      'btnkv end eth0',
    ])
  })

  it('fold away address resolution, the switch, and who only overhears', () => {
    const aside = view.steps.filter((one) => one.aside)
    expect(aside.length).toBeGreaterThan(0)
    expect(aside.every((one) => one.part === 'resolution' || one.role === 'switch')).toBe(true)
    expect(view.steps.map((one) => one.number)).toEqual(view.steps.map((_, i) => i + 1))
  })

  it('show the outer header as new, and what is inside as it was', () => {
    const layers = step('node01', 'out', 'ens3').frame?.layers.map(({ name: one, depth, change }) => [
      one,
      depth,
      change,
    ])
    expect(layers).toEqual([
      ['Ethernet', 0, 'new'],
      ['IPv4', 0, 'new'],
      ['IPv4', 1, 'same'],
      ['ICMP', 1, 'same'],
      ['Data', 1, 'same'],
    ])
  })

  it('show which field changed, and what it was', () => {
    const changed = step('node01', 'out', 'tunl0').frame?.layers.flatMap((layer) =>
      layer.fields
        .filter((field) => field.change === 'changed')
        .map((field) => [field.name, field.before, field.value]),
    )
    expect(changed?.[0]).toEqual(['ttl', '64', '63'])
    expect(changed?.map(([field]) => field)).toEqual(['ttl', 'headerChecksum'])
  })

  it('ask the routing table: the winner, who lost and why, and the line of YAML it came from', () => {
    const [lookup] = step('node01', 'out', 'tunl0').lookups
    expect(lookup?.candidates.map(({ won, lost }) => lost ?? won)).toEqual([true, 'shorter-prefix'])
    const [fact] = lookup?.facts ?? []
    expect(fact?.source).toBe(text.split('\n')[(fact?.origin?.line ?? 0) - 1]?.trimEnd())
    expect(fact?.source?.trim()).toBe('ipipMode: Always')
  })

  it('walk the chains: every rule that was looked at, and how each table ended', () => {
    const { walks } = step('node01', 'out', 'tunl0')
    expect(walks.map(({ table, hook, verdict }) => `${table} ${hook} ${verdict}`)).toEqual([
      'raw PREROUTING accept',
      'mangle PREROUTING accept',
      'nat PREROUTING accept',
      'mangle FORWARD accept',
      'filter FORWARD accept',
      'mangle POSTROUTING accept',
      'nat POSTROUTING accept',
    ])
    const rules = walks.flatMap((walk) => walk.rules)
    expect(rules.filter((rule) => !rule.matched).length).toBeGreaterThan(0)
    expect(rules.filter((rule) => rule.matched)).toHaveLength(
      trace.hops.filter((hop, i) => hop.kind === 'rule' && step('node01', 'out', 'tunl0').hops.includes(i)).length,
    )
  })

  it('name the neighbour entry that was used, and that the packet waited for it', () => {
    expect(step('node01', 'out', 'ens3').neighbour).toMatchObject({
      address: '172.17.0.32',
      lladdr: '02:42:ac:11:00:20',
      state: 'REACHABLE',
      waited: true,
    })
    expect(step('node01', 'out', 'tunl0').neighbour).toBeUndefined()
  })

  it('name the connection the packet belongs to', () => {
    expect(step('node01', 'out', 'tunl0').connections[0]).toMatchObject({ state: 'NEW', isNew: true })
    expect(step('controlplane', 'out', 'tunl0').connections[0]).toMatchObject({ state: 'ESTABLISHED', isNew: false })
  })

  it('end where the packet is taken in, as it was last seen', () => {
    const end = step('x6ljh', 'end', 'eth0')
    expect(end).toMatchObject({ title: 'is delivered', end: { bad: false } })
    expect(layersOf(end)).toEqual(layersOf(step('x6ljh', 'in', 'eth0')))
    expect(end.frame?.layers.every((layer) => layer.change === 'same')).toBe(true)
  })

  it('are the same of a trace that was read back, and plain JSON', () => {
    const again = stepsOf(parseTrace(traceToJson(trace)), { network: lab.network, sources: [{ name, text }] })
    expect(again).toEqual(JSON.parse(JSON.stringify(view)))
  })

  it('do without network and input: then only rules that matched, and no lines', () => {
    const bare = stepsOf(trace)
    const rules = bare.steps.flatMap((one) => one.walks).flatMap((walk) => walk.rules)
    expect(rules.every((rule) => rule.matched)).toBe(true)
    expect(JSON.stringify(bare)).not.toContain('"source":"    ipipMode')
  })
})

describe('a frame, opened', () => {
  const frames = view.steps.flatMap(({ frame }) => (frame === undefined ? [] : [frame]))
  const bitsAt = ({ bytes }: StepFrame, start: number, length: number): string =>
    [...bytes.slice(start * 2, (start + length) * 2)]
      .map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0'))
      .join('')

  it('has layers that follow each other without a gap', () => {
    for (const { layers, bytes } of frames) {
      let at = 0
      for (const layer of layers) {
        expect(layer.start).toBe(at)
        at += layer.length
      }
      expect(at).toBe(bytes.length / 2)
    }
  })

  it('has fields that cover every bit of IPv4 once, reserved flag aside', () => {
    for (const frame of frames) {
      for (const layer of frame.layers.filter(({ protocol }) => protocol === 'ipv4')) {
        const bits = layer.fields.flatMap(({ start, bit, bits: n }) =>
          Array.from({ length: n }, (_, i) => (start - layer.start) * 8 + bit + i),
        )
        const reserved = 6 * 8
        expect(bits.sort((a, b) => a - b)).toEqual(
          Array.from({ length: 160 }, (_, i) => i).filter((i) => i !== reserved),
        )
      }
    }
  })

  it.each([
    ['version', 4],
    ['ihl', 5],
    ['ttl', 64],
  ])('finds %s in the bits it names', (field, value) => {
    const frame = step('btnkv', 'out', 'eth0').frame
    const found = frame?.layers.find(({ protocol }) => protocol === 'ipv4')?.fields.find((one) => one.name === field)
    if (frame === undefined || found === undefined) throw new Error(field)
    const { start, length, bit, bits } = found
    expect(Number.parseInt(bitsAt(frame, start, length).slice(bit, bit + bits), 2)).toBe(value)
  })
})

describe('steps of what fails', () => {
  it('end where the packet is dropped, with the cause', () => {
    const broken = Lab.load({ name, text })
    broken.edit((draft) => {
      const node = draft.namespaces['controlplane']
      if (node !== undefined) node.routes = node.routes.filter((route) => route.dst !== '192.168.49.66/32')
    })
    const run = broken.ping(A, B, { count: 1 })
    const ends = stepsOf(run.trace).steps.filter((one) => one.end?.bad === true)
    expect(run.ok).toBe(false)
    expect(ends.length).toBeGreaterThan(0)
    expect(ends[0]).toMatchObject({ event: 'end', netns: 'controlplane' })
  })

  it('show what was looked up when nothing was sent', () => {
    const broken = Lab.load({ name, text })
    broken.edit((draft) => {
      const pod = draft.namespaces[A]
      if (pod !== undefined) pod.routes = pod.routes.filter((route) => route.table === 'local')
    })
    const { steps } = stepsOf(broken.ping(A, B).trace)
    expect(steps.map((one) => [one.title, one.end?.bad])).toEqual([['is not sent', true]])
    expect(steps[0]?.lookups[0]).toMatchObject({ result: 'none', bad: true })
  })

  it('refuse what is no trace, no network, no text, by name', () => {
    const anything = (value: unknown): never => value as never
    expect(() => stepsOf(anything({}))).toThrow(InputError)
    expect(() => stepsOf(trace, { network: anything(3) })).toThrow('options.network')
    expect(() => stepsOf(trace, { sources: anything([{ name: 'a' }]) })).toThrow('options.sources')
  })
})
