// What of a node is whose: a namespace put together of what several programs have seen equals, part by part, what the cluster has that its
// writer has seen.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allSee, type Cluster, type NodeViews, nodeOfViews } from '../../../src/control/index.ts'
import { type Namespace, type Route, writtenOut } from '../../../src/model/index.ts'
import { runs } from '../../properties/run.ts'
import { build, node, pod, pool } from '../cluster-objects.ts'
import { revisions, viewsBy } from './revisions.ts'

/** A namespace as plain data that shares nothing with others. */
function plain({ network }: Cluster, ns: Namespace | undefined): unknown {
  return ns === undefined ? undefined : JSON.parse(JSON.stringify(writtenOut(network, ns)))
}

describe('programs that have seen the same', () => {
  it('have written the very namespace of that cluster', () => {
    fc.assert(
      fc.property(revisions(), ({ before }) => {
        for (const { name } of before.nodes)
          expect(nodeOfViews(name, allSee(before))).toBe(before.network.namespaces[name])
      }),
      runs(5),
    )
  }, 120_000)

  it('have written the same, whoever has seen it in which of two clusters of the same objects', () => {
    fc.assert(
      fc.property(revisions(['nothing']), fc.nat(255), ({ before, after }, bits) => {
        for (const { name } of before.nodes) {
          const made = nodeOfViews(name, viewsBy(bits, { before, after }))
          expect(plain(before, made)).toEqual(plain(before, before.network.namespaces[name]))
        }
      }),
      runs(5),
    )
  }, 120_000)
})

const NODES = [node('a', '172.18.0.2/16'), node('b', '172.18.0.3/16')]
const PODS = [pod('one', 'a', { ip: '10.0.0.5' }), pod('two', 'b', { ip: '10.0.0.70' })]
const of = (mode: object, pods = PODS, version = 'v3.30.0'): Cluster =>
  build([...NODES, pool('p', '10.0.0.0/24', { blockSize: 26, ...mode }), ...pods], version)

const IPIP = of({ ipipMode: 'Always' })
const VXLAN = of({ vxlanMode: 'Always' })
const NONE = of({ ipipMode: 'Never' })

/** The routes to others' blocks, as `dst via dev`, and blackholes. */
function waysOf(views: NodeViews, cluster: Cluster = views.machine): string[] {
  const ns = nodeOfViews('a', views)!
  const { routes } = writtenOut(cluster.network, ns)
  return routes
    .filter(({ dst, table, family }) => family === 'inet' && table === 'main' && dst.startsWith('10.'))
    .map(({ dst, dev, type, protocol, metric }: Route) => [dst, dev ?? type, protocol, metric ?? ''].join(' ').trim())
}

const devicesOf = (views: NodeViews): string[] => Object.keys(nodeOfViews('a', views)!.interfaces)

