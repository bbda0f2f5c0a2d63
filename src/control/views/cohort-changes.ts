import { changesBetween, type NamespaceChanges } from '../../model/index.ts'
import type { Cluster } from '../cluster.ts'
import { FELIX_PARTS, felixView, type NodeViews, sharingViews } from './node-views.ts'

/** What each writer has seen, in one order. */
function writersOf(views: NodeViews): readonly (Cluster | null)[] {
  const { machine, cni, bird, proxy } = views
  return [machine, cni, bird, proxy, ...FELIX_PARTS.map((part) => felixView(views, part))]
}

/** Tables that nodes share are told by names that depend on all of them: where one is another, each node may be. */
function haveSameTables(a: NodeViews, b: NodeViews): boolean {
  const [first, ...others] = [a, b].flatMap((views) => [views.machine, ...sharingViews(views)])
  return others.every((cluster) => cluster?.network.shared === first?.network.shared)
}

/** Nodes whose routes may lead into a `tunl0` that their devices do not have any more; undefined where only a comparison can tell. */
function mayKeepTunl0(views: NodeViews): readonly string[] | undefined {
  const devices = felixView(views, 'felixDevices')
  const names: string[] = []
  for (const routes of new Set([views.bird, felixView(views, 'felixRoutes')])) {
    if (routes === devices || routes === null) continue
    const changes = devices === null ? undefined : changesBetween(devices.network.namespaces, routes.network.namespaces)
    if (changes === undefined) return undefined
    names.push(...changes.names)
  }
  return names
}

/**
 * In what the namespaces of nodes differ that all have these views, or those: a node may be otherwise where it is in one of the clusters
 * that a writer has seen last. Undefined where only a comparison can tell.
 */
export function changesOfViews(before: NodeViews, after: NodeViews): NamespaceChanges | undefined {
  if (!haveSameTables(before, after)) return undefined
  const tunnels =
    before.tunl0Stays === after.tunl0Stays ? [] : mayKeepTunl0(before.tunl0Stays === true ? before : after)
  if (tunnels === undefined) return undefined
  const names = new Set<string>(tunnels)
  const firewalls = new Set<string>()
  const old = writersOf(before)
  for (const [i, cluster] of writersOf(after).entries()) {
    const was = old[i]!
    if (was === cluster) continue
    const changes = was && cluster && changesBetween(was.network.namespaces, cluster.network.namespaces)
    if (changes === null || changes === undefined) return undefined
    for (const name of changes.names) names.add(name)
    for (const name of changes.firewalls) firewalls.add(name)
  }
  return { names: [...names], firewalls }
}
