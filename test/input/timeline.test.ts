import { describe, expect, it } from 'vitest'
import { readTimeline } from '../../src/input/index.ts'
import { InputError } from '../../src/model/index.ts'

const HEAD = `apiVersion: packetwalk/v1
kind: Timeline
metadata: {name: gap}
spec:
`
const read = (spec: string, files: Readonly<Record<string, string>> = {}) =>
  readTimeline({ name: 'timeline.yaml', text: `${HEAD}${spec}` }, (name) => files[name])

const POOL = `apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: pool}
spec: {cidr: 10.0.0.0/16}
`

describe('a timeline', () => {
  it('has probes, with what holds where nothing is said', () => {
    const { name, probes, events } = read(`  probes:
  - ping: {from: default/a, to: default/b}
  - {name: shop, tcp: {from: a, to: svc/b, port: http, hold: true}, every: 1s, start: 2s, end: 1m30s, timeout: 500ms}
`)
    expect({ name, events }).toEqual({ name: 'gap', events: [] })
    expect(probes).toEqual([
      {
        name: 'ping default/a to default/b',
        ask: { kind: 'ping', from: 'default/a', to: 'default/b' },
        every: 100,
        start: 0,
        timeout: 1000,
      },
      {
        name: 'shop',
        ask: { kind: 'tcp', from: 'a', to: 'svc/b', port: 'http', hold: true },
        every: 1000,
        start: 2000,
        end: 90_000,
        timeout: 500,
      },
    ])
  })

  it.each([
    ['apply: {file: pool.yaml}', 'apply', 'apply IPPool pool'],
    ['delete: [{kind: Pod, name: web, namespace: shop}]', 'delete', 'delete Pod shop/web'],
    ['delete: [{kind: Pod, name: web, force: true}]', 'delete', 'delete Pod web by force'],
    ['delete: [{kind: Pod, name: web, gracePeriodSeconds: 0}]', 'delete', 'delete Pod web by force'],
    ['delete: [{kind: Pod, name: web, gracePeriodSeconds: 5}]', 'delete', 'delete Pod web'],
    [
      'patch: {kind: IPPool, name: pool, with: {spec: {ipipMode: Never}}}',
      'patch',
      'patch IPPool pool {"spec":{"ipipMode":"Never"}}',
    ],
    ['agent: {name: felix, node: node01, action: stop}', 'agent', 'stop felix on node01'],
    ['agent: {name: typha, action: cut}', 'agent', 'cut typha'],
    ['machine: {node: node01, action: reboot}', 'machine', 'reboot node01'],
    ['run: node01$ ip link set eth0 down', 'run', 'node01$ ip link set eth0 down'],
  ])('knows the action %s', (line, kind, title) => {
    const { events } = read(`  events:\n  - {at: 10s, ${line}}\n`, { 'pool.yaml': POOL })
    expect(events.map((one) => [one.at, one.action.kind, one.title, one.place?.line])).toEqual([
      [10_000, kind, title, 6],
    ])
  })

  it('has its events in order of time, and objects as text or as a list', () => {
    const indented = POOL.replace(/^/gm, '      ').trimEnd()
    const { events } = read(`  events:
  - at: 20s
    apply: |
${indented}
  - at: 10s
    title: a pool
    apply:
    - apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: other}
      spec: {cidr: 10.1.0.0/16}
`)
    expect(events.map((one) => [one.at, one.title])).toEqual([
      [10_000, 'a pool'],
      [20_000, 'apply IPPool pool'],
    ])
    const places = events.map(({ action }) =>
      action.kind === 'apply' ? action.objects.ippools?.[0]?.placeOf?.(['spec', 'cidr'])?.line : undefined,
    )
    expect(places).toEqual([18, 11])
  })

  it.each([
    ['events: [{at: 10, run: a$ b}]', 5, 'a duration with its unit'],
    ['events: [{at: 1d, run: a$ b}]', 5, 'a duration with its unit'],
    ['events: [{at: 1s}]', 5, 'one action an event'],
    ['events: [{at: 1s, run: a$ b, agent: {name: felix, action: stop}}]', 5, 'one action an event'],
    ['events: [{at: 1s, run: ip link}]', 5, 'a line behind the prompt of a host'],
    ['events: [{at: 1s, agent: {name: felx, action: stop}}]', 5, 'did you mean felix?'],
    ['events: [{at: 1s, delete: [{kind: Pod, name: a, gracePeriodSeconds: -1}]}]', 5, 'seconds'],
    ['events: [{at: 1s, delete: [{kind: Pod, name: a, force: please}]}]', 5, 'true or false'],
    [
      'events:\n  - at: 1s\n    delete:\n    - {kind: Pod, name: a, force: true, gracePeriodSeconds: 5}',
      8,
      'or 0, with force: true',
    ],
    ['events: [{at: 1s, apply: {file: none.yaml}}]', 5, 'a file that can be read'],
    ['events:\n  - at: 1s\n    apply: |\n      kind: Pod', 8, 'an apiVersion for this Pod'],
    ['probes: [{every: 1s}]', 5, 'one of ping, tcp and udp'],
    ['probes: [{ping: {from: a, to: b}, every: 0s}]', 5, 'at least 1ms'],
    ['probes: [{ping: {from: a, to: b}}, {ping: {from: a, to: b}}]', 5, 'a name no other probe has'],
    ['probs: []', 5, 'a spec with probes, events, seed, delays and until'],
  ])('refuses %s with its line', (spec, line, expected) => {
    let issues: InputError['issues'] = []
    try {
      read(`  ${spec}\n`)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      issues = error.issues
    }
    expect(issues).toMatchObject([{ file: 'timeline.yaml', line }])
    expect(issues[0]?.expected).toContain(expected)
  })

  it('is one object', () => {
    expect(() => readTimeline({ name: 'x.yaml', text: POOL })).toThrow(/one object of apiVersion packetwalk\/v1/)
  })
})
