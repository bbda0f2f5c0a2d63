import { parseIp } from '../../wire/index.ts'
import type { ClusterEdit } from '../cluster-edit/edit.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { statedAddresses } from '../ipam/pod-address.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { ListedPods } from '../listed-pods.ts'
import { shadowsNamespace } from '../policy/pod-index.ts'
import { hostPortsOf } from '../portmap/host-ports.ts'
import { namespacedName } from '../resource.ts'
import { awaitsNetwork, isAlive } from '../services/readiness.ts'
import type { PodMaking } from './pod-making.ts'
import type { PodChanges } from './roster-edit.ts'

/** So many pods in one edit are worth a look at everything. */
const MANY = 64

/** What an edit changes of the list of pods, and of those with a network of their own. */
export interface ListChanges extends PodChanges {
  readonly pods: ListedPods
  readonly unwired: ReadonlyMap<string, PodResource>
  /** Pods as they were that are gone or are others, and as they are. */
  readonly before: readonly PodResource[]
  readonly after: readonly PodResource[]
  /** Those of them with a network of their own: `namespace/name`. */
  readonly left: readonly string[]
  readonly joined: readonly string[]
}

/** What decides of a pod more than its labels: addresses, rates, ports of the node. */
const CALICO = ['cni.projectcalico.org/', 'qos.projectcalico.org/']
const PLAIN = ['containerID', 'podIP', 'podIPs'].map((name) => `cni.projectcalico.org/${name}`)

function isPlain(pod: PodResource): boolean {
  const { annotations } = pod.metadata
  for (const name in annotations) {
    const isCalico = CALICO.some((prefix) => name.startsWith(prefix)) && !PLAIN.includes(name)
    if (isCalico || name.endsWith('gress-bandwidth')) return false
  }
  return pod.spec.hostNetwork !== true && hostPortsOf(pod).length === 0 && !shadowsNamespace({ pod })
}

/** Whether a pod has a network of its own, if its node is there. */
function isWired(pod: PodResource): boolean {
  return isAlive(pod) && pod.spec.nodeName !== '' && !awaitsNetwork(pod)
}

/** The pods of an edit, where it is of nothing else. */
export function podsOf({
  upserts = {},
  removals = [],
}: ClusterEdit): { readonly put: readonly PodResource[]; readonly gone: readonly string[] } | undefined {
  for (const [list, objects] of Object.entries(upserts)) {
    if (list !== 'pods' && objects.length > 0) return undefined
  }
  const put = upserts.pods ?? []
  if (put.length + removals.length > MANY || put.length + removals.length === 0) return undefined
  const gone: string[] = []
  for (const one of removals) {
    if (one.kind !== 'Pod' || (one.apiVersion ?? 'v1') !== 'v1') return undefined
    gone.push(namespacedName('metadata' in one ? one.metadata : one))
  }
  return { put, gone }
}

/** The list of pods as an edit changes it one by one, and what is noted of it. */
class Changing {
  private readonly now: ListedPods
  /** What is in the place of objects of the list; null = nothing. */
  private readonly instead = new Map<PodResource, PodResource | null>()
  /** New ones. */
  private tail: readonly PodResource[] = []
  readonly gone: string[] = []
  readonly told: PodResource[] = []
  readonly added: { readonly pod: PodResource; readonly node: ClusterNode }[] = []
  readonly before: PodResource[] = []
  readonly after: PodResource[] = []
  readonly left: string[] = []
  readonly joined: string[] = []
  unwired: ReadonlyMap<string, PodResource>
  private readonly making: PodMaking
  private readonly nodeOf: (name: string) => ClusterNode | undefined

  constructor(pods: ListedPods, making: PodMaking, nodeOf: (name: string) => ClusterNode | undefined) {
    this.now = pods
    this.unwired = making.unwired
    this.making = making
    this.nodeOf = nodeOf
  }

  private wiredBefore(netns: string): PodResource | undefined {
    const { roster } = this.making
    const place = this.gone.includes(netns) ? -1 : roster.placeOf(netns)
    return place < 0 ? undefined : roster.pod(place)
  }

  private keepUnwired(netns: string, pod: PodResource | undefined): void {
    const unwired = new Map(this.unwired)
    if (pod === undefined) unwired.delete(netns)
    else unwired.set(netns, pod)
    this.unwired = unwired
  }

  remove(netns: string): boolean {
    const wired = this.wiredBefore(netns)
    const pod = wired ?? this.unwired.get(netns)
    if (pod === undefined || !this.isFit(pod)) return false
    if (wired === undefined) this.keepUnwired(netns, undefined)
    else this.leave(netns)
    this.before.push(pod)
    return this.exchange(pod, null)
  }

