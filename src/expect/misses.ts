import type { Bound, Expectation } from '../input/index.ts'
import type { PairMiss } from './pair.ts'
import type { Observation } from './report.ts'

/** What of a flow is otherwise than expected; `mtu` is measured only when it is asked for and the flow gets there. */
export function missesOf(expected: Expectation, seen: Observation, mtu: () => number): readonly PairMiss[] {
  const verdict = verdictMiss(expected, seen)
  if (verdict !== undefined) return [verdict]
  const misses = [
    byMiss(expected, seen),
    ...viaMisses(expected, seen),
    snatMiss(expected, seen),
    pathMiss(expected, seen),
  ]
  return [...misses, mtuMiss(expected, seen, mtu)].flatMap((one) => one ?? [])
}

function verdictMiss({ expect }: Expectation, { verdict, why, by }: Observation): PairMiss | undefined {
  if (verdict === expect) return undefined
  const found = verdict === 'deny' && by.length > 0 ? `deny by ${by.join(', ')}` : verdict
  return { field: 'expect', expected: expect, found, why }
}

function byMiss({ by, expect }: Expectation, seen: Observation): PairMiss | undefined {
  if (by === undefined || seen.by.some((title) => isNamed(title, by))) return undefined
  const found = seen.by.length === 0 ? 'no object' : seen.by.join(', ')
  return { field: 'by', expected: `${expect} by ${by}`, found, why: seen.why }
}

/** Whether a word names an object: `KIND NAMESPACE/NAME`, `KIND/NAMESPACE/NAME`, `NAMESPACE/NAME` or the name. */
function isNamed(title: string, word: string): boolean {
  const [kind = '', full = ''] = title.split(' ')
  const name = full.slice(full.indexOf('/') + 1)
  return [title, `${kind}/${full}`, full, name, kind].includes(word) || word === `${kind} ${name}`
}

function viaMisses({ via = [] }: Expectation, seen: Observation): readonly PairMiss[] {
  const known = new Set([...seen.nodes, ...seen.tunnels, ...seen.stations])
  const found = [...seen.nodes, ...seen.tunnels].join(', ') || 'no node'
  const isOnTheWay = (word: string): boolean => known.has(word.replace(/^nodes?\//, ''))
  return via
    .filter((word) => !isOnTheWay(word))
    .map((word) => ({ field: 'via', expected: `via ${word}`, found: `via ${found}`, why: seen.why }))
}

function snatMiss({ snat }: Expectation, { source, why }: Observation): PairMiss | undefined {
  if (snat === undefined) return undefined
  if (source !== undefined && (source.kind === snat || source.address === snat)) return undefined
  const found = source === undefined ? 'nothing was sent' : snatText(source)
  return { field: 'snat', expected: `snat ${snat}`, found, why }
}

/** Whose address the other end sees, in words. */
function snatText({ kind, address }: NonNullable<Observation['source']>): string {
  if (kind === 'none') return 'snat none'
  return kind === 'other' ? `snat ${address}` : `snat ${kind} (${address})`
}

function pathMiss({ path }: Expectation, seen: Observation): PairMiss | undefined {
  if (path === undefined || seen.path === path) return undefined
  return {
    field: 'path',
    expected: `path ${path}`,
    found: `path ${seen.path ?? 'none: nothing got there'}`,
    why: seen.why,
  }
}

function mtuMiss({ mtu }: Expectation, seen: Observation, measured: () => number): PairMiss | undefined {
  if (mtu === undefined) return undefined
  const found = seen.verdict === 'allow' ? measured() : 0
  if (isWithin(mtu, found)) return undefined
  return { field: 'mtu', expected: `mtu ${boundText(mtu)}`, found: `mtu ${found}`, why: '' }
}

/** Whether a number is within a bound. */
export function isWithin({ relation, value }: Bound, number: number): boolean {
  switch (relation) {
    case '>=':
      return number >= value
    case '<=':
      return number <= value
    case '==':
      return number === value
  }
}

/** A bound in words. */
export function boundText({ relation, value }: Bound): string {
  return `${relation} ${value}`
}
