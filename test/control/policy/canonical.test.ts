// Canonical texts of selectors, and the ids and names of sets that are made of them (felix-iptables.md §8).
import { describe, expect, it } from 'vitest'
import { setName } from '../../../src/control/felix/felix-set.ts'
import { canonicalText, endpointSelector } from '../../../src/control/policy/selector-text.ts'
import { setId } from '../../../src/control/policy/set-spec.ts'

const selectorId = (text: string): string => setId({ kind: 'selector', selector: endpointSelector(text) })

describe('the canonical text', () => {
  it.each([
    ['', 'all()'],
    ['all( )', 'all()'],
    ['global()', 'global()'],
    ["a=='x'", 'a == "x"'],
    [`a == 'say "x"'`, `a == 'say "x"'`],
    ["a != 'x'", 'a != "x"'],
    ["a contains 'x'", 'a contains "x"'],
    ["a startswith 'x'", 'a starts with "x"'],
    ["a ends  with 'x'", 'a ends with "x"'],
    ["a in {'z','b','z',}", 'a in {"b", "z"}'],
    ["a notin {'x'}", 'a not in {"x"}'],
    ["a == '1' && b == '2' && c == '3'", '(a == "1" && b == "2" && c == "3")'],
    ["a == '1' && (b == '2' && c == '3')", '(a == "1" && (b == "2" && c == "3"))'],
    ["a == '1' || b == '2' && has(c)", '(a == "1" || (b == "2" && has(c)))'],
    ["!(a == '1')", '!a == "1"'],
    ['!!!has(a)', '!has(a)'],
    ["!(a == '1' && has(b))", '!(a == "1" && has(b))'],
    ['((has(a)))', 'has(a)'],
  ])('of %s', (text, canonical) => {
    expect(endpointSelector(text).text).toBe(canonical)
  })

  it('is read back to itself, and has a prefix before every label where one is asked for', () => {
    const { parsed, text } = endpointSelector("a == '1' && !has(b) || c in {'x'}")
    expect(endpointSelector(text).text).toBe(text)
    expect(canonicalText(parsed, 'pcns.')).toBe('((pcns.a == "1" && !has(pcns.b)) || pcns.c in {"x"})')
  })
})

describe('the name of a set', () => {
  it.each([
    ['all()', 'cali40s:5y5I3VdRZfDU01O--xXAPx2'],
    ["projectcalico.org/orchestrator == 'k8s'", 'cali40s:WP38oCqDbAT2ANRZlXRDeKI'],
  ])('of %s is that of real clusters', (text, name) => {
    expect(setName(selectorId(text), 4)).toBe(name)
    expect(setName(selectorId(text), 6)).toBe(name.replace('cali40', 'cali60'))
  })

  it('is the same for texts that say the same, and another for each protocol and port', () => {
    const named = (protocol: 'tcp' | 'any', port: string): string =>
      setId({ kind: 'named-port', selector: endpointSelector('all()'), protocol, port })
    expect(selectorId("a in {'y','x'}")).toBe(selectorId('a in {"x","y"}'))
    expect(new Set([named('tcp', 'http'), named('any', 'http'), named('tcp', 'dns')]).size).toBe(3)
    expect(named('tcp', 'http')).toMatch(/^n:[\w-]{38}$/)
    expect(setId({ kind: 'service', service: 'a/b', withPorts: true })).toMatch(/^svc:/)
    expect(setId({ kind: 'service', service: 'a/b', withPorts: false })).toMatch(/^svcnoport:/)
  })
})
