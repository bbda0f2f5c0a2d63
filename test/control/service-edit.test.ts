// Edits of Services and of what tells of their endpoints: what is the very same after them, and after which all objects are looked at.
import { describe, expect, it } from 'vitest'
import {
  buildCluster,
  type Cluster,
  type ClusterEdit,
  collectResources,
  editCluster,
  type KnownResource,
  type PodResource,
  type Resources,
  stateChanges,
} from '../../src/control/index.ts'
import { makingOf } from '../../src/control/policy-edit.ts'
import { node, object, pod, pool } from './cluster-objects.ts'

type Service = Resources['services'][number]
type Slice = Resources['endpointSlices'][number]

const labelled = (name: string, on: string, app: string, extra: object = {}): PodResource => {
  const made = pod(name, on) as PodResource
  return { ...made, metadata: { ...made.metadata, labels: { app } }, ...extra }
}

const service = (name: string, last: number, spec: object = {}): Service =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { clusterIP: `10.96.0.${last}`, selector: { app: name }, ports: [{ port: 80 }], ...spec },
  }) as unknown as Service

const slice = (name: string, ...addresses: readonly string[]): Slice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `${name}-x`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
  addressType: 'IPv4',
  ports: [{ name: '', protocol: 'TCP', port: 80 }],
  endpoints: addresses.map((address) => ({ addresses: [address] })),
})

const NODES = [node('a', '10.0.0.1/24'), node('b', '10.0.0.2/24')]
const POOL = pool('p', '10.65.0.0/16', { ipipMode: 'Always', blockSize: 30 })
const [WEB, DB] = [service('web', 10), service('db', 11)]
const OBJECTS: readonly KnownResource[] = [
  POOL,
  ...NODES,
  labelled('web-0', 'a', 'web'),
  labelled('web-1', 'b', 'web'),
  labelled('db-0', 'b', 'db'),
]

const cluster = (...more: readonly KnownResource[]): Cluster =>
  buildCluster(collectResources([...OBJECTS, ...more]), { eagerLimit: 0 })

/** Where one of the pods is. */
const ADDRESS = cluster().workloadEndpoints[0]!.addresses[0]!

const put = (...services: readonly Service[]): ClusterEdit => ({ upserts: { services } })
const told = (...endpointSlices: readonly Slice[]): ClusterEdit => ({ upserts: { endpointSlices } })

const ready = (one: PodResource, status: 'True' | 'False'): PodResource => ({
  ...one,
  status: { phase: 'Running', conditions: [{ type: 'Ready', status }] },
})

const isWhole = (of: Cluster): boolean => makingOf(of).edited === undefined

