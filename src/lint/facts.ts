import {
  type Cluster,
  InheritedLabels,
  isAlive,
  type OtherResource,
  objectName,
  type PodResource,
  type PolicySpec,
  type Pool,
  type Resources,
  readPolicy,
  type UnderlayResource,
} from '../control/index.ts'
import type { LoadedResources } from '../input/index.ts'
import { keptIn, type Network, once, pushTo } from '../model/index.ts'
import { type PodClass, podClasses, scopeOf } from './pod-classes.ts'

/** What checks look at: each fact is worked out when one first asks. */
export interface LintFacts {
  /** What was loaded. */
  readonly loaded: LoadedResources
  /** The cluster of it. */
  readonly cluster: Cluster
  /** Its objects, with the pools that an Installation or calico-node makes. */
  readonly resources: Resources
  /** The network of real machines, where there are dumps of them. */
  readonly machines: Network | undefined
  /** Pools that are enabled and give pods addresses. */
  readonly pools: readonly Pool[]
  /** What was assumed of a pool that no object gives; undefined: one gives it. */
  readonly assumedOf: (pool: { readonly resource: OtherResource }) => string | undefined
  /** Policies that are enforced, as Calico reads them. */
  readonly policies: () => readonly PolicySpec[]
  /** Labels that pods inherit. */
  readonly labels: () => InheritedLabels
  /** Pods with a network of their own, in classes that no selector tells apart. */
  readonly classes: () => readonly PodClass[]
  /** Those of a namespace; undefined: all. */
  readonly classesIn: (namespace: string | undefined) => readonly PodClass[]
  /** The policies that select pods of a class. */
  readonly selecting: (one: PodClass) => readonly PolicySpec[]
  /** Pods on the network of their node. */
  readonly hostPods: () => readonly PodResource[]
  /** The description of the underlay. */
  readonly underlay: UnderlayResource | undefined
  /** An object by its name. */
  readonly objectOf: (name: string) => OtherResource | undefined
}

/** What a pool is when no object gives it. */
const MADE_POOL = 'the pool that calico-node makes where no object gives one'

/** Facts about a cluster and what it was loaded from. */
export function lintFacts(loaded: LoadedResources, cluster: Cluster, machines?: Network): LintFacts {
  const { resources } = cluster
  const given = new Set<OtherResource>(loaded.resources.ippools)
  const installed = loaded.resources.installations.length > 0
  const labels = once(() => new InheritedLabels(resources))
  const policies = once(() => resources.policies.flatMap((one) => enforced(readPolicy(one).spec)))
  const classes = once(() => podClasses(cluster.workloadEndpoints, policies(), labels()))
  const byNamespace = once(() => {
    const found = new Map<string, PodClass[]>()
    for (const one of classes()) pushTo(found, one.sample.namespace, one)
    return found
  })
  return {
    loaded,
    cluster,
    resources,
    machines,
    pools: cluster.ipam.pools.filter(({ disabled, uses }) => !disabled && uses.includes('Workload')),
    assumedOf: ({ resource }) => (given.has(resource) || installed ? undefined : MADE_POOL),
    policies,
    labels,
    classes,
    classesIn: (namespace) => (namespace === undefined ? classes() : (byNamespace().get(namespace) ?? [])),
    selecting: selections(policies),
    hostPods: once(() => resources.pods.filter((pod) => pod.spec.hostNetwork === true && isAlive(pod))),
    underlay: resources.underlays[0],
    objectOf: objectFinder(resources),
  }
}

function enforced(spec: PolicySpec | undefined): PolicySpec[] {
  return spec === undefined || spec.staged ? [] : [spec]
}

/** Which policies select a class: those of its namespace are asked, and those of the whole cluster. */
function selections(policies: () => readonly PolicySpec[]): LintFacts['selecting'] {
  const byNamespace = once(() => {
    const found = new Map<string | undefined, PolicySpec[]>()
    for (const policy of policies()) pushTo(found, policy.namespace, policy)
    return found
  })
  const known = new Map<PodClass, readonly PolicySpec[]>()
  return (one) =>
    keptIn(known, one, () => {
      const own = byNamespace().get(one.sample.namespace) ?? []
      return [...own, ...(byNamespace().get(undefined) ?? [])].filter((policy) => one.isTaken(scopeOf(policy)))
    })
}

function objectFinder(resources: Resources): LintFacts['objectOf'] {
  const byName = once(() => {
    const found = new Map<string, OtherResource>()
    for (const list of Object.values(resources) as (readonly OtherResource[])[])
      for (const one of list) found.set(objectName(one), one)
    return found
  })
  // Objects are told without the namespace that they do not name.
  return (name) => byName().get(name) ?? byName().get(name.replace('/', '/default/'))
}
