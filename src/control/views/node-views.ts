import type { Cluster } from '../cluster.ts'

/**
 * What the programs that write a node's state have seen of the cluster: each wrote what it writes as the cluster it saw wants it. All
 * are the same cluster at different revisions, or with other BGP sessions. Null: that program has written nothing since the machine
 * was started.
 */
export interface NodeViews {
  /** The machine itself and what is under the cluster: cards, their addresses and routes. */
  readonly machine: Cluster
  /** The CNI plugin: pods, their ends on the node and its own routes to them, and the rules of portmap. */
  readonly cni: Cluster | null
  /** Felix; the members below tell its parts apart while it applies a change. */
  readonly felix: Cluster | null
  /** BIRD: its routes. */
  readonly bird: Cluster | null
  /** kube-proxy: its rules. */
  readonly proxy: Cluster | null
  /** Felix' sets; absent = as {@link NodeViews.felix}. A set stays as long as Felix' rules have it. @calico felix/dataplane/linux/int_dataplane.go */
  readonly felixSets?: Cluster | null
  /** Felix' devices, their addresses, neighbours and forwarding entries, and sysctls; absent = as {@link NodeViews.felix}. */
  readonly felixDevices?: Cluster | null
  /** Felix' routes, policy rules and neighbours of pods; absent = as {@link NodeViews.felix}. */
  readonly felixRoutes?: Cluster | null
  /** Felix' chains; absent = as {@link NodeViews.felix}. */
  readonly felixRules?: Cluster | null
  /**
   * Pods whose network namespace is another than {@link NodeViews.cni} has it, by its name: as another cluster has it, or not there
   * (null). Pods are attached and taken away one by one.
   */
  readonly attached?: ReadonlyMap<string, Cluster | null>
  /** Attached pods that Felix knows to be gone: it has taken the routes to them away, and their veths are still there. */
  readonly unrouted?: ReadonlySet<string>
  /** Felix had `tunl0` up once: it stays, without addresses, as long as routes lead there. @calico felix/dataplane/linux/ipip_mgr.go */
  readonly tunl0Stays?: boolean
}

/** The parts of Felix that move one after the other. */
export type FelixPart = 'felixSets' | 'felixDevices' | 'felixRoutes' | 'felixRules'

/** They in the order of one apply; devices, routes and rules may overtake each other. @calico felix/dataplane/linux/int_dataplane.go apply */
export const FELIX_PARTS: readonly FelixPart[] = ['felixSets', 'felixDevices', 'felixRoutes', 'felixRules']

/** The views of programs that all have seen the same. */
export function allSee(cluster: Cluster): NodeViews {
  return { machine: cluster, cni: cluster, felix: cluster, bird: cluster, proxy: cluster }
}

/** What a part of Felix has seen. */
export function felixView(views: NodeViews, part: FelixPart): Cluster | null {
  const own = views[part]
  return own === undefined ? views.felix : own
}

/** The one cluster that all programs have seen; undefined where they differ. */
export function onlyView(views: NodeViews): Cluster | undefined {
  const { machine, cni, felix, bird, proxy, attached } = views
  const isOne = [cni, felix, bird, proxy, ...FELIX_PARTS.map((part) => felixView(views, part))].every(
    (view) => view === machine,
  )
  return isOne && (attached === undefined || attached.size === 0) ? machine : undefined
}

/** Whether programs have seen the same by both. */
export function sameViews(a: NodeViews, b: NodeViews): boolean {
  if (a === b) return true
  const { machine, cni, bird, proxy, attached, tunl0Stays = false } = a
  if (machine !== b.machine || cni !== b.cni || bird !== b.bird || proxy !== b.proxy) return false
  if (tunl0Stays !== (b.tunl0Stays ?? false)) return false
  return (
    FELIX_PARTS.every((part) => felixView(a, part) === felixView(b, part)) &&
    sameAttached(attached, b.attached) &&
    sameNames(a.unrouted, b.unrouted)
  )
}

function sameNames(a: ReadonlySet<string> = NO_NAMES, b: ReadonlySet<string> = NO_NAMES): boolean {
  return a === b || (a.size === b.size && [...a].every((name) => b.has(name)))
}

const NO_NAMES: ReadonlySet<string> = new Set()

function sameAttached(a: NodeViews['attached'] = NOBODY, b: NodeViews['attached'] = NOBODY): boolean {
  return a === b || (a.size === b.size && [...a].every(([netns, cluster]) => b.get(netns) === cluster))
}

const NOBODY: ReadonlyMap<string, Cluster | null> = new Map()

/** The clusters whose shared tables a node may have. */
export function sharingViews(views: NodeViews): readonly (Cluster | null)[] {
  return [views.bird, felixView(views, 'felixDevices'), felixView(views, 'felixRoutes')]
}