describe('after which edits all objects are looked at', () => {
  const other: Service = { ...WEB, spec: { ...WEB.spec, ports: [{ port: 81 }] } }
  const gone: ClusterEdit = { removals: [{ kind: 'Service', name: 'web', namespace: 'default' }] }
  const balanced = (cidr: string) => [
    object('BGPConfiguration', 'default', { serviceExternalIPs: [{ cidr }] }),
    object('BGPPeer', 'tor', { peerIP: '10.0.0.254', asNumber: 65000 }),
  ]
  it.each<[string, readonly KnownResource[], ClusterEdit, boolean]>([
    ['a Service more', [WEB], put(DB), false],
    ['another port', [WEB], put(other), false],
    ['a Service less', [WEB, DB], gone, false],
    ['several at once', [WEB, DB], { ...gone, ...put(service('x', 12), service('y', 13)) }, false],
    ['an EndpointSlice', [WEB, DB], told(slice('web', ADDRESS)), false],
    ['one of a Service that is not there', [WEB, DB], told(slice('nobody', ADDRESS)), false],
    ['the first Service of all, for which kube-proxy writes', [], put(WEB), true],
    ['the last', [WEB], gone, true],
    // Who is meant by an address that nobody has depends on all endpoints.
    ['an endpoint at an address that nobody has', [WEB, DB], told(slice('web', '192.0.2.1')), true],
    ['addresses of Services of which nodes tell their peers', [WEB, DB, ...balanced('192.0.2.0/24')], put(other), true],
    ['a pod and a slice', [WEB, DB], { ...told(slice('web', ADDRESS)), ...withPod('db-0') }, false],
    ['a Service and a policy', [WEB, DB], { upserts: { services: [other], policies: [policy()] } }, true],
  ])('%s', (_, more, edit, wanted) => {
    expect(isWhole(editCluster(cluster(...more), edit))).toBe(wanted)
  })

  function withPod(name: string): ClusterEdit {
    return { removals: [{ kind: 'Pod', apiVersion: 'v1', namespace: 'default', name }] }
  }

  function policy(): Resources['policies'][number] {
    return object('GlobalNetworkPolicy', 'all', { selector: 'all()' }) as Resources['policies'][number]
  }

  it('a pod of a Service that nodes announce once it has an endpoint that is ready', () => {
    const segments = [{ name: 'lan', cidrs: ['10.0.0.0/24'], gateways: ['10.0.0.254'] }]
    const nodes = ['a', 'b'].map((name, i) => ({
      name,
      interfaces: [{ name: 'eth0', segment: 'lan', address: `10.0.0.${i + 1}/24` }],
    }))
    const routers = [
      { name: 'tor', asNumber: 65000, interfaces: [{ name: 'lan', segment: 'lan', address: '10.0.0.254/24' }] },
    ]
    const local = service('job', 12, { type: 'NodePort', externalTrafficPolicy: 'Local', externalIPs: ['192.0.2.7'] })
    const job = ready(labelled('job-0', 'a', 'job'), 'False')
    const before = cluster(
      ...balanced('192.0.2.7/32'),
      object('Underlay', 'u', { segments, nodes, routers }),
      local,
      job,
    )
    const after = editCluster(before, { upserts: { pods: [ready(job, 'True')] } })
    const routes = ({ network }: Cluster) =>
      network.namespaces['tor']!.routes.filter(({ dst }) => dst === '192.0.2.7/32')
    expect([routes(before).length, routes(after).length]).toEqual([0, 1])
  })
})

