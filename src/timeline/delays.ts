import { MILLISECOND } from '../dataplane/index.ts'
import { seedWord } from '../model/index.ts'

/** How long something takes, and who says so. */
export interface Delay {
  /** At least, in milliseconds. */
  readonly low: number
  /** At most, in milliseconds. */
  readonly high: number
  /** What it is. */
  readonly what: string
  /** Where the figures are from; `assumed`: nobody documents them, they are of the right order. */
  readonly source: string
}

/** The name of a delay. */
export type DelayName =
  | 'watch event'
  | 'typha batch'
  | 'typha restart'
  | 'felix flush'
  | 'felix ipsets'
  | 'felix devices'
  | 'felix routes'
  | 'felix rules'
  | 'felix start'
  | 'confd render'
  | 'bgp update'
  | 'bird start'
  | 'kube-proxy sync'
  | 'kube-proxy start'
  | 'pod sandbox'
  | 'sandbox retry'
  | 'sandbox removal'
  | 'machine shutdown'
  | 'machine boot'
  | 'kubelet start'
  | 'calico-node start'
  | 'containers start'

/**
 * How long the programs of a cluster take. What several of them make together is known better than what each takes: an object that
 * is stored is known to every Felix after 50 to 200 ms.
 */
const DELAYS: Readonly<Record<DelayName, Delay>> = {
  'watch event': {
    low: 40,
    high: 150,
    what: 'an object that is stored is told to who watches it',
    source: 'kubernetes: 50 to 200 ms from a stored object to Felix, with what Typha and Felix wait in it',
  },
  'typha batch': {
    low: 0,
    high: 10,
    what: 'Typha waits for more, to send it together',
    source: '@calico typha/pkg/syncserver: min batch age 10 ms, at most 100 messages',
  },
  'typha restart': {
    low: 1_000,
    high: 10_000,
    what: 'clients of a Typha find another one, or the same again, and get a snapshot',
    source: 'assumed',
  },
  'felix flush': {
    low: 0,
    high: 10,
    what: 'Felix calculates what it heard at its next tick',
    source: '@calico felix/calc/async_calc_graph.go: tick 10 ms, leaky bucket of 10',
  },
  'felix ipsets': { low: 1, high: 5, what: 'Felix writes sets, before any rule asks them', source: 'assumed' },
  'felix devices': {
    low: 1,
    high: 4,
    what: 'Felix sets up tunnel devices, their addresses, neighbours and forwarding entries',
    source: 'assumed',
  },
  'felix routes': { low: 1, high: 10, what: 'Felix writes routes, beside its rules', source: 'assumed' },
  'felix rules': {
    low: 5,
    high: 50,
    what: 'Felix runs iptables-restore, one table beside the other',
    source: 'assumed',
  },
  'felix start': {
    low: 500,
    high: 3_000,
    what: 'Felix starts, reads the datastore until it is in sync, and what the kernel has',
    source: 'assumed',
  },
  'confd render': {
    low: 50,
    high: 1_000,
    what: 'confd writes the configuration of BIRD, which reads it',
    source: '@calico confd/pkg/resource: less than a second',
  },
  'bgp update': { low: 1, high: 20, what: 'BIRD announces a prefix, and peers install it', source: 'assumed' },
  'bird start': { low: 200, high: 2_000, what: 'BIRD starts, and its sessions come up', source: 'assumed' },
  'kube-proxy sync': {
    low: 5,
    high: 100,
    what: 'kube-proxy runs iptables-restore',
    source: 'assumed',
  },
  'kube-proxy start': { low: 500, high: 2_000, what: 'kube-proxy starts and reads the API server', source: 'assumed' },
  'pod sandbox': {
    low: 50,
    high: 500,
    what: 'kubelet has the runtime make a network namespace and call CNI',
    source: 'kubernetes: kubelet and runtime until CNI ADD',
  },
  'sandbox retry': {
    low: 10_000,
    high: 15_000,
    what: 'kubelet makes the sandbox of a pod again after one that failed',
    source: '@kubernetes pkg/kubelet/pod_workers.go: backOffPeriod of 10 s, and up to half as much again',
  },
  'sandbox removal': {
    low: 100,
    high: 2_500,
    what: 'kubelet finds a sandbox whose pod is gone, and has the runtime take it down and call CNI',
    source: '@kubernetes pkg/kubelet/kubelet.go: housekeepingPeriod of 2 s; what CNI DEL takes is assumed',
  },
  'machine shutdown': {
    low: 2_000,
    high: 10_000,
    what: 'init ends what runs, and the machine goes off',
    source: 'assumed',
  },
  'machine boot': {
    low: 20_000,
    high: 60_000,
    what: 'firmware, kernel and init, until the cards of a machine have their addresses',
    source: 'assumed',
  },
  'kubelet start': { low: 2_000, high: 10_000, what: 'kubelet starts and knows its pods', source: 'assumed' },
  'calico-node start': {
    low: 3_000,
    high: 15_000,
    what: 'the init containers of calico-node, startup and its tunnel addresses, until its programs run',
    source: 'assumed; the order: @calico node/filesystem/etc/rc.local',
  },
  'containers start': {
    low: 500,
    high: 3_000,
    what: 'the containers of a pod start that has a network',
    source: 'kubernetes: half a second to several seconds',
  },
}

