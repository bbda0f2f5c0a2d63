import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildCluster, type Cluster, collectResources, parseCalicoVersion } from '../../src/control/index.ts'
import { fib6Lookup, fibLookup, Simulation } from '../../src/dataplane/index.ts'
import { Network, type Route, routesCovering, routesOf, type SharedView } from '../../src/model/index.ts'
import { addressAt, familyOf, hostPrefix, type Ip, type Prefix } from '../../src/wire/index.ts'
import { node, object, pod, pool } from '../control/cluster-objects.ts'
import { netns, veth } from '../dataplane/link/lan.ts'

const MODES = [
  { ipipMode: 'Always' },
  { ipipMode: 'CrossSubnet' },
  { vxlanMode: 'Always' },
  { vxlanMode: 'CrossSubnet' },
  {},
]

/** Clusters of both families, with tunnels, WireGuard (routes without gateway) and several subnets. */
const clusters = fc
  .record({
    mode: fc.constantFrom(...MODES),
    mode6: fc.constantFrom({}, { vxlanMode: 'Always' }, { vxlanMode: 'CrossSubnet' }),
    nodes: fc.integer({ min: 2, max: 5 }),
    subnets: fc.integer({ min: 1, max: 3 }),
    version: fc.constantFrom('v3.19.0', 'v3.30.0', 'v3.31.0', 'v3.33.0'),
    felix: fc.record({ wireguardEnabled: fc.boolean(), wireguardEnabledV6: fc.boolean() }, { requiredKeys: [] }),
    other: fc.record({ deviceRouteProtocol: fc.constantFrom(80, 99) }, { requiredKeys: [] }),
  })
  .map(({ mode, mode6, nodes, subnets, version, felix, other }): Cluster => {
    const items = [
      pool('p4', '10.244.0.0/20', { ...mode, natOutgoing: true }),
      pool('p6', 'fd10::/64', mode6),
      object('FelixConfiguration', 'default', felix),
      object('FelixConfiguration', 'node.n1', { ...felix, ...other }),
    ]
    for (let i = 0; i < nodes; i++) {
      const annotations = { 'projectcalico.org/IPv6Address': `fd00:${i % subnets}::${i + 2}/64` }
      items.push(node(`n${i}`, `172.18.${i % subnets}.${i + 2}/24`, { annotations }), pod(`pod${i}`, `n${i}`))
    }
    return buildCluster(collectResources(items), { calicoVersion: parseCalicoVersion(version)! })
  })

/** What the engine's lookup took, or undefined. */
function engineRoute(sim: Simulation, name: string, dst: Ip, mark: number): Route | undefined {
  const ask = { dst, mark }
  const { ref } = familyOf(dst) === 4 ? fibLookup(sim.netns(name), ask) : fib6Lookup(sim.netns(name), ask)
  return ref.route
}

describe('the route the engine takes is one that the tools would print', () => {
  it('in clusters: shared and own, of both families, with and without gateway', () => {
    let shared = 0
    let bare = 0
    fc.assert(
      fc.property(clusters, fc.nat(63), fc.boolean(), (cluster, place, marked) => {
        const { network, ipam } = cluster
        const sim = new Simulation(network)
        const targets: Prefix[] = ipam.blocks.map(({ cidr }) => cidr)
        targets.push('172.18.0.0/24' as Prefix, 'fd00::/64' as Prefix, hostPrefix('8.8.8.8' as Ip))
        for (const { name } of cluster.nodes) {
          const ns = network.namespaces[name]!
          const printed = routesOf(network, ns)
          const own = new Set<Route>(ns.routes)
          for (const target of targets) {
            const dst = addressAt(target, target === targets.at(-1) ? 0 : place)
            // The mark sends a packet past table 1, where WireGuard's routes are.
            const route = engineRoute(sim, name, dst, marked ? 0x100000 : 0)
            if (route === undefined) continue
            expect(printed).toContainEqual(route)
            expect(routesCovering(network, ns, dst)).toContainEqual(route)
            if (!own.has(route)) shared++
            if (!own.has(route) && route.via === undefined) bare++
          }
        }
      }),
      { seed: 1, numRuns: 60 },
    )
    expect(shared).toBeGreaterThan(100)
    expect(bare).toBeGreaterThan(10)
  })

  it('for any attributes of a view', () => {
    const view = fc.record(
      {
        protocol: fc.constantFrom('bird', '80'),
        onlink: fc.boolean(),
        noVia: fc.boolean(),
        metric: fc.constantFrom(0, 5, 1024),
        mtu: fc.constantFrom(1400),
        scope: fc.constantFrom('link' as const, 'global' as const),
        via: fc.constantFrom('10.0.0.77' as Ip),
      },
      { requiredKeys: ['protocol'] },
    )
    fc.assert(
      fc.property(fc.option(view, { nil: undefined }), fc.boolean(), (route, six) => {
        const [dst, via] = six ? ['fd10:1::/64', 'fe80::2'] : ['10.244.1.0/24', '10.0.0.2']
        const entry = { owner: 'b', dst: dst as Prefix, via: via as Ip }
        if (six && route?.via !== undefined) return
        const seen: SharedView = { table: 't', as: 'route', dev: 'eth0', ...(route ? { route } : {}) }
        const ns = netns('a', [veth('eth0', '02:00:00:00:00:01')], { shared: [seen] })
        const network = new Network({ namespaces: { a: ns }, shared: { t: { entries: [entry] } } })
        const taken = engineRoute(new Simulation(network), 'a', addressAt(dst as Prefix, 7), 0)
        expect(routesOf(network, ns)).toEqual([taken])
      }),
      { seed: 1, numRuns: 200 },
    )
  })

  it('a shared route without gateway is of scope link, and not onlink', () => {
    const seen: SharedView = { table: 't', as: 'route', dev: 'eth0', route: { protocol: '80', onlink: true } }
    const ns = netns('a', [veth('eth0', '02:00:00:00:00:01')], { shared: [seen] })
    const entries = [{ owner: 'b', dst: '10.244.1.0/24' as Prefix }]
    const network = new Network({ namespaces: { a: ns }, shared: { t: { entries } } })
    const want = {
      family: 'inet',
      dst: '10.244.1.0/24',
      type: 'unicast',
      dev: 'eth0',
      table: 'main',
      protocol: '80',
      scope: 'link',
    }
    expect(routesOf(network, ns)).toEqual([want])
    expect(engineRoute(new Simulation(network), 'a', '10.244.1.7' as Ip, 0)).toEqual(want)
  })
})
