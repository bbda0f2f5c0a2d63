import { describe, expect, it } from 'vitest'
import { Lab, type LabSnapshot } from '../../src/index.ts'
import { SHOP, shop } from '../render/shop.ts'

const [WEB, DB] = ['shop/web-0', 'shop/db-0']

describe('Lab.load', () => {
  it('says every warning and every kind that is not read, as the command does', () => {
    const lab = Lab.load(`${SHOP.replace('natOutgoing', 'ipipMde: Always, natOutgoing')}---
apiVersion: batch/v1
kind: Job
metadata: {name: j}
`)
    expect(lab.notes.join('\n')).toMatch(/warning: .*ipipMde[\s\S]*kinds that are not read: Job/)
  })

  it('knows the pods by name', () => {
    expect(shop().pods).toEqual(['shop/web-0', 'shop/web-1', 'shop/db-0'])
  })
})

describe('Run.ok', () => {
  it.each([
    { name: 'answered', ok: true, run: () => shop().ping(WEB, DB) },
    { name: 'too few hops', ok: false, run: () => shop().ping(WEB, DB, { ttl: 1 }) },
    { name: 'nobody listens', ok: false, run: () => shop().tcp(WEB, DB, 80, { server: false }) },
  ])('$name: $ok', ({ run, ok }) => {
    expect(run().ok).toBe(ok)
  })
})

describe('Lab.edit', () => {
  it.each([
    { name: 'returns something and changes nothing', recipe: () => true },
    { name: 'is asynchronous', recipe: async () => {} },
    { name: 'returns another network', recipe: () => ({ namespaces: {}, wires: [], shared: [] }) },
  ])('refuses a recipe that $name, and empties nothing', ({ recipe }) => {
    const lab = shop()
    const before = lab.network
    expect(() => lab.edit(recipe as () => void)).toThrow(/expected a recipe that changes the draft/)
    expect(lab.network).toBe(before)
    expect(lab.ping(WEB, DB).ok).toBe(true)
  })
})

describe('the trace of one of many runs', () => {
  it('tells what it looked up itself, not what another did by the same route', () => {
    const lab = shop()
    // The second to one destination is known; the one in between goes by the same way.
    const asked = ['198.51.100.1', '198.51.100.2', '198.51.100.1', '198.51.100.2']
    const told = asked.map((address) => {
      const { trace } = lab.ping(WEB, address)
      const first = trace.hops.filter((hop) => hop.kind === 'route' && hop.netns === WEB)[0]
      return first?.kind === 'route' ? first.destination : undefined
    })
    expect(told).toEqual(asked)
  })
})

describe('Lab.restore', () => {
  it('takes only moments of its own', () => {
    const lab = shop()
    const foreign = shop().snapshot()
    for (const saved of [{} as LabSnapshot, foreign])
      expect(() => lab.restore(saved)).toThrow(/a moment that snapshot\(\) of this lab gave/)
    expect(lab.restore(lab.snapshot()).ping(WEB, DB).ok).toBe(true)
  })
})

describe('source ports', () => {
  it('are new ones, so that a second connection works', () => {
    const lab = shop()
    expect([lab.tcp(WEB, DB, 80).ok, lab.tcp(WEB, DB, 80).ok, lab.udp(WEB, DB, 53).ok]).toEqual([true, true, true])
  })

  it('can be said, and come again after a step back', () => {
    const lab = shop()
    const start = lab.snapshot()
    const first = lab.tcp(WEB, DB, 80).trace
    expect(lab.restore(start).tcp(WEB, DB, 80).trace).toEqual(first)
    expect(lab.udp(WEB, DB, 53, { sourcePort: 1053 }).trace.exchanges[0]?.line).toContain('.1053 > ')
  })
})
