import { Lab } from 'packetwalk'
import {
  buildCluster,
  type Cluster,
  type ClusterEdit,
  editCluster,
  type PodResource,
  type Resources,
} from 'packetwalk/control'
import { clusterResources } from './cluster.ts'
import { middle, type Row, timedCall } from './measure.ts'

const PODS = 30
const ROUNDS = 15

/** A pod that is new in each round. */
function newPod(round: number): PodResource {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `new-${round}`, namespace: 'default', labels: { app: 'web', group: `g${round}` } },
    spec: { nodeName: `node-${round % 2}` },
    status: { phase: 'Running' },
  }
}

function policy(round: number): Resources['policies'] {
  const metadata = { name: 'policy-0', namespace: 'default' }
  const ingress = round % 2 === 0 ? [] : [{ from: [{ podSelector: {} }] }]
  const spec = { podSelector: { matchLabels: { group: 'g0' } }, ingress }
  return [{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec }]
}

function pools({ resources }: Cluster, round: number): Resources['ippools'] {
  return resources.ippools.map((pool) => ({
    ...pool,
    spec: { ...pool.spec, ipipMode: round % 2 === 0 ? 'Never' : 'Always' },
  }))
}

/** Kinds of edits: what they say of the objects of now. */
const EDITS: Readonly<Record<string, (cluster: Cluster, round: number) => ClusterEdit>> = {
  'one pod added': (_, round) => ({ upserts: { pods: [newPod(round)] } }),
  'one pod relabelled': ({ resources }, round) => {
    const pod = resources.pods[1234 % resources.pods.length]!
    const labels = { app: 'web', group: `g${round}` }
    return { upserts: { pods: [{ ...pod, metadata: { ...pod.metadata, labels } }] } }
  },
  'one pod deleted': ({ resources }, round) => ({ removals: [resources.pods[(977 * round) % resources.pods.length]!] }),
  'one policy': (_, round) => ({ upserts: { policies: policy(round) } }),
  'one pool: encapsulation': (cluster, round) => ({ upserts: { ippools: pools(cluster, round) } }),
}

/** What one needs of a cluster at once: that it is there, and the namespace of a node with its rules. */
function look({ network, findings }: Cluster): void {
  if (findings.faults.length > 0) throw new Error('faults')
  if (network.namespaces['node-0']?.iptables === undefined) throw new Error('a node has no rules')
}

/** Edits of a cluster, each of the one before: what the control plane makes of them, and the namespace of one node. */
function* ofControl(nodes: number): Iterable<Row> {
  const resources = clusterResources(nodes, PODS, 'ipip', { policies: 20, services: 20 })
  const builds = Array.from({ length: 3 }, () => timedCall(() => buildCluster(resources)))
  const build = Math.min(...builds.map(([time]) => time))
  let cluster = builds[0]![1]
  look(cluster)
  yield { name: `${nodes} nodes × ${PODS}: built`, value: build, unit: 'ms' }
  for (const [name, editOf] of Object.entries(EDITS)) {
    const times = Array.from({ length: ROUNDS }, (_, round) => {
      const edit = editOf(cluster, round)
      const [time, made] = timedCall(() => {
        const after = editCluster(cluster, edit, { isSettled: true })
        look(after)
        return after
      })
      cluster = made
      return time
    })
    const value = middle(times)
    yield {
      name: `${nodes} nodes: ${name}`,
      value,
      unit: 'ms',
      ratio: value / build,
      note: `${note(times)}; × a build`,
    }
  }
}

function note(times: readonly number[]): string {
  return `the first ${times[0]!.toFixed(1)}, the best ${Math.min(...times).toFixed(2)} ms`
}

/** The same in a lab that runs: controllers look, and the dataplane has the network. */
function* ofLab(nodes: number): Iterable<Row> {
  const lab = Lab.fromResources(clusterResources(nodes, PODS, 'ipip', { policies: 20, services: 20 }))
  const all = lab.cluster?.workloadEndpoints ?? []
  if (!lab.ping(all[0]!.netns, all[1]!.netns).ok) throw new Error('no answer')
  const added = Array.from({ length: ROUNDS }, (_, round) => timedCall(() => lab.apply({ pods: [newPod(round)] }))[0])
  const gone = Array.from({ length: ROUNDS }, (_, round) => {
    return timedCall(() => lab.delete({ kind: 'Pod', namespace: 'default', name: `new-${round}` }))[0]
  })
  for (const [what, times] of [
    ['added', added],
    ['deleted', gone],
  ] as const)
    yield { name: `${nodes} nodes, lab: one pod ${what}`, value: middle(times), unit: 'ms', note: note(times) }
}

/** What edits cost beside a build. */
export function* edits(): Iterable<Row> {
  for (const nodes of [2, 1000, 5000]) {
    yield* ofControl(nodes)
    yield* ofLab(nodes)
  }
}
