import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Shape } from '../../src/model/index.ts'
import { InputError, isRecord } from '../../src/model/index.ts'
import { renderHtml, renderSvg, renderText } from '../../src/render/index.ts'
import { DISPOSITIONS, diffTraces, parseTrace, type Trace, traceToJson } from '../../src/trace/index.ts'
import { TRACE_SHAPE } from '../../src/trace/trace-shape.ts'
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

/** The trace of a ping with one field changed. */
function altered(list: 'packets' | 'hops' | 'nodes', index: number, field: string, value: unknown): string {
  const trace = JSON.parse(traceToJson(pingTrace(TWO_NODES)))
  trace[list][index][field] = value
  return JSON.stringify(trace)
}

/** Every value of a JSON document, with the way to it. */
function leaves(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (!isRecord(value) && !Array.isArray(value)) return [path]
  return [path, ...Object.entries(value as object).flatMap(([key, item]) => leaves(item, [...path, key]))]
}

/** A shape as the published schema writes it. */
function asSchema(shape: Shape): unknown {
  switch (shape.is) {
    case 'word':
      return shape.words.length === 1 ? { const: shape.words[0] } : { enum: shape.words }
    case 'true':
      return { const: true }
    case 'hex':
      return { type: 'string', pattern: '^([0-9a-f]{2})*$' }
    case 'list':
      return { type: 'array', items: asSchema(shape.of) }
    case 'kinds':
      return {
        oneOf: [
          ...new Map(Object.values(shape.kinds).map((one) => [JSON.stringify(asSchema(one)), asSchema(one)])).values(),
        ],
      }
    case 'object': {
      const properties = Object.entries(shape.fields).map(([name, field]) => [name.replace('?', ''), asSchema(field)])
      const required = Object.keys(shape.fields).filter((name) => !name.endsWith('?'))
      return { type: 'object', properties: Object.fromEntries(properties), required, additionalProperties: false }
    }
    case 'anything':
      return {}
    case 'maybe':
      return { oneOf: [asSchema(shape.of), { type: 'null' }] }
    default:
      return {
        type: { text: 'string', cause: 'string', number: 'number', integer: 'integer', flag: 'boolean' }[shape.is],
      }
  }
}

/** A schema with its references put in, without words for people. */
function resolved(part: unknown, key = ''): unknown {
  if (Array.isArray(part)) return key === 'required' ? [...part].sort() : part.map((item) => resolved(item))
  if (!isRecord(part)) return part
  const target = part['$ref']
  if (typeof target === 'string')
    return resolved((schema['$defs'] as Record<string, unknown>)[target.replace('#/$defs/', '')])
  const kept = Object.entries(part).filter(
    ([name, item]) => !/^\$/.test(name) && !(['title', 'description'].includes(name) && typeof item === 'string'),
  )
  return Object.fromEntries(kept.map(([name, item]) => [name, resolved(item, name)]))
}

describe('the published schema', () => {
  it('says what parseTrace looks at', () => {
    expect(resolved(asSchema(TRACE_SHAPE))).toEqual(resolved(schema))
  })

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
      says: /expected an object, received a list/,
    },
    { name: 'another version', text: '{"schema":"packetwalk.trace/9"}', says: /received "packetwalk\.trace\/9"/ },
    { name: 'no hops', text: JSON.stringify({ ...blackhole(), hops: 7 }), says: /hops: expected a list, received 7/ },
    {
      name: 'a role that is none',
      text: altered('packets', 0, 'role', '"><script>'),
      says: /packets\.0\.role: expected one of request/,
    },
    {
      name: 'a number as text',
      text: altered('packets', 0, 'id', '1'),
      says: /packets\.0\.id: expected a whole number/,
    },
    {
      name: 'bytes that are none',
      text: altered('hops', 0, 'kind', 'constructor'),
      says: /hops\.0\.kind: expected one of/,
    },
    {
      name: 'a kind that is no text',
      text: altered('hops', 0, 'kind', { toString: 1 } as never),
      says: /hops\.0\.kind: expected one of/,
    },
    { name: 'a role of a node', text: altered('nodes', 0, 'role', '<b>'), says: /nodes\.0\.role/ },
    {
      name: 'no reason',
      text: altered('hops', 0, 'reason', undefined),
      says: /hops\.0\.reason: expected text, received nothing/,
    },
  ])('that is none is refused: $name', ({ text, says }) => {
    expect(() => parseTrace(text, 'saved.json')).toThrow(InputError)
    expect(() => parseTrace(text, 'saved.json')).toThrow(says)
  })
})

/** Values changed in one trace, spread evenly over it. */
const MOST_CHANGES = 150

describe('a trace from anywhere', () => {
  it.each(TRACES)('is drawn, or refused as input, whatever one value of it is: $name', ({ make }) => {
    const text = traceToJson(make())
    const paths = leaves(JSON.parse(text))
    const every = Math.ceil(paths.length / MOST_CHANGES)
    for (const [i, path] of paths.entries()) {
      if (path.length === 0 || i % every !== 0) continue
      const trace = JSON.parse(text)
      const key = path.at(-1) as string
      const holder = path.slice(0, -1).reduce((at, step) => at[step], trace)
      holder[key] = ['"><script>alert(1)</script>', 7.5, null, {}][(i / every) % 4]
      try {
        const read = parseTrace(trace)
        expect(renderHtml(read) + renderSvg(read)).not.toContain('<script')
        renderText(read, { view: 'frames' })
      } catch (error) {
        if (!(error instanceof InputError)) throw new Error(`${path.join('.')}: ${String(error)}`)
      }
    }
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
    expect(
      hopOf({ kind: 'route', direction: 'input', destination: '', source: '', result: 'rp_filter', candidates: [] }),
    ).toMatchObject({
      result: 'none',
      refused: 'rp_filter',
    })
    expect(
      hopOf({ kind: 'route', direction: 'input', destination: '', source: '', result: 'local', candidates: [] }),
    ).not.toHaveProperty('refused')
  })
})

describe('a hop of version 1', () => {
  it('may lack what was not written down then', () => {
    const base = { time: 1, netns: 'n1', dev: 'eth0', packet: 1, reason: 'r', facts: [] }
    const hop = { ...base, kind: 'arp', answered: true, target: '10.0.0.1', sender: '' }
    const trace = parseTrace({ ...blackhole(), schema: 'packetwalk.trace/1', hops: [hop] })
    expect(trace.hops).toEqual([hop])
    expect(parseTrace(traceToJson(trace)), 'and may be written and read again').toEqual(trace)
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
