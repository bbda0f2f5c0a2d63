// docs/timeline-schema.json is what others check timelines against: it takes and refuses what the reader does.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readTimeline } from '../../src/input/index.ts'
import { InputError } from '../../src/model/index.ts'
import { type Schema, violations } from '../trace/json-schema.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const SCHEMA = JSON.parse(read('docs/timeline-schema.json')) as Schema
const EXAMPLES = readdirSync(new URL('../../examples/timelines', import.meta.url)).filter((name) =>
  read(`examples/timelines/${name}`).includes('kind: Timeline'),
)

const isTaken = (text: string): boolean => {
  try {
    readTimeline({ name: 'timeline.yaml', text }, (name) => read(`examples/timelines/${name}`))
    return true
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}

const timeline = (spec: string): string =>
  `apiVersion: packetwalk/v1\nkind: Timeline\nmetadata: {name: one}\nspec: ${spec}\n`

describe('the schema of a timeline', () => {
  it.each(EXAMPLES)('takes examples/timelines/%s, and so does the reader', (name) => {
    const text = read(`examples/timelines/${name}`)
    expect(violations(SCHEMA, parse(text))).toEqual([])
    expect(isTaken(text)).toBe(true)
  })

  it.each([
    ['{}', true],
    ['{seed: 3, delays: instant, until: 1m30s}', true],
    ['{delays: none}', false],
    ['{until: 90}', false],
    ['{probes: [{ping: {from: a, to: b, size: 1400}, every: 50ms}]}', true],
    ['{probes: [{ping: {from: a}}]}', false],
    ['{probes: [{tcp: {from: a, to: b, port: http, hold: true}, timeout: 2s}]}', true],
    ['{probes: [{tcp: {from: a, to: b}}]}', false],
    ['{probes: [{ping: {from: a, to: b}, udp: {from: a, to: b, port: 53}}]}', false],
    ['{probes: [{icmp: {from: a, to: b}}]}', false],
    ['{events: [{at: 1s, delete: [{kind: Pod, name: a, namespace: b}]}]}', true],
    ['{events: [{at: 1s, delete: [{name: a}]}]}', false],
    ['{events: [{at: 1s, delete: [{kind: Pod, name: a, force: true}]}]}', true],
    ['{events: [{at: 1s, delete: [{kind: Pod, name: a, gracePeriodSeconds: 5}]}]}', true],
    ['{events: [{at: 1s, delete: [{kind: Pod, name: a, gracePeriodSeconds: 0.5}]}]}', false],
    ['{events: [{at: 1s, delete: [{kind: Pod, name: a, grace: 0}]}]}', false],
    ['{events: [{at: 1s, agent: {name: bird, node: a, action: kill}}]}', true],
    ['{events: [{at: 1s, agent: {name: bird, action: explode}}]}', false],
    ['{events: [{at: 1s, machine: {node: a, action: crash}}]}', true],
    ['{events: [{at: 1s, inject: F15}]}', true],
    ['{events: [{at: 1s, inject: {failure: F15, at: node01}}]}', true],
    ['{events: [{at: 1s, inject: {at: node01}}]}', false],
    ['{events: [{at: 1s, machine: {action: crash}}]}', false],
    ['{events: [{at: 1s, patch: {kind: IPPool, name: a, with: {spec: {disabled: true}}}}]}', true],
    ['{events: [{at: 1s, patch: {kind: IPPool, name: a}}]}', false],
    ['{events: [{at: 1s, run: "node01$ ip link"}]}', true],
    ['{events: [{at: 1s, run: ip link}]}', false],
    ['{events: [{run: "node01$ ip link"}]}', false],
    ['{events: [{at: 1s}]}', false],
    ['{event: []}', false],
  ])('%s: %s, as the reader does', (spec, isRight) => {
    const text = timeline(spec)
    expect([violations(SCHEMA, parse(text)).length === 0, isTaken(text)]).toEqual([isRight, isRight])
  })
})
