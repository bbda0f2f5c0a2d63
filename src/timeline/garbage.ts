import {
  blocksOf,
  type Cluster,
  type Collected,
  durationOf,
  endpointsIn,
  garbageOf,
  type PodResource,
  type Resources,
} from '../control/index.ts'
import { MILLISECOND } from '../dataplane/index.ts'
import { contains, type Ip, type Prefix, prefixOf } from '../wire/index.ts'
import { drawnDelay, drawnPhase } from './delays.ts'
import { type Moment, stored, storedAtOnce } from './following.ts'
import type { Leak } from './leaks.ts'
import type { LogEntry } from './log-entry.ts'
import type { Revision } from './revision.ts'
import { type RunningState, stateOfAway } from './running-state.ts'
import { type EditedObject, NO_EDIT } from './stored-objects.ts'
import type { Stored, Storing } from './storing.ts'

/** What of IPAM kube-controllers is to give back. */
export interface Garbage {
  /** The event after which it has what nodes had that are gone; undefined = it has given that back. */
  readonly gone: number | undefined
  /** Empty blocks of nodes that have others: since when, in nanoseconds, and after which event. */
  readonly idle: ReadonlyMap<Prefix, { readonly since: number; readonly event: number }>
}

/** Nothing is. */
export const NO_GARBAGE: Garbage = { gone: undefined, idle: new Map() }

const PROGRAM = 'calico-kube-controllers'

/** Whether somebody gives back what nobody uses. */
export function collects(state: RunningState): boolean {
  return stateOfAway(state, PROGRAM) === 'running'
}

/** In nanoseconds; 0 = it gives nothing back that may leak. @calico kube-controllers/pkg/config leakGracePeriod */
function graceOf({ kubeControllersConfigurations }: Resources): number {
  const { spec } = kubeControllersConfigurations.find(({ metadata }) => metadata.name === 'default') ?? {}
  return (durationOf(spec?.controllers?.node?.leakGracePeriod) ?? 15 * 60_000) * MILLISECOND
}

/** What is to be given back after an edit: looked for where a pod was the last one of its block, and its node has others. */
export function garbageAfter(
  before: RunningState,
  state: RunningState,
  objects: readonly EditedObject[],
  { isInstant, moment, event }: Pick<Storing, 'isInstant' | 'moment' | 'event'>,
): Garbage {
  const { garbage } = state
  const deleted = objects.filter(({ op }) => op === 'delete')
  const isNodeGone = deleted.some(({ object }) => object.kind === 'Node')
  const gone = garbage.gone ?? (isNodeGone && !collects(before) ? event : undefined)
  // Where nothing takes time no time of grace passes.
  const emptied = new Set(
    (isInstant ? [] : deleted).flatMap(({ object }) =>
      object.kind === 'Pod' ? blocksLeft(object as PodResource, before.newest.cluster, state.newest.cluster) : [],
    ),
  )
  if (emptied.size === 0) return gone === garbage.gone ? garbage : { ...garbage, gone }
  const idle = new Map(garbage.idle)
  for (const cidr of garbageOf(state.newest.cluster, true).blocks) {
    if (emptied.has(cidr) && !idle.has(cidr)) idle.set(cidr, { since: moment.now, event })
  }
  return { gone, idle }
}

/** Blocks in which a pod was the last of its node, where that has others. */
function blocksLeft({ metadata }: PodResource, was: Cluster, fresh: Cluster): Prefix[] {
  const { namespace = 'default', name } = metadata
  const pod = endpointsIn(was.workloadEndpoints).at(`${namespace}/${name}`)
  if (pod === undefined || blocksOf(fresh, pod.node) < 2) return []
  const left = endpointsIn(fresh.workloadEndpoints).ofNode(pod.node)
  return pod.addresses.flatMap((address) => {
    const pool = was.ipam.pools.find(({ cidr }) => contains(cidr, address))
    if (pool === undefined) return []
    const block = prefixOf(address, pool.blockSize)
    return left.some(({ addresses }) => addresses.some((one) => contains(block, one))) ? [] : [block]
  })
}

/** When kube-controllers gives something back next, in nanoseconds, and after which event; undefined = it has nothing to. */
export function nextCollection(
  state: RunningState,
  { seed, now }: Moment,
  isInstant: boolean,
): { readonly at: number; readonly event: number } | undefined {
  const { garbage, newest, leaks } = state
  if (!collects(state)) return undefined
  if (garbage.gone !== undefined) {
    const { gone: event } = garbage
    return { at: now + drawnDelay('watch event', { seed, event, node: PROGRAM }), event }
  }
  const grace = graceOf(newest.resources)
  // Where nothing takes time no time of grace passes.
  const waiting = isInstant
    ? []
    : [...garbage.idle.values(), ...leaks.filter((one) => one.addresses.length > 0 && one.isLookedAt !== true)]
  const [first] = waiting.sort((a, b) => a.since - b.since)
  if (first === undefined || grace <= 0) return undefined
  // It looks through all of IPAM twice in the time of grace.
  const period = grace / 2
  const phase = drawnPhase('ipam scan', period, { seed, node: PROGRAM })
  const over = Math.max(now, first.since + grace)
  return { at: phase + Math.ceil((over - phase) / period) * period, event: first.event }
}

