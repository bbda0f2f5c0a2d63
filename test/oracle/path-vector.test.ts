// Routes of BGP spread as a slow telling of it says, in random clusters: ASes, reflectors, explicit peers, filters, routers.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bgpWorld,
  confdDatastore,
  NEWEST_CALICO_VERSION,
  type OutsideSpeaker,
  propagate,
  traitsOf,
} from '../../src/control/index.ts'
import type { Ip, Prefix } from '../../src/wire/index.ts'
import { bgpDefault, bgpPeer, calicoObject, kubeNode, pool } from '../support/bgp-objects.ts'
import { type OraclePolicy, type OracleSession, type OracleSpeaker, order, spreadSlowly } from './path-vector.ts'

const PREFIX = '10.77.9.0/26' as Prefix
const BLOCK = { prefix: PREFIX, source: 'static' } as const
const ROUTER: OracleSpeaker = { name: 'router', address: '10.0.0.200', as: 65200, router: true }

/** A cluster: nodes with AS and cluster id, a mesh or none, peers by pairs, and what each side of a pair does with routes. */
interface Described {
  readonly nodes: readonly { readonly as: number; readonly cluster?: string }[]
  readonly mesh: boolean
  readonly pairs: readonly (readonly [from: number, to: number, out: OraclePolicy, into: OraclePolicy, keep: boolean])[]
  readonly toRouter: readonly number[]
  readonly origins: readonly number[]
}

const RULES: Readonly<Record<Exclude<OraclePolicy, 'none'>, object>> = {
  reject: { action: 'Reject' },
  prepend: { action: 'Accept', operations: [{ prependASPath: { prefix: [64999] } }] },
  prefer: { action: 'Accept', operations: [{ setPriority: { value: 400 } }] },
}

const policy = fc.constantFrom<OraclePolicy>('none', 'none', 'none', 'reject', 'prepend', 'prefer')
const described: fc.Arbitrary<Described> = fc.integer({ min: 2, max: 7 }).chain((size) => {
  const index = fc.integer({ min: 0, max: size - 1 })
  const node = fc.record(
    { as: fc.constantFrom(64512, 64512, 64512, 65001), cluster: fc.constantFrom('1.0.0.1', '1.0.0.2') },
    { requiredKeys: ['as'] },
  )
  return fc.record({
    nodes: fc.array(node, { minLength: size, maxLength: size }),
    mesh: fc.boolean(),
    pairs: fc.array(fc.tuple(index, index, policy, policy, fc.boolean()), { maxLength: 8 }),
    toRouter: fc.uniqueArray(index, { maxLength: 3 }),
    origins: fc.uniqueArray(index, { minLength: 1, maxLength: 2 }),
  })
})

const nameOf = (i: number): string => `n${i}`
const addressOf = (i: number): string => `10.0.0.${i + 2}`

