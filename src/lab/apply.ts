import {
  type Cluster,
  hostPoliciesDiffer,
  type ObjectReference,
  type OtherResource,
  objectName,
  type PolicyResources,
  resynced,
  withPolicies,
} from '../control/index.ts'
import { changesBetween, changesOver, type Namespace, Network, withReplaced } from '../model/index.ts'
import { invalid } from './asked.ts'
import { probeBgp } from './bgp-probe.ts'
import { buildWithSessions } from './build.ts'
import { type ObjectsInput, readObjects, withApplied, withDeleted } from './objects.ts'
import { type Built, type Remarks, type Standing, standingOf } from './standing.ts'

/** What was passed over, after some objects were replaced or taken away: what was said of these goes with them. */
function remarksAfter(before: Remarks, gone: readonly string[], fresh: Remarks): Remarks {
  const left = before.warnings.filter(({ object = '' }) => !gone.includes(object))
  const isNew = (one: Remarks['unread'][number]): boolean => !before.unread.some(({ kind }) => kind === one.kind)
  return { warnings: [...left, ...fresh.warnings], unread: [...before.unread, ...fresh.unread.filter(isNew)] }
}

/** A lab whose objects were edited. */
export interface Edited {
  readonly standing: Standing
  readonly network: Network
}

/** A lab after objects were applied to it. @throws InputError for objects it does not take */
export function withObjects(standing: Standing, running: Network, objects: ObjectsInput): Edited {
  const built = builtOf(standing)
  const loaded = readObjects(objects)
  const gone = Object.values(loaded.resources).flatMap((list: readonly OtherResource[]) => list.map(objectName))
  const lists = withApplied(built.resources, loaded.resources)
  return withLists(built, running, lists, remarksAfter(built.remarks, gone, loaded))
}

/** A lab after objects were taken away. @throws InputError for objects that are not there */
export function withoutObjects(standing: Standing, running: Network, objects: readonly ObjectReference[]): Edited {
  const built = builtOf(standing)
  const gone = objects.map(({ kind, ...metadata }) => objectName({ kind, metadata }))
  const remarks = remarksAfter(built.remarks, gone, { warnings: [], unread: [] })
  return withLists(built, running, withDeleted(built.resources, objects), remarks)
}

function builtOf({ built, cluster }: Standing): Built {
  if (built !== undefined) return built
  const received = cluster === null ? 'one without objects' : 'one of dumps'
  throw invalid('a lab of objects alone: what dumps hold is not calculated', received)
}

/**
 * The lab with other policies: the cluster is as if it had been built of the edited objects, and what was changed on its machines by
 * hand is changed still. Where the way between nodes may be another, BGP sessions are tried again.
 * @throws InputError with what Calico refuses of the policies
 */
function withLists(before: Built, running: Network, lists: Partial<PolicyResources>, remarks: Remarks): Edited {
  const resources = { ...before.resources, ...lists }
  const cluster = withPolicies(before.cluster, lists)
  cluster.findings.assertNoFaults()
  const { probe } = before
  const tried = hostPoliciesDiffer(cluster, before.cluster) ? probeBgp(cluster) : probe
  const isSame = JSON.stringify(tried.faults) === JSON.stringify(probe.faults)
  const now = isSame ? { cluster, probe } : buildWithSessions(resources, before.options)
  return {
    standing: standingOf({ ...before, ...now, resources, remarks }),
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