describe('after an edit of one Service', () => {
  const nat = ({ network }: Cluster, name: string) => network.namespaces[name]!.iptables!.tables['nat']!
  const chainsOf = (of: Cluster, ip: string): string[] => {
    const { rules } = nat(of, 'a').chains['KUBE-SERVICES']!
    const hits = ({ matches }: (typeof rules)[number]) =>
      matches.some((match) => match.kind === 'destination' && match.prefix === `${ip}/32`)
    const names = rules.filter(hits).flatMap(({ target }) => (target?.kind === 'jump' ? target.chain : []))
    return names.flatMap((name) => [
      name,
      ...nat(of, 'a').chains[name]!.rules.flatMap(({ target }) =>
        target?.kind === 'jump' && target.chain.startsWith('KUBE-SEP-') ? target.chain : [],
      ),
    ])
  }

  it('chains of the others are the very same, on all nodes', () => {
    const before = cluster(WEB, DB)
    const names = chainsOf(before, '10.96.0.10')
    expect(names.length).toBe(3)
    const chains = names.map((name) => nat(before, 'b').chains[name])
    let after = editCluster(before, put({ ...DB, spec: { ...DB.spec, ports: [{ port: 81 }] } }))
    after = editCluster(after, { upserts: { pods: [ready(labelled('db-0', 'b', 'db'), 'False')] } })
    after = editCluster(after, { removals: [DB] })
    expect(isWhole(after)).toBe(false)
    for (const name of ['a', 'b']) {
      expect(names.map((chain, i) => nat(after, name).chains[chain] === chains[i])).toEqual([true, true, true])
    }
  })

  it('what is otherwise on a node is its chains, and those of all Services', () => {
    const before = cluster(WEB, DB)
    const [web] = chainsOf(before, '10.96.0.10')
    const sticky: Service = { ...WEB, spec: { ...WEB.spec, sessionAffinity: 'ClientIP' } }
    const after = editCluster(before, put(sticky))
    const seps = chainsOf(after, '10.96.0.10').slice(1)
    const changes = stateChanges(before.network, after.network, 'a')
    expect(changes.map(({ op, what }) => `${op} ${what}`).sort()).toEqual(
      [web, ...new Set(seps)].map((name) => `replace -t nat ${name}`).sort(),
    )
  })

  it('nothing but firewalls is another', () => {
    const before = cluster(WEB, DB)
    const after = editCluster(before, put(service('x', 12)))
    expect(after.network.wires).toBe(before.network.wires)
    expect(after.network.shared).toBe(before.network.shared)
    expect(after.workloadEndpoints).toBe(before.workloadEndpoints)
    expect(after.ipam).toBe(before.ipam)
    expect(after.network.namespaces['default/web-0']).toBe(before.network.namespaces['default/web-0'])
    const [one, other] = [before, after].map(({ network }) => network.namespaces['a']!)
    expect(other!.routes).toBe(one!.routes)
    expect(other!.iptables!.tables['mangle']).toBe(one!.iptables!.tables['mangle'])
  })

  it('an endpoint more than a thousand takes the comments from all', () => {
    const pods = Array.from({ length: 999 }, (_, i) => labelled(`many-${i}`, i % 2 === 0 ? 'a' : 'b', 'many'))
    const wide = pool('p', '10.65.0.0/16', { ipipMode: 'Always', blockSize: 22 })
    const objects = [...OBJECTS.filter((one) => one !== POOL), wide, ...pods, service('many', 12), DB]
    const before = buildCluster(collectResources(objects), { eagerLimit: 0 })
    const after = editCluster(before, put(WEB))
    expect(isWhole(after)).toBe(false)
    const [, sep] = chainsOf(before, '10.96.0.11')
    const told = stateChanges(before.network, after.network, 'a').map(({ what }) => what)
    expect(told).toContain(`-t nat ${sep}`)
    const comments = (of: Cluster) =>
      nat(of, 'b').chains[sep!]!.rules.flatMap(({ matches }) => matches.filter(({ kind }) => kind === 'comment'))
    expect([comments(before).length, comments(after).length]).toEqual([2, 0])
  })

  it('a Service that is deleted takes what tells of its endpoints with it', () => {
    const owned = { ...slice('db', ADDRESS), metadata: { ...slice('db').metadata, name: 'db-y' } }
    const endpoints = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'db', namespace: 'default' } } as const
    const before = cluster(WEB, DB, owned as KnownResource, slice('web', ADDRESS) as KnownResource, endpoints)
    const after = editCluster(before, { removals: [DB] }, { isSettled: true })
    expect(isWhole(after)).toBe(false)
    const { endpointSlices, endpoints: left } = after.resources
    expect([endpointSlices.map(({ metadata }) => metadata.name), left.length]).toEqual([['web-x'], 0])
  })

  it('a pod that says that it belongs to a Service goes with it, whatever pods were edited before', () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Service', name: 'db' }]
    const made = labelled('db-1', 'a', 'db')
    const owned = { ...made, metadata: { ...made.metadata, ownerReferences } } as PodResource
    const before = editCluster(cluster(WEB, DB, owned), { upserts: { pods: [labelled('web-2', 'a', 'web')] } })
    const after = editCluster(before, { removals: [DB] }, { isSettled: true })
    const names = after.resources.pods.map(({ metadata }) => metadata.name)
    expect(names).toEqual(['web-0', 'web-1', 'db-0', 'web-2'])
  })

  it('endpoints that the input tells are told by pods again, once these are others', () => {
    const before = cluster(WEB, DB, slice('web', ADDRESS) as KnownResource)
    const of = (made: Cluster) =>
      made.serviceEndpoints(made.resources.services[0]!)[0]!.endpoints.map((one) => one.ready)
    const edit = { upserts: { pods: [ready(labelled('web-1', 'b', 'web'), 'False')] } }
    const after = editCluster(before, edit, { isSettled: true })
    expect([of(before), of(after).sort()]).toEqual([[true], [false, true]])
    expect(isWhole(after)).toBe(false)
    expect(after.resources.endpointSlices).toEqual([])
  })
})