/** Pairs once each, without those of a node with itself and those that the mesh has. */
function pairsOf({ pairs, nodes, mesh }: Described): Described['pairs'] {
  const seen = new Set<string>()
  return pairs.filter(([a, b]) => {
    const key = [Math.min(a, b), Math.max(a, b)].join(' ')
    const isMesh = mesh && nodes[a]!.cluster === undefined && nodes[b]!.cluster === undefined
    if (a === b || isMesh || seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** The cluster in Calico's objects: each side of a pair has a BGPPeer of its own with the filters of its side. */
function objectsOf(cluster: Described): readonly object[] {
  const { nodes, mesh, toRouter } = cluster
  const sides = pairsOf(cluster).flatMap(([a, b, out, into, keep]) => [
    { a, b, keep, filters: [`export-${out}`, `import-${into}`] },
    { a: b, b: a, keep: false, filters: [`export-${into}`, `import-${out}`] },
  ])
  return [
    bgpDefault({ nodeToNodeMeshEnabled: mesh }),
    pool('east', '10.77.0.0/16'),
    ...nodes.map(({ as, cluster: id }, i) =>
      kubeNode(nameOf(i), `${addressOf(i)}/24`, { as: String(as), ...(id === undefined ? {} : { cluster: id }) }),
    ),
    ...Object.entries(RULES).flatMap(([name, rule]) => [
      calicoObject('BGPFilter', `export-${name}`, { exportV4: [rule] }),
      calicoObject('BGPFilter', `import-${name}`, { importV4: [rule] }),
    ]),
    ...sides.map(({ a, b, filters, keep }) =>
      bgpPeer(`p${a}-${b}`, {
        node: nameOf(a),
        peerIP: addressOf(b),
        asNumber: nodes[b]!.as,
        reversePeering: 'Manual',
        filters,
        ...(keep ? { nextHopMode: 'Keep' } : {}),
      }),
    ),
    ...toRouter.map((i) => bgpPeer(`r${i}`, { node: nameOf(i), peerIP: ROUTER.address, asNumber: ROUTER.as })),
  ]
}

function sessionsOf(cluster: Described): OracleSession[] {
  const { nodes, mesh, toRouter } = cluster
  const plain = { out: {}, in: {} }
  const ofMesh = nodes.flatMap((a, i) =>
    nodes.slice(i + 1).flatMap((b, n): OracleSession[] => {
      const isMesh = mesh && a.cluster === undefined && b.cluster === undefined
      return isMesh ? [{ ends: [nameOf(i), nameOf(i + 1 + n)], ...plain }] : []
    }),
  )
  const explicit = pairsOf(cluster).map(
    ([a, b, out, into, keep]): OracleSession => ({
      ends: [nameOf(a), nameOf(b)],
      out: { [nameOf(a)]: out, [nameOf(b)]: into },
      in: { [nameOf(a)]: into, [nameOf(b)]: out },
      keepNextHop: keep ? [nameOf(a)] : [],
    }),
  )
  return [...ofMesh, ...explicit, ...toRouter.map((i): OracleSession => ({ ends: [nameOf(i), ROUTER.name], ...plain }))]
}

function worldOf(cluster: Described) {
  const raw = objectsOf(cluster) as { apiVersion: string; kind: string }[]
  const traits = traitsOf(NEWEST_CALICO_VERSION)
  const objects = raw.map((value) => ({ ...value, value: value as unknown as Record<string, unknown> }))
  const datastore = confdDatastore(objects, { env: {}, workloadPeers: [], traits })
  const router: OutsideSpeaker = {
    name: ROUTER.name,
    addresses: [ROUTER.address as Ip],
    asNumber: ROUTER.as,
    peers: [],
  }
  const world = bgpWorld(datastore, 4, [router], () => true)
  if ('fault' in world) throw new Error(world.fault)
  return world
}

describe('paths of a prefix', () => {
  it('are those of the slow path vector', () => {
    let compared = 0
    let reflected = 0
    fc.assert(
      fc.property(described, (cluster) => {
        const speakers: OracleSpeaker[] = [
          ...cluster.nodes.map((node, i) => ({ ...node, name: nameOf(i), address: addressOf(i) })),
          ROUTER,
        ]
        const slow = spreadSlowly(speakers, sessionsOf(cluster), cluster.origins.map(nameOf))
        if (slow === undefined) return
        const fast = propagate(
          worldOf(cluster),
          cluster.origins.map((i) => ({ at: nameOf(i), route: BLOCK })),
        )
        expect(fast.stable).toBe(true)
        const of = new Map(speakers.map((one) => [one.name, one]))
        for (const { name } of speakers) {
          const wanted = [...slow.get(name)!].sort((a, b) => order(a, b, of))[0]
          const found = fast.best(name)
          const told =
            wanted === undefined || wanted.kind === 'own'
              ? wanted?.origin
              : [wanted.origin, wanted.via, wanted.hop, wanted.pref, wanted.path, wanted.clusters]
          const has =
            found?.told === undefined
              ? found?.origin
              : [
                  found.origin,
                  found.told.by.peer,
                  found.route.nextHop,
                  found.route.localPref,
                  found.route.asPath,
                  found.clusterList,
                ]
          expect(has, name).toEqual(told)
          expect(fast.paths.get(name)?.length ?? 0, name).toBe(slow.get(name)!.length)
          compared += 1
          if ((wanted?.clusters.length ?? 0) > 0) reflected += 1
        }
      }),
      { seed: 7, numRuns: 600 },
    )
    // It would say little if hardly anything was compared, or nothing went through a reflector.
    expect(compared).toBeGreaterThan(2000)
    expect(reflected).toBeGreaterThan(20)
  }, 60_000)
})
