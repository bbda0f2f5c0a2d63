import { type Cluster, proxySyncPeriod, type ResyncPart } from '../control/index.ts'
import { MILLISECOND } from '../dataplane/index.ts'
import type { Namespace } from '../model/index.ts'
import { type DelayName, type Draw, drawnDelay, drawnPhase, INTERVALS } from './delays.ts'
import type { FollowerState } from './follower-state.ts'
import type { Follower } from './watching.ts'

/** Whose a part of what is written again is. */
export const WRITER_OF: Readonly<Record<ResyncPart, Follower>> = {
  'felix-devices': 'felix',
  'felix-sysctls': 'felix',
  'felix-ipsets': 'felix',
  'felix-routes': 'felix',
  'felix-rules': 'felix',
  'felix-iptables': 'felix',
  bird: 'bird',
  'kube-proxy': 'kube-proxy',
}

/** What a program does before it writes a part: when it has started, or when it is told that an interface came up. */
const BEFORE: Readonly<Record<ResyncPart, readonly DelayName[]>> = {
  'felix-devices': ['felix flush', 'felix devices'],
  'felix-sysctls': ['felix flush', 'felix devices'],
  'felix-ipsets': ['felix flush', 'felix ipsets'],
  'felix-routes': ['felix flush', 'felix routes'],
  'felix-rules': ['felix flush', 'felix routes'],
  'felix-iptables': ['felix flush', 'felix rules'],
  bird: ['bgp update'],
  'kube-proxy': ['kube-proxy sync'],
}

/** How long it takes until a program that has reason to looks at a part, in nanoseconds. */
export function soon(part: ResyncPart, draw: Draw): number {
  return BEFORE[part].reduce((sum, name) => sum + drawnDelay(name, draw), 0)
}

/** A part of a node, and what decides when it is looked at. */
export interface Looked {
  readonly part: ResyncPart
  readonly node: string
  /** What the program has seen. */
  readonly cluster: Cluster
  readonly program: FollowerState
  /** The node as somebody left it. */
  readonly edited: Namespace
  readonly seed: number
  /** When Felix last wrote chains again, in nanoseconds; undefined = it has not. */
  readonly rewritten: number | undefined
}

/** When a program looks at a part next, in nanoseconds; undefined = not before it starts again. */
export function nextLook(looked: Looked, now: number): number | undefined {
  const { part, node, cluster } = looked
  const refresh = cluster.settings.refreshOf(node)
  switch (part) {
    case 'felix-devices':
      return nextTick(looked, INTERVALS.felixDevices, now)
    case 'felix-sysctls':
      return undefined
    case 'felix-ipsets':
      return nextTick(looked, refresh.ipsets, now)
    case 'felix-routes':
    case 'felix-rules':
      return nextTick({ ...looked, part: 'felix-routes' }, refresh.routes, now)
    case 'felix-iptables':
      return nextRead(looked, now)
    case 'bird':
      return cluster.settings.backend === 'bird' ? nextTick(looked, INTERVALS.birdScan, now) : undefined
    case 'kube-proxy':
      return nextTick(looked, proxyInterval(looked), now)
  }
}

/** A ticker that began when the program did; when that was nobody knows of what ran from the beginning. */
function nextTick({ part, node, program, seed }: Looked, interval: number, now: number): number | undefined {
  if (interval <= 0) return undefined
  const length = Math.round(interval * MILLISECOND)
  const origin = program.life === 0 ? drawnPhase(part, length, { seed, node }) - length : program.since
  return origin + (Math.floor((now - origin) / length) + 1) * length
}

/** Felix reads a table some time after it last did; and once it has written it after a while, after twice that, and so on. @calico felix/iptables/table.go */
function nextRead(looked: Looked, now: number): number | undefined {
  const { cluster, node, program, rewritten = -1 } = looked
  const { iptables, postWrite } = cluster.settings.refreshOf(node)
  const written = Math.max(program.wrote, rewritten)
  if (written < 0) return nextTick(looked, iptables, now)
  const [every, most] = [iptables * MILLISECOND, INTERVALS.felixPostWrite * MILLISECOND]
  let [read, wait] = [written, postWrite * MILLISECOND]
  for (;;) {
    const checked = wait > 0 && wait < most ? written + wait : Number.POSITIVE_INFINITY
    const refreshed = every > 0 ? read + every : Number.POSITIVE_INFINITY
    read = Math.min(checked, refreshed)
    if (read > now) return read === Number.POSITIVE_INFINITY ? undefined : Math.round(read)
    if (read === checked) wait *= 2
  }
}

const CANARY = 'KUBE-PROXY-CANARY'
const WATCHED = ['mangle', 'nat', 'filter'] as const

/** kube-proxy's sync period looks, from v1.17 on, for one empty chain a table; only where it is gone all is written again. @kubernetes pkg/util/iptables Monitor */
function proxyInterval({ cluster, node, edited }: Looked): number {
  const period = proxySyncPeriod(cluster.resources)
  const hasCanary = WATCHED.every((name) => {
    const table = edited.iptables?.tables[name]
    return table !== undefined && Object.hasOwn(table.chains, CANARY)
  })
  return hasCanary && hasMonitor(cluster, node) ? INTERVALS.kubeProxyFullSync : period
}

function hasMonitor({ nodes }: Cluster, node: string): boolean {
  const info = nodes.find(({ name }) => name === node)?.resource.status?.nodeInfo
  const found = /^v?1\.(\d+)/.exec(String(info?.['kubeProxyVersion'] ?? info?.['kubeletVersion'] ?? ''))
  return found === null || Number(found[1]) >= 17
}
