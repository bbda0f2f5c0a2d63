import { spawnSync } from 'node:child_process'
import { Lab } from 'packetwalk'
import type { Cluster, WorkloadEndpoint } from 'packetwalk/control'
import { route } from 'packetwalk/model'
import { clusterResources, type Rules } from './cluster.ts'
import { microseconds, type Row } from './measure.ts'
import { plainProgram } from './plain.ts'
import { plainCluster } from './yardstick.ts'

const PODS = 30

/** Milliseconds one call takes, once. */
function once(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

function best(times: number, run: () => void): number {
  return Math.min(...Array.from({ length: times }, () => once(run)))
}

/** A pod of the first node and one of the last. */
function farPods({ workloadEndpoints: all, nodes }: Cluster): readonly [WorkloadEndpoint, WorkloadEndpoint] {
  const last = nodes.at(-1)?.name
  const [from, to] = [all[0], all.find((pod) => pod.node === last)]
  if (from === undefined || to === undefined) throw new Error('two pods are needed')
  return [from, to]
}

function trace(lab: Lab, [from, to] = farPods(lab.cluster as Cluster)): void {
  const run = lab.ping(from.netns, to.netns)
  if (!run.trace.ok) throw new Error(run.outcome)
}

/** What one process of its own measures: {@link firstTrace} for clusters that would colour each other. */
export interface FirstTrace {
  readonly build: number
  readonly trace: number
  readonly yardstick: number
  /** Bytes the process has beyond what it had with the objects in memory. */
  readonly memory: number
  /** Bytes the process has in all. */
  readonly rss: number
  /** Bytes in use beyond the objects, what nobody holds being collected; 0 where node was not told to expose that. */
  readonly live: number
}

/** What a cluster has besides its nodes. */
interface Size extends Rules {
  /** Pods a node. */
  readonly pods?: number
}

/** Objects in memory to the first trace, in this process. */
export function firstTrace(nodes: number, { pods = PODS, ...rules }: Size = {}): FirstTrace {
  const resources = clusterResources(nodes, pods, 'ipip', rules)
  const yardstick = once(() => plainCluster(nodes, pods))
  const heap = heapUsed()
  const before = process.memoryUsage().rss
  let lab: Lab | undefined
  const build = once(() => {
    lab = Lab.fromResources(resources)
  })
  const traced = once(() => trace(lab as Lab))
  const { rss } = process.memoryUsage()
  const live = heapUsed() - heap
  // What is measured must be there until it is.
  if (lab?.cluster?.nodes.length !== nodes || resources.nodes.length !== nodes) throw new Error('the lab is gone')
  return { build, trace: traced, yardstick, memory: rss - before, rss, live }
}

/** Bytes in use, when what nobody holds is collected; 0 where that cannot be asked for. */
function heapUsed(): number {
  if (globalThis.gc === undefined) return 0
  globalThis.gc()
  const { heapUsed: heap, arrayBuffers } = process.memoryUsage()
  return heap + arrayBuffers
}

const MEGA = 1e6

/** From objects to the first trace, each cluster in a fresh process; the best of three. */
export function* build(): Iterable<Row> {
  yield* growth([100, 1000, 5000])
}

/** The same up to a size that takes its time, and what a node and a pod take in memory. */
export function* buildLarge(): Iterable<Row> {
  yield* growth([100, 1000, 5000, 20_000])
  yield* memoryOfEach(5000)
}

function* growth(sizes: readonly number[]): Iterable<Row> {
  let smaller: { readonly nodes: number; readonly value: number } | undefined
  for (const nodes of sizes) {
    const run = bestOf(nodes)
    const value = run.build + run.trace
    const parts = `build ${run.build.toFixed(0)}, trace ${run.trace.toFixed(0)} ms`
    const memory = `+${(run.memory / MEGA).toFixed(0)} MB, process ${(run.rss / MEGA).toFixed(0)} MB`
    const exponent = smaller && Math.log(value / smaller.value) / Math.log(nodes / smaller.nodes)
    const grown = exponent === undefined ? '' : `, grows by n^${exponent.toFixed(2)}`
    const name = `${nodes} nodes × ${PODS} pods, objects to first trace`
    yield { name, value, unit: 'ms', ratio: value / run.yardstick, note: `${parts}, ${memory}${grown}` }
    smaller = { nodes, value }
  }
}

/** What is in use beyond the objects when the first trace is read: two clusters that differ in nothing but their pods tell. */
function* memoryOfEach(nodes: number): Iterable<Row> {
  const [few, many] = [PODS, 2 * PODS].map((pods) => inFreshProcess(nodes, { pods }, ['--expose-gc']).live)
  const ofPod = ((many as number) - (few as number)) / (nodes * PODS)
  const ofNode = (few as number) / nodes - PODS * ofPod
  const note = `${nodes} nodes, beyond the objects, after the first trace`
  yield { name: 'memory of a node without its pods', value: ofNode, unit: 'B', note }
  yield { name: 'memory of a pod', value: ofPod, unit: 'B', note }
}

/** The best of three, each in a fresh process. */
function bestOf(nodes: number, size: Size = {}): FirstTrace {
  const runs = Array.from({ length: 3 }, () => inFreshProcess(nodes, size))
  runs.sort((a, b) => a.build + a.trace - b.build - b.trace)
  return runs[0] as FirstTrace
}

/** What policies and Services cost from objects to the first trace: the same cluster without them, and with. */
export function* buildWithRules(): Iterable<Row> {
  for (const [nodes, policies, services] of [
    [100, 200, 300],
    [5000, 1000, 5000],
  ] as const) {
    const bare = bestOf(nodes)
    const full = bestOf(nodes, { policies, services })
    const value = full.build + full.trace
    const above = `+${(value - bare.build - bare.trace).toFixed(0)} ms, +${((full.rss - bare.rss) / MEGA).toFixed(0)} MB above the same without`
    const name = `${nodes} nodes, ${policies} policies, ${services} Services → trace`
    yield { name, value, unit: 'ms', ratio: value / full.yardstick, note: above }
  }
}

let program: string | undefined

function inFreshProcess(
  nodes: number,
  { policies = 0, services = 0, pods = PODS }: Size,
  flags: readonly string[] = [],
): FirstTrace {
  // A group that was bundled alone runs itself.
  const own = process.argv[1] as string
  program ??= own.endsWith('.ts') ? plainProgram('clusters.ts') : own
  const args = [...flags, program, 'first-trace', ...[nodes, policies, services, pods].map(String)]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as FirstTrace
}

/** Milliseconds that an edit and its trace are repeated before they are timed. */
const WARM_UP = 2000

/** One route, then one pod, edited in a small and in a large cluster: the edit, and the next trace. */
export function* edit(): Iterable<Row> {
  for (const nodes of [2, 5000]) {
    const lab = Lab.fromResources(clusterResources(nodes, PODS))
    const ends = farPods(lab.cluster as Cluster)
    const [from] = ends
    trace(lab, ends)
    let metric = 0
    const editRoute = (): void => {
      metric++
      lab.edit((draft) => {
        const changed = draft.namespaces[from.node]?.routes.find((one) => one.dst === '10.255.0.0/16')
        if (changed !== undefined) changed.metric = metric
      })
    }
    lab.edit((draft) => {
      draft.namespaces[from.node]?.routes.push({ ...route('10.255.0.0/16', { type: 'blackhole' }) } as never)
    })
    const editPod = (): void => {
      metric++
      lab.edit((draft) => {
        const eth0 = draft.namespaces[from.netns]?.interfaces['eth0']
        if (eth0 !== undefined) eth0.mtu = 1400 + (metric % 40)
      })
    }
    for (const [what, change] of [
      ['route', editRoute],
      ['pod', editPod],
    ] as const) {
      const both = (): void => {
        change()
        trace(lab, ends)
      }
      // The first rounds run code that V8 has yet to compile; a program that edits in a loop soon has left them behind.
      const early = best(200, both)
      const value = microseconds(both, 150, WARM_UP) / 1000
      const unedited = microseconds(() => trace(lab, ends), 150, WARM_UP) / 1000
      const note = `the best of the first 200 ${early.toFixed(2)} ms; a trace without edit ${unedited.toFixed(2)} ms`
      yield { name: `one ${what} edited → next trace, ${nodes} nodes`, value, unit: 'ms', note }
    }
  }
}
