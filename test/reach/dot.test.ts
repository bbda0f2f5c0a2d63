// The answer as a graph: every pair of classes by its answer, names as they are, a language that Graphviz reads.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/index.ts'
import { endWords } from '../../src/reach/forms/text.ts'
import { patternWords } from '../../src/reach/forms/words.ts'
import { type Reach, type ReachEnd, reachDot, reachOf } from '../../src/reach/index.ts'
import { SHOP } from '../render/shop.ts'

const LABELS = SHOP.replace('{name: web-0, namespace: shop}', '{name: web-0, namespace: shop, labels: {app: web}}')
const POLICY = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}
`
const reachIn = (name: string, text: string): Reach => reachOf(Lab.load({ name, text }))
const guarded = reachIn('shop.yaml', LABELS + POLICY)
const EVIL = '"]; -> x\\" <b>|{}'
const SCENES: readonly (readonly [string, Reach])[] = [
  ['the demo', reachIn('ipip.yaml', readFileSync('examples/demo/ipip.yaml', 'utf8'))],
  ['a shop', reachIn('shop.yaml', SHOP)],
  ['a shop with a policy', guarded],
  [
    'names that nobody has',
    JSON.parse(JSON.stringify(guarded).replaceAll('shop/web-0', JSON.stringify(EVIL).slice(1, -1))),
  ],
]

const STRING = String.raw`"((?:[^"\\]|\\.)*)"`
const unquoted = (text: string): string => text.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))

describe.each(SCENES)('%s', (_name, reach) => {
  const dot = reachDot(reach)
  const lines = dot.split('\n').slice(3, -2)
  const labels = new Map(
    lines.flatMap((line) => {
      const [, id, text] =
        new RegExp(String.raw`^ {2}(\w+) \[label=${STRING}(?:, color="#\w{6}", style=\w+)?\]$`).exec(line) ?? []
      return id === undefined || text === undefined ? [] : [[id, unquoted(text)] as const]
    }),
  )
  const arrows = lines.flatMap((line) => {
    const [, a, b] = /^ {2}(\w+) -> (\w+) \[color="#\w{6}", style=\w+\]$/.exec(line) ?? []
    return a === undefined || b === undefined ? [] : [[a, b] as const]
  })

  it('is statements, and nothing else', () => {
    expect(lines.length).toBe(labels.size + arrows.length)
    for (const ends of arrows) for (const end of ends) expect(labels.has(end), end).toBe(true)
  })

  it('leads every pair of classes over its answer', () => {
    const told = arrows
      .filter(([a]) => a.startsWith('a'))
      .map(([answer, to]) => {
        const from = arrows.find(([, b]) => b === answer)?.[0] ?? ''
        return [labels.get(from), labels.get(answer), labels.get(to)].join(' | ')
      })
    const meant = reach.cells.map(({ from, to, pattern }) => {
      const said = patternWords(reach, reach.patterns[pattern] ?? [])
      const words = said.map(({ headers, outcome }) => `${headers}: ${outcome.verdict}`).join('\n')
      return [
        `from ${endWords(reach.ends[from] as ReachEnd)}`,
        words,
        `to ${endWords(reach.ends[to] as ReachEnd)}`,
      ].join(' | ')
    })
    expect(told.sort()).toEqual(meant.sort())
  })

  it.runIf(existsSync('/usr/bin/dot'))('is read by Graphviz', () => {
    const plain = execFileSync('dot', ['-Tplain'], { input: dot, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] })
    expect(plain.match(/^edge /gm)?.length).toBe(arrows.length)
  })
})
