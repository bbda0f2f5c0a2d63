import type { BgpSessions } from '../bird/sessions.ts'
import { type BuildOptions, builtCluster, type Cluster } from '../cluster.ts'
import type { Inheritance } from '../ipam/carry-over.ts'
import type { PodListEdit } from '../listed-pods.ts'
import { listOfKind } from '../objects-by-kind.ts'
import { withPods } from '../pod-edit/with-pods.ts'
import { makingOf, POLICY_LISTS, type PolicyResources, withPolicies } from '../policy-edit.ts'
import { namespacedName, type OtherResource } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { SERVICE_LISTS } from '../service-edit/service-changes.ts'
import { withServices } from '../service-edit/with-services.ts'
import { withConsequences } from './consequences.ts'
import { type ClusterEdit, type EditedObjects, editedObjects } from './edit.ts'
import { withSameMachines } from './same-machines.ts'
import { storedObjects } from './stored-objects.ts'
import { checkTransitions } from './transitions.ts'

/** How an edit is followed. */
export interface EditOptions {
  /** BGP sessions that are not up from now on; absent = those of before. */
  readonly bgpSessions?: BgpSessions
  /**
   * Controllers have done at once what follows from the edit: pods of a node that is gone are deleted, and what IPAM had given them and
   * the node is given back; what belongs to a deleted object goes with it. Absent = only what the objects of the edit say.
   */
  readonly isSettled?: boolean
  /** The list of pods with the edit, of that of the cluster; absent = it is made here. Long lists cost more than all else of an edit. */
  readonly pods?: PodListEdit
  /** kube-controllers does not run: what IPAM had given a node that is gone, and its pods, stays taken. */
  readonly keepsGarbage?: boolean
  /**
   * Pods that go while nobody runs CNI DEL for them, `namespace/name`: what IPAM had given them stays taken, in the name of a pod that is
   * gone. Of host-local nothing does.
   */
  readonly leaks?: ReadonlySet<string>
  /** kube-controller-manager does not run: EndpointSlices stay as they are, whatever becomes of pods. */
  readonly keepsEndpoints?: boolean
}

/** Objects of IPAM's datastore: an edit of them is one of IPAM itself. */
const IPAM_LISTS: readonly (keyof Resources)[] = ['ipamBlocks', 'blockAffinities', 'ipamHandles']

/**
 * The cluster that these objects make, with what IPAM gave: pods that stay keep their addresses, nodes their blocks and tunnel
 * addresses; what is given back comes behind all that was free, and new pods get the next address, as in a cluster that runs.
 *
 * @param cluster - as `buildCluster`, `withPolicies` or this function gave it
 * @throws InputError for a removal of what is not there, and for a change that the API server refuses, such as of a pool's range
 */
export function editCluster(cluster: Cluster, edit: ClusterEdit, options: EditOptions = {}): Cluster {
  const { bgpSessions, isSettled, keepsEndpoints } = options
  const isAlike = bgpSessions === undefined
  const quick = isAlike ? (withPods(cluster, edit, options) ?? withSameMachines(cluster, edit)) : undefined
  if (quick !== undefined) return quick
  const all = isSettled === true ? withConsequences(cluster.resources, edit, keepsEndpoints) : edit
  const ofServices = isAlike ? withServicesAndPods(cluster, all, options) : undefined
  if (ofServices !== undefined) return ofServices
  const [ofIpam, others] = apart(all, IPAM_LISTS)
  const edited = withObjects(cluster, others, options)
  if (ofIpam === undefined) return edited
  const { resources } = editedObjects(storedObjects(edited), ofIpam)
  return builtCluster(resources, optionsOf(edited, options), { inheritance: undefined })
}

/** The cluster after an edit of Services, of their endpoints, and of pods, each at the cost of what it changes; undefined for any other edit. */
function withServicesAndPods(cluster: Cluster, edit: ClusterEdit, options: EditOptions): Cluster | undefined {
  const [ofServices, others] = apart(edit, SERVICE_LISTS)
  if (ofServices === undefined) return undefined
  const edited = withServices(cluster, ofServices)
  return edited === undefined || isNothing(others) ? edited : withPods(edited, others, options)
}

/** The cluster with other BGP sessions down: what nodes learn over them is another, and all else the same. */
export function withSessions(cluster: Cluster, bgpSessions: BgpSessions): Cluster {
  return editCluster(cluster, {}, { bgpSessions })
}

/** The part of an edit that is about objects of some lists, if any, and the rest. */
function apart(
  { upserts = {}, removals = [] }: ClusterEdit,
  wanted: readonly (keyof Resources)[],
): readonly [ClusterEdit | undefined, ClusterEdit] {
  const lists = Object.entries(upserts) as [keyof Resources, readonly OtherResource[]][]
  const isWanted = (list: keyof Resources): boolean => wanted.includes(list)
  const of = (is: boolean): ClusterEdit => ({
    upserts: Object.fromEntries(lists.filter(([list]) => isWanted(list) === is)),
    removals: removals.filter((one) => isWanted(listOfKind(one.kind)) === is),
  })
  const those = of(true)
  return [isNothing(those) ? undefined : those, of(false)]
}

function isNothing({ upserts = {}, removals = [] }: ClusterEdit): boolean {
  return removals.length === 0 && Object.values(upserts).every((list) => list.length === 0)
}

function optionsOf(cluster: Cluster, { bgpSessions }: EditOptions): BuildOptions {
  const { options } = makingOf(cluster)
  return bgpSessions === undefined ? options : { ...options, bgpSessions }
}

function withObjects(cluster: Cluster, edit: ClusterEdit, options: EditOptions): Cluster {
  const edited = editedObjects(cluster.resources, edit)
  checkTransitions(cluster.resources, edited)
  const { bgpSessions } = options
  if (bgpSessions === undefined && isOfPolicies(edited)) return withPolicies(cluster, edited.resources)
  const inheritance: Inheritance = {
    ipam: makingOf(cluster).ipam(),
    isDeleted: (pod) => edited.removed.has(pod),
    isLeaked: (pod) => options.leaks?.has(namespacedName(pod.metadata)) === true,
    deletedPools: new Set(
      [...edited.removed].flatMap(({ kind, metadata }) => (kind === 'IPPool' ? metadata.name : [])),
    ),
    garbage:
      options.isSettled === true && options.keepsGarbage !== true && edited.lists.has('nodes')
        ? 'of-gone-nodes'
        : 'none',
  }
  return builtCluster(edited.resources, optionsOf(cluster, options), { inheritance })
}

function isOfPolicies({ lists }: EditedObjects): boolean {
  return [...lists].every((list) => POLICY_LISTS.includes(list as keyof PolicyResources))
}
