import { spawnSync } from 'node:child_process'
import { Lab } from 'packetwalk'
import type { Cluster, WorkloadEndpoint } from 'packetwalk/control'
import { route } from 'packetwalk/model'
import { clusterResources, type Rules } from './cluster.ts'
import type { Row } from './measure.ts'
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

function trace(lab: Lab): void {
  const [from, to] = farPods(lab.cluster as Cluster)
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
}

/** Objects in memory to the first trace, in this process. */
export function firstTrace(nodes: number, rules: Rules = {}): FirstTrace {
  const resources = clusterResources(nodes, PODS, 'ipip', rules)
  const yardstick = once(() => plainCluster(nodes, PODS))
  const before = process.memoryUsage().rss
  let lab: Lab | undefined
  const build = once(() => {
    lab = Lab.fromResources(resources)
  })
  const traced = once(() => trace(lab as Lab))
  const { rss } = process.memoryUsage()
  return { build, trace: traced, yardstick, memory: rss - before, rss }
}

const MEGA = 1e6

/** From objects to the first trace, each cluster in a fresh process; the best of three. */
export function* build(sizes: readonly number[] = [100, 1000, 5000]): Iterable<Row> {
  for (const nodes of sizes) {
    const run = bestOf(nodes)
    const value = run.build + run.trace
    const parts = `build ${run.build.toFixed(0)}, trace ${run.trace.toFixed(0)} ms`
    const memory = `+${(run.memory / MEGA).toFixed(0)} MB, process ${(run.rss / MEGA).toFixed(0)} MB`
    const name = `${nodes} nodes × ${PODS} pods, objects to first trace`
    yield { name, value, unit: 'ms', ratio: value / run.yardstick, note: `${parts}, ${memory}` }
  }
}

/** The best of three, each in a fresh process. */
function bestOf(nodes: number, rules: Rules = {}): FirstTrace {
  const runs = Array.from({ length: 3 }, () => inFreshProcess(nodes, rules))
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

function inFreshProcess(nodes: number, { policies = 0, services = 0 }: Rules): FirstTrace {
  // This very program, as it was started: main.ts, or a group bundled alone.
  const program = process.argv[1] as string
  const args = [...process.execArgv, program, 'first-trace', ...[nodes, policies, services].map(String)]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as FirstTrace
}

/** One route, then one pod, edited in a small and in a large cluster: the edit, and the next trace. */
export function* edit(): Iterable<Row> {
  for (const nodes of [2, 5000]) {
    const lab = Lab.fromResources(clusterResources(nodes, PODS))
    const [from] = farPods(lab.cluster as Cluster)
    trace(lab)
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
        trace(lab)
      }
      const value = best(200, both)
      const unedited = best(100, () => trace(lab))
      const note = `a trace without edit ${unedited.toFixed(2)} ms`
      yield { name: `one ${what} edited → next trace, ${nodes} nodes`, value, unit: 'ms', note }
    }
  }
}
