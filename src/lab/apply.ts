import {
  type Cluster,
  hostPoliciesDiffer,
  type PolicyResources,
  type Resources,
  resynced,
  withPolicies,
} from '../control/index.ts'
import { PodIndex } from '../diagnose/index.ts'
import type { LoadedResources } from '../input/index.ts'
import { changesBetween, changesOver, type Namespace, Network, type Note, once, withReplaced } from '../model/index.ts'
import { type BgpProbe, probeBgp } from './bgp-probe.ts'
import { type BuildOptions, buildWithSessions } from './build.ts'
import { remarksOnInput, type Said, saidOf } from './said.ts'

/** What the objects of a lab make of it: another takes its place when they are edited. */
export interface Standing {
  /** The cluster; null for a network made by hand or from dumps alone. */
  readonly cluster: Cluster | null
  /** Its pods. */
  readonly podIndex: PodIndex
  /** What there is to say of it. */
  readonly said: Said
  /** How it was built; absent where its objects cannot be edited. */
  readonly built?: Built
}

/** How a cluster was built. */
export interface Built {
  readonly cluster: Cluster
  /** The objects as given. */
  readonly resources: Resources
  readonly options: BuildOptions
  readonly probe: BgpProbe
  /** What was passed over while reading. */
  readonly remarks: Remarks
}

/** What was passed over while reading objects. */
export type Remarks = Pick<LoadedResources, 'warnings' | 'unread'>

/** What a network is that no objects made. */
export function bare(said: Said, cluster: Cluster | null = null): Standing {
  return { cluster, podIndex: new PodIndex(cluster?.workloadEndpoints), said }
}

/** What a cluster is that was just built. */
export function standingOf(built: Built, podIndex: PodIndex = new PodIndex(built.cluster.workloadEndpoints)): Standing {
  const { cluster, probe, remarks } = built
  const notes = once(() => saidOf(cluster, probe))
  const lines = once(() => [...remarksOnInput(remarks), ...notes().lines])
  const said = {
    get lines(): readonly string[] {
      return lines()
    },
    get notes(): readonly Note[] {
      return notes().notes
    },
  }
  return { cluster, podIndex, said, built }
}

/** What was passed over, after some objects were replaced or taken away: what was said of these goes with them. */
export function remarksAfter(before: Remarks, gone: readonly string[], fresh: Remarks): Remarks {
  const left = before.warnings.filter(({ object = '' }) => !gone.includes(object))
  const isNew = (one: Remarks['unread'][number]): boolean => !before.unread.some(({ kind }) => kind === one.kind)
  return { warnings: [...left, ...fresh.warnings], unread: [...before.unread, ...fresh.unread.filter(isNew)] }
}

/** A lab whose objects were edited. */
interface Edited {
  readonly standing: Standing
  readonly network: Network
}

/**
 * The lab with other policies: the cluster is as if it had been built of the edited objects, and what was changed on its machines by
 * hand is changed still. Where the way between nodes may be another, BGP sessions are tried again.
 *
 * @param running - the network as it is now
 * @throws InputError with what Calico refuses of the policies
 */
export function withEdited(
  before: Built,
  podIndex: PodIndex,
  running: Network,
  lists: Partial<PolicyResources>,
  remarks: Remarks,
): Edited {
  const resources = { ...before.resources, ...lists }
  const cluster = withPolicies(before.cluster, lists)
  cluster.findings.assertNoFaults()
  const { probe } = before
  const tried = hostPoliciesDiffer(cluster, before.cluster) ? probeBgp(cluster) : probe
  const isSame = JSON.stringify(tried.faults) === JSON.stringify(probe.faults)
  const now = isSame ? { cluster, probe } : buildWithSessions(resources, before.options)
  return {
    standing: standingOf({ ...before, ...now, resources, remarks }, isSame ? podIndex : undefined),
    network: rebased(before.cluster, now.cluster, running),
  }
}

/** A network that was edited since its cluster was built, on what another cluster is built like. */
function rebased(before: Cluster, after: Cluster, running: Network): Network {
  const [from, onto] = [before.network, after.network]
  const isAnother = changesBetween(from.namespaces, onto.namespaces) === undefined
  const changes = new Map<string, Namespace | undefined>()
  for (const [name, edited] of changesOver(from.namespaces, running.namespaces)) {
    const mine =
      edited === undefined || !isAnother ? edited : joined(edited, from.namespaces[name], onto.namespaces[name])
    changes.set(name, mine === undefined ? undefined : resynced(mine, before, after))
  }
  return new Network({
    namespaces: withReplaced(onto.namespaces, changes),
    wires: running.wires === from.wires ? onto.wires : running.wires,
    shared: running.shared === from.shared ? onto.shared : running.shared,
  })
}

/** What nobody edited of a namespace is as it is built now. */
function joined(edited: Namespace, was: Namespace | undefined, fresh: Namespace | undefined): Namespace {
  if (was === undefined || fresh === undefined) return edited
  const keys = Object.keys(fresh) as (keyof Namespace)[]
  return {
    ...edited,
    ...Object.fromEntries(keys.flatMap((key) => (edited[key] === was[key] ? [[key, fresh[key]]] : []))),
  }
}
