import { spawnSync } from 'node:child_process'
import {
  type BgpWorld,
  bgpWorld,
  buildCluster,
  type Cluster,
  confdDatastore,
  NEWEST_CALICO_VERSION,
  propagate,
  traitsOf,
} from 'packetwalk/control'
import type { Prefix } from 'packetwalk/wire'
import { clusterResources } from './cluster.ts'
import { microseconds, type Row } from './measure.ts'
import { plainProgram } from './plain.ts'
import { plainCluster } from './yardstick.ts'

const PODS = 30
const PREFIX = '10.77.9.0/26' as Prefix
const REFLECTORS = 3
const MEGA = 1e6

/** What one process of its own measures: the control plane at rest, and not a packet sent. */
export interface Converged {
  /** Milliseconds. */
  readonly time: number
  readonly yardstick: number
  /** Bytes the process has beyond what it had with the objects in memory. */
  readonly memory: number
  /** Bytes the process has in all. */
  readonly rss: number
}

/** Objects in memory to the state that Calico leaves behind: addresses, sessions, routes, and the first firewall read. */
export function converge(nodes: number): Converged {
  const resources = clusterResources(nodes, PODS)
  const before = process.memoryUsage().rss
  let cluster: Cluster | undefined
  const time = once(() => {
    cluster = buildCluster(resources)
    if (cluster.network.namespaces['node-0']?.iptables === undefined) throw new Error('a node has no rules')
  })
  const { rss } = process.memoryUsage()
  const yardstick = once(() => plainCluster(nodes, PODS))
  if (cluster?.workloadEndpoints.length !== nodes * PODS) throw new Error('pods are missing')
  return { time, yardstick, memory: rss - before, rss }
}

/** Milliseconds one call takes, once. */
function once(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

function inFreshProcess(program: string, nodes: number): Converged {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, 'converge', String(nodes)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Converged
}

/** Nodes of one AS, each a client of all reflectors. */
function reflectedWorld(nodes: number): BgpWorld {
  const v3 = 'projectcalico.org/v3'
  const named = (name: string) => ({ metadata: { name } })
  const values: Record<string, unknown>[] = [
    { kind: 'BGPConfiguration', ...named('default'), spec: { nodeToNodeMeshEnabled: false } },
    { kind: 'BGPPeer', ...named('up'), spec: { nodeSelector: 'all()', peerSelector: "role == 'reflector'" } },
    { kind: 'IPPool', ...named('pool'), spec: { cidr: '10.64.0.0/10' } },
  ]
  for (let i = 0; i < nodes; i++) {
    const isReflector = i < REFLECTORS
    const annotations: Record<string, string> = {
      'projectcalico.org/IPv4Address': `172.16.${(i + 2) >> 8}.${(i + 2) & 255}/16`,
    }
    if (isReflector) annotations['projectcalico.org/RouteReflectorClusterID'] = '244.0.0.1'
    const labels = isReflector ? { role: 'reflector' } : {}
    values.push({ kind: 'Node', metadata: { name: `node-${i}`, annotations, labels } })
  }
  const objects = values.map((value) => ({
    apiVersion: value['kind'] === 'Node' ? 'v1' : v3,
    kind: value['kind'] as string,
    value,
  }))
  const traits = traitsOf(NEWEST_CALICO_VERSION)
  const world = bgpWorld(confdDatastore(objects, { env: {}, workloadPeers: [], traits }), 4, [], () => true)
  if ('fault' in world) throw new Error(world.fault)
  return world
}

/** A prefix that reflectors pass on to every node, until nobody learns anything new. */
export function* prefix(): Iterable<Row> {
  for (const nodes of [1000, 5000]) {
    const world = reflectedWorld(nodes)
    const routes = [{ at: `node-${nodes - 1}`, route: { prefix: PREFIX, source: 'static' } as const }]
    const run = (): void => {
      const { paths, stable } = propagate(world, routes)
      if (!stable || paths.size !== nodes) throw new Error('somebody has not heard of it')
    }
    const first = once(run)
    const value = microseconds(run, 15) / 1000
    const note = `the first ${first.toFixed(0)} ms, with sessions and filters of everybody made`
    yield { name: `a prefix over ${nodes} nodes, ${REFLECTORS} reflectors`, value, unit: 'ms', note }
  }
}

/** The control plane by itself: clusters at rest, each in a fresh process, the best of three; and a prefix in BGP. */
export function* control(): Iterable<Row> {
  // A group that was bundled alone runs itself.
  const own = process.argv[1] as string
  const program = own.endsWith('.ts') ? plainProgram('control.ts') : own
  for (const nodes of [1000, 5000]) {
    const runs = Array.from({ length: 3 }, () => inFreshProcess(program, nodes))
    const best = runs.reduce((a, b) => (a.time <= b.time ? a : b))
    const note = `+${(best.memory / MEGA).toFixed(0)} MB, process ${(best.rss / MEGA).toFixed(0)} MB`
    const name = `${nodes} nodes × ${PODS} pods, objects to converged state`
    yield { name, value: best.time, unit: 'ms', ratio: best.time / best.yardstick, note }
  }
  yield* prefix()
}
