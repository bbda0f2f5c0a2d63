import { keptIn, type NoteScope, once } from '../../model/index.ts'
import { addressOfNode } from '../cluster-node.ts'
import { podCable } from '../cni.ts'
import { Findings } from '../findings.ts'
import type { OpenBlock } from '../ipam/block.ts'
import { usualFamilies } from '../ipam/pod-address.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import type { Descent, Ground } from '../policy-edit.ts'
import { namespacedName } from '../resource.ts'
import { Workloads } from '../workloads.ts'
import { keptOf } from './edited-groups.ts'
import type { PodBase, PodMaking } from './pod-making.ts'
import { Roster } from './roster.ts'

/** So much may be edited before all objects are looked at again. */
const HEAVY = 1000

const makings = new WeakMap<Ground, PodMaking | 'none'>()

/** What edits of pods, or of Services, go on with; undefined where all objects are to be looked at. */
export function podMakingOf(descent: Descent): PodMaking | undefined {
  const { ground } = descent
  const { edited, ways } = ground.making
  const making = edited ?? keptIn(makings, ground, () => firstMaking(descent) ?? 'none')
  return making === 'none' || making.roster.weight + ways.endpoints.weight > HEAVY ? undefined : making
}

/** What edits of pods alone begin with; undefined where something rests on all pods together. */
function firstMaking({ ground, first }: Descent): PodMaking | undefined {
  const { inputs, maker, making, network } = ground
  const { resources, nodes, slices } = inputs
  const ipam = making.ipam()
  // What is told of blocks that are given holds until they are carried over.
  const isCarried = ipam.carried !== undefined || resources.ipamBlocks.length + resources.blockAffinities.length === 0
  const { workloads } = maker
  const isPlain =
    workloads instanceof Workloads &&
    !ipam.isHostLocal &&
    !making.ways.isPoliced &&
    ipam.pods.length === ipam.plans.length &&
    isCarried
  if (!isPlain) return undefined
  const placeBefore = (netns: string): number => (netns.includes('/') ? workloads.placeOf(netns) : -1)
  const roster = new Roster(ipam, placeBefore)
  const endpointOf = keptOf(({ pod, node, addresses }) => workloads.endpointOf(pod, node, addresses))
  const hasNodes = once(() => new Set(blocksOfNodes(nodes, ipam.blockOf)))
  const spaces = once(() => new Map(resources.namespaces.map((one) => [one.metadata.name, one])))
  const base: PodBase = {
    roster,
    namespaces: network.namespaces,
    policies: first,
    others: maker.firewall.others,
    endpoints: workloads.list,
    wires: network.wires,
    groups: first.groups,
    running: slices.groups,
    endpointOf,
    addressedOf: keptOf(({ pod, addresses }) => ({ pod, allocations: addresses.map((address) => ({ address })) })),
    cableOf: keptOf((pod) => podCable(endpointOf(pod))),
    asking: {
      families: usualFamilies(resources, ipam.pools, new Findings()),
      labelsOf: (namespace) => spaces().get(namespace)?.metadata.labels ?? {},
      hasNodes: (block) => hasNodes().has(block),
    },
    hasWishes: (namespace) => {
      const { annotations } = spaces().get(namespace)?.metadata ?? {}
      return (
        annotations !== undefined && Object.keys(annotations).some((name) => /^cni\.projectcalico\.org\//.test(name))
      )
    },
    isTold: toldOf(ground.findings),
    made: new Map(),
  }
  const unwired = unwiredOf(resources.pods, ipam.pods.length, (netns) => placeBefore(netns) >= 0)
  return { base, roster, unwired, editions: new Map(), rules: network.namespaces }
}

function* blocksOfNodes(
  nodes: Descent['ground']['nodes'],
  blockOf: (address: NonNullable<ReturnType<typeof addressOfNode>>['address']) => OpenBlock | undefined,
): Iterable<OpenBlock> {
  for (const node of nodes) {
    for (const family of [4, 6] as const) {
      const found = addressOfNode(node, family)
      const block = found && blockOf(found.address)
      if (block !== undefined) yield block
    }
  }
}

/** Pods without a network of their own; none are looked for where all have one. */
function unwiredOf(
  pods: readonly PodResource[],
  wired: number,
  isWired: (netns: string) => boolean,
): ReadonlyMap<string, PodResource> {
  if (pods.length === wired) return new Map()
  const named = pods.map((pod) => [namespacedName(pod.metadata), pod] as const)
  return new Map(named.filter(([netns]) => !isWired(netns)))
}

/** Finds out whether findings are about a pod. */
function toldOf({ faults, warnings, notes }: Findings): PodBase['isTold'] {
  const names = once(() => {
    const all = new Set<string>()
    for (const { object } of [...faults, ...warnings, ...notes]) {
      if (object?.startsWith('Pod ') === true) all.add(object.slice('Pod '.length))
    }
    for (const { scope } of notes) for (const netns of endsOf(scope)) all.add(netns)
    return all
  })
  return (netns) => names().has(netns)
}

function endsOf(scope: NoteScope): readonly string[] {
  return scope.kind === 'ends' || scope.kind === 'through' ? scope.netns : []
}
