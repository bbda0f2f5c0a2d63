// What stands above the lanes of a picture fits into it, however few the lanes are.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { renderHtml, renderSvg } from '../../src/render/index.ts'

const POLICY = 'a-policy-with-a-name-that-is-much-longer-than-two-lanes-of-a-picture-are-wide'
const OBJECTS = `
{apiVersion: v1, kind: Node, metadata: {name: w1}, status: {addresses: [{type: InternalIP, address: 10.0.0.11}]}}
---
{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pods}, spec: {cidr: 10.244.0.0/16}}
---
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}, spec: {nodeName: w1}, status: {podIP: 10.244.0.5}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop}, spec: {nodeName: w1}, status: {podIP: 10.244.0.6}}
---
{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: ${POLICY}, namespace: shop}, spec: {serviceAccountSelector: role == 'x'}}
`

const CHAR = 6.65
const { trace } = Lab.load(OBJECTS).ping('shop/a', 'shop/b')
const svg = renderSvg(trace)
const width = Number(/ width="([\d.]+)"/.exec(svg)?.[1])

describe('an answer that is none, in a narrow picture', () => {
  const notes = [...svg.matchAll(/<text class="pw-t pw-open" x="16" y="([\d.]+)">([^<]*)</g)]

  it('names what is open, folded into the width', () => {
    expect(notes.map(([, , line]) => line).join(' ')).toContain(`undecided: NetworkPolicy/shop/${POLICY}`)
    expect(notes.filter(([, , line = '']) => 16 + line.length * CHAR > width && line.includes(' '))).toEqual([])
  })

  it('has room for the notes above the lanes, and for the title', () => {
    const lanes = [...svg.matchAll(/<rect class="pw-lane[^"]*" x="[\d.]+" y="([\d.]+)"/g)].map(([, y]) => Number(y))
    expect(Math.min(...lanes)).toBeGreaterThan(Math.max(...notes.map(([, y]) => Number(y))))
    expect(width).toBeGreaterThan(16 + `${trace.title}: undecided`.length * 7)
  })

  it('says it once in a page: in the banner', () => {
    expect(trace.certainty).toBe('undecided')
    expect(renderHtml(trace).split('it decides').length - 1).toBe(
      trace.notes.filter((n) => n.effect === 'undecided').length,
    )
    expect(renderHtml(trace)).not.toContain('class="pw-t pw-open"')
  })
})
