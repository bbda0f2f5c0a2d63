// docs/expectations-schema.json is what others check expectations against: it takes and refuses what the reader does.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readExpectations } from '../../src/input/index.ts'
import { InputError } from '../../src/model/index.ts'
import { type Schema, violations } from '../trace/json-schema.ts'

const SCHEMA = JSON.parse(
  readFileSync(new URL('../../docs/expectations-schema.json', import.meta.url), 'utf8'),
) as Schema

const text = (spec: string): string =>
  `apiVersion: packetwalk/v1\nkind: Expectations\nmetadata: {name: one}\nspec: ${spec}\n`

const isTaken = (written: string): boolean => {
  try {
    readExpectations({ name: 'e.yaml', text: written })
    return true
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}

describe('the schema of expectations', () => {
  it.each([
    ['{expectations: []}', true],
    ['{}', false],
    ['{expectations: [], seed: 1}', false],
    ['{namespace: shop, expectations: [{from: a, to: b}]}', true],
    ['{expectations: [{from: a}]}', false],
    ['{expectations: [{to: b}]}', false],
    ['{expectations: [{to: svc/a/b, count: 3}]}', true],
    ['{expectations: [{to: svc/a/b, count: ">= 2", port: http}]}', true],
    ['{expectations: [{to: svc/a/b, count: 3, expect: allow}]}', false],
    ['{expectations: [{from: {}, to: {pods: "app == \'web\'", namespace: shop}}]}', true],
    ['{expectations: [{from: {pods: "", namespaces: "team == \'a\'"}, to: {nodes: all()}}]}', true],
    ['{expectations: [{from: {nodes: all(), pods: all()}, to: b}]}', false],
    ['{expectations: [{from: {pod: all()}, to: b}]}', false],
    ['{expectations: [{from: a, to: b, port: 53/udp, size: 100}]}', true],
    ['{expectations: [{from: a, to: b, port: [53]}]}', false],
    ['{expectations: [{from: a, to: b, expect: deny, by: default/deny}]}', true],
    ['{expectations: [{from: a, to: b, expect: drop}]}', false],
    ['{expectations: [{from: a, to: b, via: node01, path: ipip, snat: none}]}', true],
    ['{expectations: [{from: a, to: b, via: [node01, tunl0], snat: 10.0.0.1}]}', true],
    ['{expectations: [{from: a, to: b, via: {node: node01}}]}', false],
    ['{expectations: [{from: a, to: b, path: gre}]}', false],
    ['{expectations: [{from: a, to: b, mtu: ">= 1400"}]}', true],
    ['{expectations: [{from: a, to: b, mtu: 1400}]}', true],
    ['{expectations: [{from: a, to: b, mtu: "> 1400"}]}', false],
    ['{expectations: [{from: a, to: b, retries: 3}]}', false],
    ['{expectations: [{inject: F15, at: node01}, {from: a, to: b}]}', true],
    ['{expectations: [{inject: none}, {from: a, to: b}]}', true],
    ['{expectations: [{inject: 15}, {from: a, to: b}]}', false],
    ['{expectations: [{inject: F15, to: b}, {from: a, to: b}]}', false],
  ])('%s: %s, as the reader does', (spec, isRight) => {
    const written = text(spec)
    expect([violations(SCHEMA, parse(written)).length === 0, isTaken(written)]).toEqual([isRight, isRight])
  })
})

describe('a file of expectations', () => {
  const faults = (spec: string): string[] => {
    try {
      readExpectations({ name: 'e.yaml', text: text(spec) })
      return []
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      return error.issues.map(({ line, path, expected }) => `${line} ${path.join('.')}: ${expected}`)
    }
  }

  it.each([
    ['\n  expectations:\n  - {from: a, to: b, exspect: deny}', /^6 .*\.exspect: .*\(did you mean expect\?\)$/],
    ['\n  expectations:\n  - {from: a, to: b, expect: allowed}', /^6 .*\.expect: one of .*\(did you mean allow\?\)$/],
    ['\n  expectations:\n  - from: {pods: app = web}\n    to: b', /^6 .*\.from\.pods: a selector of Calico/],
    ['\n  expectations:\n  - from: {podz: all()}\n    to: b', /^6 .*\.from\.podz: .*\(did you mean pods\?\)$/],
    ['\n  expectations:\n  - {from: a, to: b, snat: nodes}', /^6 .*\.snat: none, node, tunnel, or the address/],
    ['\n  expectations:\n  - {name: x, from: a, to: b}\n  - {name: x, from: c, to: d}', /^7 .*\.name: a name no other/],
    ['\n  expectations:\n  - {to: b, count: 1, path: ipip}', /: from: the other fields are about a flow$/],
  ])('%j is refused where it stands, with the nearest right word', (spec, words) => {
    expect(faults(spec)).toEqual([expect.stringMatching(words)])
  })

  it('of another kind is refused by name, and one among objects of a cluster is sent to where it belongs', () => {
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n'
    expect(() => readExpectations({ name: 'e.yaml', text: pod })).toThrow(/kind Expectations.*Pod/)
  })
})