/** Intervals that are settings and not chance, in milliseconds. */
export const INTERVALS = {
  /** Felix applies ten times at once, after that once in this time. @calico felix/dataplane/linux/int_dataplane.go */
  felixThrottle: 100,
  /** So often at once. */
  felixBurst: 10,
  /** kube-proxy writes its rules at most once in this time. @kubernetes pkg/proxy/iptables minSyncPeriod */
  kubeProxyMinSync: 1_000,
  /** So often at once. */
  kubeProxyBurst: 2,
  /** Felix looks at tunnel devices and their addresses. @calico felix/dataplane/linux/vxlan_mgr.go, ipip_mgr.go */
  felixDevices: 10_000,
  /** Felix no longer reads a table because it wrote it once. @calico felix/iptables/table.go */
  felixPostWrite: 3_600_000,
  /** BIRD compares the kernel's routes with its own. @calico confd/etc/calico/confd/templates/bird.cfg.template scan time */
  birdScan: 2_000,
  /** kube-proxy writes all of its rules again, whether anything has changed or not. @kubernetes pkg/proxy/iptables/proxier.go NewBoundedFrequencyRunner */
  kubeProxyFullSync: 3_600_000,
} as const

/** Whose delay is drawn. */
export interface Draw {
  readonly seed: number
  /** Number of the event it follows. */
  readonly event: number
  /** Where; empty = the nodes that are treated as one. */
  readonly node: string
}

/**
 * How long something takes this time, in nanoseconds: drawn from whose it is alone, so that nothing depends on the order in which
 * somebody asks. Nodes that are treated as one take the time in the middle.
 */
export function drawnDelay(name: DelayName, { seed, event, node }: Draw): number {
  const { low, high } = DELAYS[name]
  if (node === '') return Math.round(((low + high) / 2) * MILLISECOND)
  const word = seedWord(seedWord(seed, event) ^ hashOf(`${name} ${node}`)) >>> 0
  return Math.round((low + ((high - low) * word) / 0x1_0000_0000) * MILLISECOND)
}

/** Where in its interval a ticker stands at the beginning, in the unit of the interval. */
export function drawnPhase(name: string, interval: number, { seed, node }: Omit<Draw, 'event'>): number {
  const word = seedWord(seedWord(seed, 0) ^ hashOf(`phase ${name} ${node}`)) >>> 0
  return Math.ceil((interval * (word + 1)) / 0x1_0000_0000)
}

/** @rfc draft-eastlake-fnv FNV-1a, 32 bits */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}
