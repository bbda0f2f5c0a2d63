// Everything the control plane says of a cluster, as text: for comparison as a whole.

import { nodeStatus } from '../../src/control/bird/status.ts'
import {
  type BuildOptions,
  buildCluster,
  type Cluster,
  parseCalicoVersion,
  type Resources,
} from '../../src/control/index.ts'
import { loadResources } from '../../src/input/index.ts'
import { InputError } from '../../src/model/index.ts'

/** Records whose order says something: that in which tools print them. */
const ORDERED: ReadonlySet<string> = new Set(['namespaces', 'interfaces', 'tables', 'chains'])

/**
 * Values that JSON has no words for: maps and sets are lists, numbers without end are words; functions say nothing. An allocation
 * names its block. In which order an object's fields were written says nothing, either.
 */
function said(key: string, value: unknown): unknown {
  if (key === 'block') return (value as { readonly cidr: string }).cidr
  if (typeof value === 'bigint' || value === Number.POSITIVE_INFINITY) return String(value)
  if (typeof value === 'function') return undefined
  if (value instanceof Map || value instanceof Set) return [...(value as Iterable<unknown>)]
  if (
    ORDERED.has(key) ||
    typeof value !== 'object' ||
    value === null ||
    Object.getPrototypeOf(value) !== Object.prototype
  )
    return value
  const fields = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((name) => [name, fields[name]]),
  )
}

/** A value as text, a line a field. */
export const textOf = (value: unknown): string => `${JSON.stringify(value, said, 1)}\n`

/** What is read of the objects of a cluster: its settings, addresses, sessions, and findings. */
function readText(cluster: Cluster): string {
  const { resources, settings, nodes, ipam, workloadEndpoints, bgp, bgpFaults, findings } = cluster
  const { felixOf, ...common } = settings
  return textOf({
    findings: { faults: findings.faults, warnings: findings.warnings, notes: findings.notes },
    pools: resources.ippools,
    settings: { ...common, felix: nodes.map(({ name }) => felixOf(name)) },
    nodes: nodes.map(({ resource: _, ...node }) => node),
    ipam,
    endpoints: workloadEndpoints.map(({ pod, ...endpoint }) => ({ pod: pod.metadata, ...endpoint })),
    bgp: { ...bgp, faults: bgpFaults, status: nodes.map((node) => nodeStatus(bgp, node, bgpFaults)) },
  })
}

/** What is made of them: policies, endpoints of Services, and the network with all origins. */
function madeText(cluster: Cluster): string {
  const { network, resources, nodes, policies } = cluster
  return textOf({
    tiers: policies.tiers,
    policies: policies.policies,
    enforced: nodes.map(({ name }) => policies.of(name)),
    services: resources.services.map((one) => [one.metadata, cluster.serviceEndpoints(one), cluster.dnsAddresses(one)]),
    network,
  })
}

/** How a cluster is built, and what of it is told. */
interface TextOptions extends BuildOptions {
  /** Only what is read. */
  readonly withoutNetwork?: boolean
}

/** The cluster of some objects as text; or why they are refused. */
export function clusterTextOf(read: () => Resources, { withoutNetwork = false, ...options }: TextOptions = {}): string {
  try {
    const cluster = buildCluster(read(), options)
    return withoutNetwork ? readText(cluster) : readText(cluster) + madeText(cluster)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return textOf(error.issues)
  }
}

/** The cluster of objects as a user gives them, with what reading them brought to light. */
export function builtText(
  name: string,
  objects: readonly object[],
  { release, ...options }: Omit<TextOptions, 'calicoVersion'> & { readonly release?: string } = {},
): string {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const calicoVersion = release === undefined ? undefined : parseCalicoVersion(release)
  const said: unknown[] = []
  const read = (): Resources => {
    const { resources, warnings, unread } = loadResources([{ name, text }])
    said.push(warnings, unread)
    return resources
  }
  const built = clusterTextOf(read, calicoVersion === undefined ? options : { ...options, calicoVersion })
  return `${textOf(said)}${built}`
}
