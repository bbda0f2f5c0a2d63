// A network that was edited is edited again: what is known of it from the edit before makes no difference to what comes of the next.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyRecipe } from '../../src/commands/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { Network, type NetworkRecipe, route } from '../../src/model/index.ts'
import { cluster } from '../../src/testing/index.ts'
import { runs } from './run.ts'

interface Step {
  readonly what: 'add' | 'metric' | 'remove' | 'replace' | 'neighbour' | 'fdb' | 'table' | 'device' | 'nothing'
  readonly node: number
  readonly at: number
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom<Step['what'][]>(
    'add',
    'metric',
    'remove',
    'replace',
    'neighbour',
    'fdb',
    'table',
    'device',
    'nothing',
  ),
  node: fc.nat(3),
  at: fc.nat(40),
})

function recipeOf({ what, node, at }: Step): NetworkRecipe {
  return (draft) => {
    const nodes = Object.values(draft.namespaces).filter(({ role }) => role === 'node')
    const ns = nodes[node % nodes.length]!
    const place = <T>(list: T[]): T | undefined => list[at % Math.max(1, list.length)]
    const one = place(ns.routes)
    const [table] = Object.values(draft.shared)
    if (what === 'add') ns.routes.push({ ...route(`10.255.${at}.0/24`, { type: 'blackhole' }) } as never)
    else if (what === 'metric' && one !== undefined) one.metric = at
    else if (what === 'remove') ns.routes.splice(at % Math.max(1, ns.routes.length), 1)
    else if (what === 'replace') ns.routes = ns.routes.filter(({ metric = 0 }) => metric < 30)
    else if (what === 'neighbour') Object.assign(place(ns.neighbours) ?? {}, { lladdr: '02:00:00:00:00:01' })
    else if (what === 'fdb') ns.fdb.splice(0, at % 2)
    else if (what === 'table') table?.entries.pop()
    else if (what === 'device') Object.assign(Object.values(ns.interfaces)[0]!, { mtu: 1400 + at })
  }
}

/** The same network, of which nobody knows anything. */
function anew(network: Network): Network {
  return new Network(JSON.parse(JSON.stringify(network)))
}

describe('edits of a network in turn', () => {
  it('make of it what they make of one that was never edited', () => {
    fc.assert(
      fc.property(cluster(), fc.array(step, { minLength: 1, maxLength: 6 }), ({ resources }, steps) => {
        let { network } = Lab.fromResources(resources)
        for (const one of steps) {
          const recipe = recipeOf(one)
          const expected = JSON.stringify(applyRecipe(anew(network), recipe))
          const before = JSON.stringify(network)
          const after = applyRecipe(network, recipe)
          expect(JSON.stringify(after)).toBe(expected)
          expect(JSON.stringify(network)).toBe(before)
          network = after
        }
      }),
      runs(25),
    )
  })
})
