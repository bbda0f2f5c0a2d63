import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Lab, type LabOptions } from 'packetwalk'
import { clusterResources } from './cluster.ts'
import type { Row } from './measure.ts'
import { plainCluster } from './yardstick.ts'

const NODES = 1000
const PODS = 30
/** A smaller cluster for many events: what is kept of them does not depend on its size. */
const FEW_NODES = 100
/** Virtual time from one event to the next, and from probe to probe, in milliseconds. */
const PACE = 1000
const EVERY = 100
const MEGA = 1e6

type Event = Parameters<Lab['occur']>[0]

const object = (apiVersion: string, kind: string, metadata: object, spec: object): string =>
  JSON.stringify({ apiVersion, kind, metadata, spec })

function pod(name: string, node: string, group: string): string {
  const metadata = { name, namespace: 'default', labels: { app: 'web', group } }
  return object('v1', 'Pod', metadata, { nodeName: node })
}

function policy(group: string, ports: readonly number[]): string {
  const from = [{ podSelector: { matchLabels: { app: 'web' } } }]
  const ingress = [{ from }, ...ports.map((port) => ({ from, ports: [{ port, protocol: 'TCP' }] }))]
  const spec = { podSelector: { matchLabels: { group } }, ingress }
  return object('networking.k8s.io/v1', 'NetworkPolicy', { name: 'policy-0', namespace: 'default' }, spec)
}

function service(name: string, group: string): string {
  return object('v1', 'Service', { name, namespace: 'default' }, { selector: { group }, ports: [{ port: 80 }] })
}

function cordon(lab: Lab, name: string, unschedulable: boolean): Event {
  const node = lab.objects?.nodes.find((one) => one.metadata.name === name)
  if (node === undefined) throw new Error(`no ${name}`)
  return { kind: 'apply', objects: { nodes: [{ ...node, spec: { ...node.spec, unschedulable } }] } }
}

/** Ten sorts of events in turn, over nodes and groups of pods that move on. */
const SORTS: readonly { readonly sort: string; readonly of: (i: number, lab: Lab, nodes: number) => Event }[] = [
  { sort: 'a pod is created', of: (i, _, nodes) => pod(`new-${i}`, `node-${(i * 7) % nodes}`, `g${i % 50}`) },
  { sort: 'a pod is relabelled', of: (i, _, nodes) => pod(`new-${i}`, `node-${(i * 7) % nodes}`, `g${(i + 1) % 50}`) },
  { sort: 'a policy is edited', of: (i) => policy('g0', i % 2 === 0 ? [] : [8080]) },
  { sort: 'a Service is created', of: (i) => service(`svc-${i}`, `g${i % 50}`) },
  { sort: 'Felix restarts', of: (i) => ({ kind: 'agent', agent: 'felix', node: `node-${i % 20}`, action: 'restart' }) },
  { sort: 'a node is cordoned', of: (i, lab) => cordon(lab, `node-${i % 20}`, true) },
  { sort: 'a node is uncordoned', of: (i, lab) => cordon(lab, `node-${i % 20}`, false) },
  {
    sort: 'kube-proxy restarts',
    of: (i) => ({ kind: 'agent', agent: 'kube-proxy', node: `node-${i % 20}`, action: 'restart' }),
  },
  {
    sort: 'a pod is deleted',
    of: (i) => ({ kind: 'delete', objects: [{ kind: 'Pod', name: `new-${i}`, namespace: 'default' }] }),
  },
  {
    sort: 'a Service is deleted',
    of: (i) => ({ kind: 'delete', objects: [{ kind: 'Service', name: `svc-${i}`, namespace: 'default' }] }),
  },
]

/** What came of a run of events. */
interface Ran {
  /** Milliseconds in all, and of each sort. */
  readonly ms: number
  readonly bySort: ReadonlyMap<string, number>
  readonly asked: number
  readonly lost: number
}

function labOf(nodes: number, options: LabOptions): Lab {
  return Lab.fromResources(clusterResources(nodes, PODS, 'ipip', { policies: 20, services: 20 }), options)
}

/** Lets events happen, one a {@link PACE}, with a probe from the first pod to one of the last node. */
function happening(lab: Lab, from: number, count: number): Ran {
  const nodes = lab.cluster?.nodes.length ?? 0
  const watch = lab.every(EVERY, { ping: { from: 'default/web-0', to: `default/web-${nodes - 1}` } })
  const bySort = new Map<string, number>()
  const begun = performance.now()
  for (let i = from; i < from + count; i++) {
    const { sort, of } = SORTS[i % SORTS.length] as (typeof SORTS)[number]
    const event = of(Math.floor(i / SORTS.length), lab, nodes)
    const start = performance.now()
    lab.occur(event)
    lab.wait(PACE / 1000)
    bySort.set(sort, (bySort.get(sort) ?? 0) + performance.now() - start)
  }
  const ms = performance.now() - begun
  watch.stop()
  const { asked, lost } = watch.report
  return { ms, bySort, asked, lost }
}

function* events(count: number): Iterable<Row> {
  for (const delays of ['instant', 'calico'] as const) {
    const start = performance.now()
    plainCluster(NODES, PODS)
    const yardstick = performance.now() - start
    const lab = labOf(NODES, { delays, record: false })
    const { ms, bySort, asked, lost } = happening(lab, 0, count)
    const what = `${NODES} nodes × ${PODS} pods, ${delays === 'instant' ? '--instant' : 'with delays'}`
    const entries = lab.log.length + lab.forgotten
    const note = `${asked} probes, ${lost} lost; ${entries} entries of the log`
    yield { name: `${count} events, ${what}`, value: ms / 1000, unit: 's', ratio: ms / count / yardstick, note }
    for (const [sort, all] of bySort)
      yield { name: `  ${sort}, ${delays}`, value: all / (count / SORTS.length), unit: 'ms' }
  }
}

/** The collector of V8, which only shows itself behind a flag. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

/** What is kept of many events: heap after the first fifth, by which each node has had pods of events, and after all. */
function* kept(count: number, delays: 'instant' | 'calico'): Iterable<Row> {
  const collect = collector()
  const lab = labOf(FEW_NODES, { delays, record: true, history: 1000 })
  const heap = (): number => {
    collect()
    return process.memoryUsage().heapUsed / MEGA
  }
  const first = count / 5
  happening(lab, 0, first)
  const before = heap()
  const { ms } = happening(lab, first, count - first)
  const after = heap()
  const note = `${before.toFixed(0)} MB after the first ${first}, ${after.toFixed(0)} MB then; ${(ms / (count - first)).toFixed(1)} ms an event`
  yield {
    name: `${count} events, ${FEW_NODES} nodes × ${PODS} pods, ${delays === 'instant' ? '--instant' : 'with delays'}: heap grows by`,
    value: after - before,
    unit: 'MB',
    note,
  }
}

/** A cluster over time: what an event costs with all that follows from it. */
export function* timeline(): Iterable<Row> {
  yield* events(200)
}

/** The same for long: 1,000 events over 1,000 nodes, and what is kept of 10,000. */
export function* timelineLong(): Iterable<Row> {
  yield* events(1000)
  yield* kept(10_000, 'instant')
  yield* kept(10_000, 'calico')
}