describe('an encapsulation that changes', () => {
  const before = ['10.0.0.0/26 blackhole bird', '10.0.0.5/32 calid65259db43f boot', '10.0.0.64/26 tunl0 bird']

  it.each<{ what: string; views: NodeViews; ways: readonly string[] }>([
    { what: 'nobody has seen it', views: allSee(IPIP), ways: before },
    {
      what: 'BIRD has withdrawn its routes, and Felix not yet written its own',
      views: { ...allSee(IPIP), bird: VXLAN },
      ways: ['10.0.0.5/32 calid65259db43f boot'],
    },
    {
      what: 'Felix has the device, and BIRD its routes into the tunnel that is gone',
      views: { ...allSee(IPIP), felixDevices: VXLAN },
      ways: ['10.0.0.0/26 blackhole bird', '10.0.0.5/32 calid65259db43f boot'],
    },
    {
      what: 'the old tunnel stays, so do the routes',
      views: { ...allSee(IPIP), felixDevices: VXLAN, tunl0Stays: true },
      ways: before,
    },
    {
      what: 'Felix has written its routes: of one key there is one',
      views: { ...allSee(IPIP), felix: VXLAN, tunl0Stays: true },
      ways: ['10.0.0.0/26 blackhole 80', '10.0.0.5/32 calid65259db43f boot', '10.0.0.64/26 vxlan.calico boot'],
    },
    {
      what: 'Felix has its routes but no device to lead there',
      views: { ...allSee(VXLAN), felixDevices: IPIP },
      ways: ['10.0.0.0/26 blackhole 80', '10.0.0.5/32 calid65259db43f boot'],
    },
    {
      what: 'everybody has seen it',
      views: allSee(VXLAN),
      ways: ['10.0.0.0/26 blackhole 80', '10.0.0.5/32 calid65259db43f boot', '10.0.0.64/26 vxlan.calico boot'],
    },
  ])('$what', ({ views, ways }) => {
    expect(waysOf(views)).toEqual(ways)
  })

  it('tunl0 that Felix has no use for keeps no address', () => {
    const views = { ...allSee(IPIP), felixDevices: NONE, tunl0Stays: true }
    expect(nodeOfViews('a', views)?.interfaces['tunl0']).toMatchObject({ up: true, addresses: [] })
    expect(devicesOf({ ...views, bird: NONE, felixRoutes: NONE })).not.toContain('tunl0')
  })
})

describe('a pod that Felix has not heard of', () => {
  const [later, earlier] = [of({}, PODS, 'v3.32.0'), of({}, [PODS[1]!], 'v3.32.0')]

  it('has the route of the plugin, no neighbour and no chains; then those of Felix', () => {
    const seen = (felix: Cluster) => {
      const views = { ...allSee(later), felix }
      const ns = nodeOfViews('a', views)!
      const chains = Object.keys(ns.iptables?.tables.filter?.chains ?? {})
      return {
        way: waysOf(views).find((way) => way.startsWith('10.0.0.5')),
        neighbours: ns.neighbours.length,
        chains: chains.filter((name) => /^cali-[tf]w-/.test(name)).length,
      }
    }
    expect(seen(earlier)).toEqual({ way: '10.0.0.5/32 calid65259db43f boot', neighbours: 0, chains: 0 })
    expect(seen(later)).toEqual({ way: '10.0.0.5/32 calid65259db43f boot 1024', neighbours: 1, chains: 2 })
  })

  it('is there alone when it is attached alone', () => {
    const attached = new Map([['default/one', later]])
    expect(devicesOf({ ...allSee(earlier), attached })).toContain('calid65259db43f')
    expect(devicesOf({ ...allSee(later), attached: new Map([['default/one', null]]) })).not.toContain('calid65259db43f')
  })

  it('made anew with another address, it has nothing of what Felix wrote for the old one', () => {
    const again = of({}, [pod('one', 'a', { ip: '10.0.0.9' }), PODS[1]!], 'v3.32.0')
    const ways = waysOf({ ...allSee(again), felix: later, felixRoutes: later })
    expect(ways.filter((way) => way.includes('calid65259db43f'))).toEqual(['10.0.0.9/32 calid65259db43f boot'])
  })
})

it('a machine that was started anew has its cards, and nothing of what programs write', () => {
  const views: NodeViews = { machine: IPIP, cni: null, felix: null, bird: null, proxy: null }
  const ns = nodeOfViews('a', views)!
  expect(Object.keys(ns.interfaces)).toEqual(['lo', 'eth0'])
  expect([ns.iptables, ns.ipsets, ns.shared, ns.sysctls]).toEqual([{ tables: {} }, {}, undefined, {}])
  expect(waysOf(views)).toEqual([])
})

it('a set stays as long as rules have it', () => {
  const views = { ...allSee(IPIP), felixSets: NONE }
  const names = (view: NodeViews): string[] => Object.keys(nodeOfViews('a', view)!.ipsets ?? {}).sort()
  const [wanted, had] = [names(allSee(NONE)), names(allSee(IPIP))]
  expect(names(views)).toEqual([...new Set([...wanted, ...had])].sort())
})
