import { Lab } from 'packetwalk'
import {
  buildCluster,
  type Cluster,
  type ClusterEdit,
  type EndpointSliceResource,
  editCluster,
  type OtherResource,
  type PodResource,
  type Resources,
  type ServiceResource,
} from 'packetwalk/control'
import { clusterResources } from './cluster.ts'
import { middle, type Row, timedCall } from './measure.ts'

const PODS = 30
const SERVICES = 500
const ROUNDS = 15

function note(times: readonly number[]): string {
  return `the first ${times[0]!.toFixed(1)}, the best ${Math.min(...times).toFixed(2)} ms`
}

/** A Service that is new in each round. */
function newService(round: number): ServiceResource {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `new-${round}`, namespace: 'default' },
    spec: { clusterIP: `10.97.0.${round + 1}`, selector: { group: `g${round}` }, ports: [{ port: 80 }] },
  } as ServiceResource
}

/** The slice of a Service that was first derived from pods; an endpoint more is ready in each round. */
function slice(cluster: Cluster, round: number): EndpointSliceResource {
  const service = cluster.resources.services[3]!
  const { name } = service.metadata
  const pods = cluster.serviceEndpoints(service)[0]?.endpoints ?? []
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-x`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: '', protocol: 'TCP', port: 80 }],
    endpoints: pods.map(({ address, node = '' }, i) => ({
      addresses: [address],
      nodeName: node,
      conditions: { ready: i >= round },
    })),
  }
}

function unready(pod: PodResource, isReady: boolean): PodResource {
  const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False' }]
  return { ...pod, status: { ...pod.status, conditions } }
}

type EditOf = (resources: Resources, cluster: Cluster, round: number) => ClusterEdit

/** Kinds of edits: what they say of the objects of now. */
const EDITS: Readonly<Record<string, EditOf>> = {
  'a Service created': (_, _cluster, round) => ({ upserts: { services: [newService(round)] } }),
  'a Service changed': ({ services }, _, round) => {
    const service = services[round % 7]!
    return { upserts: { services: [{ ...service, spec: { ...service.spec, ports: [{ port: 81 + round }] } }] } }
  },
  'a Service deleted': ({ services }) => ({ removals: [services.at(-1)!] }),
  'an EndpointSlice changed': (_, cluster, round) => ({ upserts: { endpointSlices: [slice(cluster, round)] } }),
  'a pod of a Service ready or not': ({ pods }, _, round) => ({
    upserts: { pods: [unready(pods[7 + (round % 3)]!, round % 2 === 1)] },
  }),
}

/** What one needs of a cluster at once: that it is there, and the namespace of a node with its rules. */
function look({ network, findings }: Cluster): void {
  if (findings.faults.length > 0) throw new Error('faults')
  if (network.namespaces['node-0']?.iptables === undefined) throw new Error('a node has no rules')
}

function* ofControl(nodes: number): Iterable<Row> {
  let cluster = buildCluster(clusterResources(nodes, PODS, 'ipip', { policies: 20, services: SERVICES }))
  look(cluster)
  for (const [name, editOf] of Object.entries(EDITS)) {
    const times = Array.from({ length: ROUNDS }, (_, round) => {
      const edit = editOf(cluster.resources, cluster, round)
      const [time, made] = timedCall(() => {
        const after = editCluster(cluster, edit, { isSettled: true })
        look(after)
        return after
      })
      cluster = made
      return time
    })
    yield { name: `${nodes} nodes, ${SERVICES} Services: ${name}`, value: middle(times), unit: 'ms', note: note(times) }
  }
}

/** The same in a lab that runs, where two nodes are looked at. */
function* ofLab(nodes: number): Iterable<Row> {
  const lab = Lab.fromResources(clusterResources(nodes, PODS, 'ipip', { policies: 20, services: SERVICES }))
  const all = lab.cluster?.workloadEndpoints ?? []
  if (!lab.ping(all[0]!.netns, all[1]!.netns).ok) throw new Error('no answer')
  for (const [name, editOf] of Object.entries(EDITS)) {
    const times = Array.from({ length: ROUNDS }, (_, round) => {
      const { upserts, removals = [] } = editOf(lab.objects!, lab.cluster!, round)
      const gone = (removals as OtherResource[]).map(({ kind, metadata: { name } }) => ({
        kind,
        name,
        namespace: 'default',
      }))
      return timedCall(() => (upserts === undefined ? lab.delete(...gone) : lab.apply(upserts)))[0]
    })
    yield { name: `${nodes} nodes, lab: ${name}`, value: middle(times), unit: 'ms', note: note(times) }
  }
}

/** What edits of Services and of their endpoints cost. */
export function* serviceEdits(): Iterable<Row> {
  for (const nodes of [1000, 5000]) {
    yield* ofControl(nodes)
    yield* ofLab(nodes)
  }
}