/** What kube-controllers gives back now. */
function dueNow({ garbage, newest, leaks }: RunningState, now: number): Collected {
  const { cluster, resources } = newest
  const grace = graceOf(resources)
  const gone = garbage.gone === undefined ? { addresses: [], blocks: [] } : garbageOf(cluster, false)
  const isOver = (cidr: Prefix): boolean => (garbage.idle.get(cidr)?.since ?? Number.POSITIVE_INFINITY) + grace <= now
  const leaked = new Set(leaks.filter(({ since }) => since + grace <= now).flatMap(({ addresses }) => addresses))
  const isAny = leaked.size > 0 || [...garbage.idle.keys()].some(isOver)
  const due = isAny ? garbageOf(cluster, true) : { addresses: [], blocks: [] }
  const addresses = due.addresses.filter((address) => leaked.has(address))
  return {
    addresses: [...new Set([...gone.addresses, ...addresses])],
    blocks: [...new Set([...gone.blocks, ...due.blocks.filter(isOver)])],
  }
}

/** Something given back to IPAM, and what the log says of it. */
export interface GivenBack {
  readonly stored: Stored
  readonly entries: readonly LogEntry[]
}

/** kube-controllers gives back what it has to by now. */
export function collectedNow(before: RunningState, storing: Storing): GivenBack {
  const { now } = storing.moment
  const { newest, garbage } = before
  const grace = graceOf(newest.resources)
  const idle = new Map([...garbage.idle].filter(([, { since }]) => since + grace > now))
  const leaks = before.leaks.map((leak): Leak => (leak.since + grace <= now ? { ...leak, isLookedAt: true } : leak))
  const left: RunningState = {
    ...before,
    garbage: { gone: undefined, idle },
    leaks: leaks.length === 0 ? before.leaks : leaks,
  }
  return givenBack(left, dueNow(before, now), storing, () => ({ actor: PROGRAM }))
}

/** Addresses and claims of blocks given back to IPAM. @param by - who does that with an address, and where */
export function givenBack(
  before: RunningState,
  collected: Collected,
  storing: Storing,
  by: (address: Ip) => Pick<LogEntry, 'actor' | 'netns'>,
): GivenBack {
  const { moment, event, make, isInstant } = storing
  const { newest } = before
  const none = { edit: NO_EDIT, asked: 0, next: undefined }
  if (collected.addresses.length + collected.blocks.length === 0)
    return { stored: { ...none, state: before, later: [] }, entries: [] }
  const cluster = make(newest.cluster, { upserts: {}, removals: [], garbage: collected })
  const { ipamBlocks, blockAffinities } = cluster.resources
  const isStored = newest.resources.ipamBlocks.length > 0
  const resources = isStored ? { ...newest.resources, ipamBlocks, blockAffinities } : newest.resources
  const revision: Revision = { ...newest, number: newest.number + 1, at: moment.now, event, resources, cluster }
  const outcome = isInstant
    ? { state: storedAtOnce(before, revision), later: [] }
    : stored(before, revision, ['ipamBlocks', 'blockAffinities'], moment)
  return { stored: { ...none, ...outcome }, entries: entriesOf(newest.cluster, collected, storing, by) }
}

function entriesOf(
  { ipam }: Cluster,
  { addresses, blocks }: Collected,
  { moment, event }: Storing,
  by: (address: Ip) => Pick<LogEntry, 'actor' | 'netns'>,
): LogEntry[] {
  const dashed = (cidr: Prefix): string => cidr.replaceAll(/[.:/]/g, '-')
  const owners = new Map(ipam.blocks.map(({ cidr, affinity }) => [cidr, affinity]))
  const common = { at: moment.now, event, op: 'delete', thing: 'object' } as const
  const ofBlocks = blocks.map((cidr): LogEntry => {
    return { ...common, actor: PROGRAM, what: `BlockAffinity/${owners.get(cidr)}-${dashed(cidr)}` }
  })
  const ofAddresses = addresses.map((address): LogEntry => {
    const block = ipam.blocks.find(({ cidr }) => contains(cidr, address))
    const what = `address ${address} of IPAMBlock/${block === undefined ? '' : dashed(block.cidr)}`
    return { ...common, ...by(address), what }
  })
  return [...ofAddresses, ...ofBlocks]
}