  /** The list as it is then: the one that somebody has, where it is that; undefined where it cannot be made. */
  listed(given: readonly PodResource[] | undefined): ListedPods | undefined {
    const { now, instead, tail } = this
    const after = now.edited({ instead, added: tail })
    return after !== undefined && given !== undefined && after.isSame(given) ? ListedPods.ofArray(given) : after
  }

  private exchange(was: PodResource, pod: PodResource | null): boolean {
    if (this.instead.has(was)) return false
    this.instead.set(was, pod)
    return true
  }

  /** Whether a pod would come behind all of the list that have a network of their own. */
  private isLast(was: PodResource | undefined): boolean {
    const { now, unwired } = this
    if (was === undefined) return true
    const isUnwired = (pod: PodResource): boolean => unwired.has(namespacedName(pod.metadata))
    for (const pod of now.backwards()) {
      if (pod === was) break
      if (!isUnwired(pod)) return false
    }
    return this.tail.every(isUnwired)
  }

  private leave(netns: string): void {
    this.gone.push(netns)
    this.left.push(netns)
  }

  put(pod: PodResource): boolean {
    const netns = namespacedName(pod.metadata)
    const wired = this.wiredBefore(netns)
    const was = wired ?? this.unwired.get(netns)
    if (was === pod) return true
    if (!this.isFit(pod)) return false
    if (was === undefined) return this.add(netns, pod)
    if (!this.isFit(was) || was.metadata.creationTimestamp !== pod.metadata.creationTimestamp) return false
    if (!this.exchange(was, pod)) return false
    this.before.push(was)
    this.after.push(pod)
    if (wired === undefined) return this.wire(netns, pod, was)
    if (isWired(pod)) return this.retell(netns, wired, pod)
    this.leave(netns)
    this.keepUnwired(netns, pod)
    return true
  }

  private isFit(pod: PodResource): boolean {
    return isPlain(pod) && !this.making.base.isTold(namespacedName(pod.metadata))
  }

  private add(netns: string, pod: PodResource): boolean {
    this.tail = [...this.tail, pod]
    this.after.push(pod)
    return this.wire(netns, pod, undefined)
  }

  /** A pod gets its network, if it is to have one. Of those that say nothing of their time it must be the last. */
  private wire(netns: string, pod: PodResource, was: PodResource | undefined): boolean {
    const { nodeName } = pod.spec
    const node = nodeName === undefined ? undefined : this.nodeOf(nodeName)
    if (nodeName !== undefined && nodeName !== '' && node === undefined) return false
    if (!isWired(pod)) {
      this.keepUnwired(netns, pod)
      return true
    }
    const { base } = this.making
    const isAsked = statedAddresses(pod) === undefined && !base.hasWishes(pod.metadata.namespace ?? 'default')
    if (pod.metadata.creationTimestamp === undefined && !this.isLast(was)) return false
    if (!isAsked || node === undefined) return false
    if (this.unwired.has(netns)) this.keepUnwired(netns, undefined)
    this.added.push({ pod, node })
    this.joined.push(netns)
    return true
  }

  private retell(netns: string, was: PodResource, pod: PodResource): boolean {
    const { uid } = pod.metadata
    if (was.spec.nodeName !== pod.spec.nodeName || this.added.some((one) => one.pod === was)) return false
    if (uid !== undefined && was.metadata.uid !== undefined && uid !== was.metadata.uid) return false
    const stated = statedAddresses(pod)?.texts
    const own = this.making.roster.addresses(netns)
    if (stated !== undefined && (stated.length !== own.length || stated.some((ip, i) => parseIp(ip) !== own[i])))
      return false
    this.told.push(pod)
    this.left.push(netns)
    this.joined.push(netns)
    return true
  }
}

/**
 * What an edit of pods changes; undefined where it takes a look at everything to know.
 * @param edited - the list of pods with the edit, where somebody has made it
 */
export function listChanges(
  now: ListedPods,
  making: PodMaking,
  edit: ClusterEdit,
  nodeOf: (name: string) => ClusterNode | undefined,
  edited: readonly PodResource[] | undefined,
): ListChanges | undefined {
  const pods = podsOf(edit)
  if (pods === undefined) return undefined
  const changing = new Changing(now, making, nodeOf)
  const isDone = pods.gone.every((netns) => changing.remove(netns)) && pods.put.every((pod) => changing.put(pod))
  const isTwice = new Set([...changing.told, ...changing.added.map(({ pod }) => pod)].map(nameOf)).size
  if (!isDone || isTwice !== changing.told.length + changing.added.length) return undefined
  const { unwired, before, after, left, joined, gone, told, added } = changing
  const list = changing.listed(edited)
  return list && { pods: list, unwired, before, after, left, joined, gone, told, added }
}

function nameOf({ metadata }: PodResource): string {
  return namespacedName(metadata)
}
