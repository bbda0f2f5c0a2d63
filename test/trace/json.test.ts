import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/model/index.ts'
import { DISPOSITIONS, diffTraces, parseTrace, type Trace, traceToJson } from '../../src/trace/index.ts'
import { EVERY_CASE, hopsOfEvents, logOf } from './every-event.ts'
import { type Schema, violations } from './json-schema.ts'
import { pingTrace, TWO_NODES } from './two-nodes.ts'

const schema = JSON.parse(readFileSync(new URL('../../docs/trace-schema.json', import.meta.url), 'utf8')) as Schema

const blackhole = (): Trace => pingTrace(TWO_NODES, {}, '10.1.0.100')
const TRACES: readonly { readonly name: string; readonly make: () => Trace }[] = [
  { name: 'answered', make: () => pingTrace(TWO_NODES) },
  { name: 'dropped', make: blackhole },
  { name: 'error', make: () => pingTrace(TWO_NODES, { ttl: 1 }) },
  { name: 'fragments', make: () => pingTrace(TWO_NODES, { size: 3000, pmtudisc: 'dont' }) },
  {
    name: 'not sent',
    make: () =>
      pingTrace(
        TWO_NODES.edit((net) => {
          net.namespaces['a']!.routes = []
        }),
      ),
  },
]

describe('the published schema', () => {
  it.each(TRACES)('accepts a trace: $name', ({ make }) => {
    expect(violations(schema, JSON.parse(traceToJson(make())))).toEqual([])
  })

  it('accepts a hop of every kind of event', () => {
    const hops = hopsOfEvents(logOf(EVERY_CASE.map((one) => one.event)))
    expect(violations(schema, JSON.parse(JSON.stringify({ ...blackhole(), hops })))).toEqual([])
  })

  it('refuses a field it does not know, at any depth', () => {
    const trace = JSON.parse(traceToJson(pingTrace(TWO_NODES)))
    trace.hops[0].extra = 1
    expect(violations(schema, trace).join()).toContain('$.hops[0].extra: not in the schema')
  })

  it('refuses a hop without its reason', () => {
    const trace = JSON.parse(traceToJson(pingTrace(TWO_NODES)))
    trace.hops[3].reason = undefined
    expect(violations(schema, trace)).toHaveLength(1)
  })

  it('refuses another version', () => {
    expect(violations(schema, { ...blackhole(), schema: 'packetwalk.trace/3' })).toEqual([
      '$.schema: not "packetwalk.trace/2"',
    ])
  })

  it('knows every disposition', () => {
    const defs = schema['$defs'] as Record<string, { oneOf: { properties: { kind: { const: string } } }[] }>
    const kinds = defs['disposition']!.oneOf.map((one) => one.properties.kind.const)
    expect(kinds.sort()).toEqual(Object.keys(DISPOSITIONS).sort())
  })
})

describe('a saved trace', () => {
  it.each(TRACES)('reads back as it was: $name', ({ make }) => {
    const trace = make()
    expect(parseTrace(traceToJson(trace))).toEqual(trace)
  })

  it.each([
    { name: 'no JSON', text: '{', says: /saved\.json: expected JSON/ },
    {
      name: 'no object',
      text: '[1]',
      says: /schema: expected 'packetwalk\.trace\/2' or 'packetwalk\.trace\/1', received nothing/,
    },
    { name: 'another version', text: '{"schema":"packetwalk.trace/9"}', says: /received "packetwalk\.trace\/9"/ },
    { name: 'no hops', text: JSON.stringify({ ...blackhole(), hops: 7 }), says: /hops: expected a list, received 7/ },
  ])('that is none is refused: $name', ({ text, says }) => {
    expect(() => parseTrace(text, 'saved.json')).toThrow(InputError)
    expect(() => parseTrace(text, 'saved.json')).toThrow(says)
  })
})

describe('a trace of version 1', () => {
  const hopOf = (hop: object) => {
    const base = { time: 1, netns: 'n1', dev: 'eth0', packet: 1, reason: 'r', facts: [] }
    const old = { ...blackhole(), schema: 'packetwalk.trace/1', hops: [{ ...base, ...hop }] }
    return parseTrace(JSON.parse(JSON.stringify(old))).hops[0]
  }

  it('is read as one of today', () => {
    expect(parseTrace({ ...blackhole(), schema: 'packetwalk.trace/1' }).schema).toBe('packetwalk.trace/2')
  })

  it('had the match that is not modelled in the name of the table', () => {
    const hop = hopOf({ kind: 'hook', hook: 'FORWARD', table: 'filter: not modelled: -m quota', verdict: 'drop' })
    expect(hop).toMatchObject({ table: 'filter', unmodelled: '-m quota' })
  })

  it('had the cause of a refusal as the result of the lookup', () => {
    expect(hopOf({ kind: 'route', direction: 'input', result: 'rp_filter', candidates: [] })).toMatchObject({
      result: 'none',
      refused: 'rp_filter',
    })
    expect(hopOf({ kind: 'route', direction: 'input', result: 'local', candidates: [] })).not.toHaveProperty('refused')
  })
})

describe('comparison of traces', () => {
  it('finds no difference in two runs of the same', () => {
    const diff = diffTraces(pingTrace(TWO_NODES), pingTrace(TWO_NODES))
    expect(diff).toMatchObject({ same: true, outcome: '' })
  })

  it('does not look at ids a program chose', () => {
    expect(diffTraces(pingTrace(TWO_NODES), pingTrace(TWO_NODES, { ident: 8 })).same).toBe(true)
  })

  it('names the place where they part, and why', () => {
    const edited = TWO_NODES.edit((net) => {
      net.namespaces['n2']!.routes = net.namespaces['n2']!.routes.filter((route) => route.dst !== '10.1.0.66/32')
    })
    const diff = diffTraces(pingTrace(TWO_NODES), pingTrace(edited))
    expect(diff.same).toBe(false)
    expect(diff.outcome).toBe('answered became dropped')
    expect(diff.parting?.common).toMatchObject({ kind: 'rx', netns: 'n2', dev: 'tunl0' })
    expect(diff.parting?.why).toMatch(
      /^n2: 10\.1\.0\.66 goes out of cali1 .* — but now: 10\.1\.0\.66 falls into the blackhole/,
    )
  })

  it('of a trace with nothing says where the other goes on', () => {
    const whole = pingTrace(TWO_NODES)
    const diff = diffTraces({ ...whole, hops: [] }, whole)
    expect(diff).toMatchObject({ same: false, commonHops: 0 })
    expect(diff.parting?.why).toMatch(/^only the second goes on/)
  })
})
