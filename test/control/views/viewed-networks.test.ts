// Networks in which most nodes have seen one thing and some another.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allSee, type NodeViews, nodeOfViews, ViewedNetworks } from '../../../src/control/index.ts'
import { changesBetween, type Namespace, type Network, writtenOut } from '../../../src/model/index.ts'
import { runs } from '../../properties/run.ts'
import { build, node, pod, pool } from '../cluster-objects.ts'
import { type Revisions, revisions, viewsBy } from './revisions.ts'

function plain(network: Pick<Network, 'shared'>, ns: Namespace | undefined): unknown {
  if (ns === undefined) return undefined
  const { shared: _, ...own } = writtenOut(network, ns)
  return JSON.parse(JSON.stringify(own))
}

/** Views of some nodes, by a number each. */
function ownViews(revs: Revisions, turns: readonly number[]): Map<string, NodeViews> {
  const names = revs.before.nodes.map(({ name }) => name)
  const own = names.flatMap((name, i): [string, NodeViews][] => {
    const turn = turns[i % turns.length]!
    return turn % 3 === 0 ? [] : [[name, viewsBy(turn, revs)]]
  })
  return new Map(own)
}

const drawn = fc.tuple(revisions(), fc.nat(255), fc.array(fc.nat(255), { minLength: 12, maxLength: 12 }))

describe('a network of views', () => {
  it('is that of the cluster where all have seen the same', () => {
    fc.assert(
      fc.property(revisions(), ({ before, after }) => {
        const networks = new ViewedNetworks()
        expect(networks.network(allSee(before))).toBe(before.network)
        expect(networks.network(allSee(after))).toBe(after.network)
      }),
      runs(4),
    )
  }, 120_000)

  it('has each node as its programs have written it, and a wire for each pod', () => {
    fc.assert(
      fc.property(drawn, ([revs, cohort, turns]) => {
        const [views, own] = [viewsBy(cohort, revs), ownViews(revs, turns)]
        const network = new ViewedNetworks().network(views, own)
        for (const { name } of views.machine.nodes) {
          const mine = own.get(name) ?? views
          const alone = nodeOfViews(name, mine)
          expect(plain(network, network.namespaces[name])).toEqual(plain(mine.machine.network, alone))
        }
        const pods = Object.values(network.namespaces).filter(({ role }) => role === 'pod')
        for (const { name } of pods) {
          const [wire, ...more] = network.wires.filter(({ ends }) => ends.some(({ netns }) => netns === name))
          const host = wire?.ends.find(({ netns }) => netns !== name)
          expect([network.namespaces[host!.netns]?.interfaces[host!.dev] === undefined, more]).toEqual([false, []])
        }
      }),
      runs(5),
    )
  }, 120_000)

  it('is the very same where nothing changed', () => {
    fc.assert(
      fc.property(drawn, ([revs, cohort, turns]) => {
        const networks = new ViewedNetworks()
        const make = (): Network => networks.network({ ...viewsBy(cohort, revs) }, ownViews(revs, turns))
        expect(make()).toBe(make())
      }),
      runs(4),
    )
  }, 120_000)
})

const objects = [node('a', '172.18.0.2/16'), node('b', '172.18.0.3/16'), pool('p', '10.0.0.0/24', { blockSize: 26 })]
const [before, after] = [[], [pod('new', 'a')]].map((pods) => build([...objects, pod('old', 'b'), ...pods]))

it('a node that sees more than the others is what changed, and its pods', () => {
  const networks = new ViewedNetworks()
  const one = networks.network(allSee(before!))
  const two = networks.network(allSee(before!), new Map([['a', allSee(after!)]]))
  expect(changesBetween(one.namespaces, two.namespaces)?.names).toEqual(['a', 'default/new'])
  expect(two.namespaces['b']).toBe(one.namespaces['b'])
  const three = networks.network(allSee(before!), new Map([['a', { ...allSee(after!), proxy: before! }]]))
  expect(changesBetween(two.namespaces, three.namespaces)?.names).toEqual(['a'])
  expect(three.wires).toBe(two.wires)
  // What kube-proxy does not write is what it was.
  const mixed = networks.network(allSee(before!), new Map([['a', { ...allSee(after!), proxy: null, bird: before! }]]))
  const [was, now] = [three, mixed].map(({ namespaces }) => namespaces['a']!)
  expect(now!.interfaces).toBe(was!.interfaces)
  expect(now!.rules).toBe(was!.rules)
})

it('a machine that is off is not there, nor its pods', () => {
  const network = new ViewedNetworks().network(allSee(after!), new Map([['a', null]]))
  expect(Object.keys(network.namespaces)).toEqual(['b', 'default/old', 'switch-lan', 'router', 'internet'])
  expect(network.wires.flatMap(({ ends }) => ends.map(({ netns }) => netns))).not.toContain('a')
})
