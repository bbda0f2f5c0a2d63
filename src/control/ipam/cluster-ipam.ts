import { explainIp, type Ip, parseIp } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { Findings } from '../findings.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { calicoAnnotation } from '../node-annotations.ts'
import { inCreationOrder, objectName } from '../objects-by-kind.ts'
import { namespacedName } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { autoAssign, isAssignFailure, usablePools } from './assign.ts'
import { type Allocation, type Block, slotOf, type TunnelKind } from './block.ts'
import { IpamBook, readIpamConfig, readReservations } from './book.ts'
import { claimKnownBlocks, givenAddresses, type PodPlan, podAddressRequests, statedAddresses } from './pod-address.ts'
import type { Pool } from './pool.ts'
import { readBlocks } from './read-blocks.ts'
import { noteGuessedBlock, noteGuessedBlocks, noteUnallocated } from './unstored.ts'

/** A pod with the addresses it has. */
export interface PodAddresses {
  /** The pod. */
  readonly pod: PodResource
  /** Its node. */
  readonly node: ClusterNode
  /** Its addresses, IPv4 first. */
  readonly allocations: readonly Allocation[]
}

/** What IPAM has assigned. */
export interface IpamResult {
  /** Pools in order of use. */
  readonly pools: readonly Pool[]
  /** Every block. */
  readonly blocks: readonly Block[]
  /** Tunnel addresses by node. */
  readonly tunnels: ReadonlyMap<string, Readonly<Partial<Record<TunnelKind, Ip>>>>
  /** Pods with an address, in order of creation. */
  readonly pods: readonly PodAddresses[]
}

/** A tunnel a node needs an address for. */
export interface TunnelNeed {
  /** Tunnel. */
  readonly kind: TunnelKind
  /** Pools that give it. */
  readonly pools: readonly Pool[]
}

/** The Node annotation a tunnel address is kept in, behind `projectcalico.org/`. */
export const TUNNEL_ANNOTATION: Readonly<Record<TunnelKind, string>> = {
  wireguard: 'IPv4WireguardInterfaceAddr',
  'wireguard-v6': 'IPv6WireguardInterfaceAddr',
  ipip: 'IPv4IPIPTunnelAddr',
  vxlan: 'IPv4VXLANTunnelAddr',
  'vxlan-v6': 'IPv6VXLANTunnelAddr',
}

/** Tunnel addresses that nodes have already: from the annotation, else from a stored block. */
function keepTunnels(
  book: IpamBook,
  node: ClusterNode,
  needs: readonly TunnelNeed[],
  stored: ReadonlyMap<string, Ip[]>,
  tunnels: Partial<Record<TunnelKind, Ip>>,
  isStored: boolean,
  findings: Findings,
): void {
  for (const { kind, pools } of needs) {
    const text = calicoAnnotation(node.resource, TUNNEL_ANNOTATION[kind])
    const address = text === undefined ? stored.get(`${kind} ${node.name}`)?.[0] : parseIp(text)
    const path = ['metadata', 'annotations', `projectcalico.org/${TUNNEL_ANNOTATION[kind]}`]
    if (text !== undefined && address === undefined) {
      findings.fault('invalid', node.resource, path, `an address (${explainIp(text)?.message ?? ''})`, text)
    }
    // An address outside the pools of its encapsulation is given back and assigned anew.
    const pool = address === undefined ? undefined : book.poolOf(address)
    if (address === undefined) continue
    if (!pool || !pools.includes(pool)) {
      const names = pools.map(({ name }) => name).join(' or ')
      const expected = `an address of IPPool ${names}; calico-node gives this one back and takes another`
      if (text !== undefined) findings.warn('invalid', node.resource, path, expected, address)
      continue
    }
    const isGuess = isStored && book.blockOf(address) === undefined
    const taken = book.take(address, { node: node.name, tunnel: kind })
    if (isGuess && taken?.block) noteGuessedBlock(taken.block, { resource: node.resource, path, address }, 0, findings)
    if (taken) tunnels[kind] = address
    else findings.fault('invalid', node.resource, path, 'an address nobody else has', address)
  }
}

/** Assigns the tunnel addresses a node still lacks. */
function assignTunnels(
  book: IpamBook,
  node: ClusterNode,
  needs: readonly TunnelNeed[],
  tunnels: Partial<Record<TunnelKind, Ip>>,
  findings: Findings,
): void {
  for (const { kind, pools } of needs) {
    if (tunnels[kind] !== undefined) continue
    const family = kind.endsWith('-v6') ? 6 : 4
    const request = { node, family, use: 'Tunnel', pools, user: { node: node.name, tunnel: kind } } as const
    const result = autoAssign(book, request, usablePools(book, request))
    if (isAssignFailure(result)) {
      findings.fault('invalid', node.resource, ['metadata', 'name'], result.expected, result.received)
    } else tunnels[kind] = result.address
  }
}

/** Pods that have a network of their own, with their nodes. Pods on unknown nodes are faults. */
function networkedPods(resources: Resources, nodes: ReadonlyMap<string, ClusterNode>, findings: Findings): PodPlan[] {
  const plans: PodPlan[] = []
  for (const pod of inCreationOrder(resources.pods)) {
    const { nodeName, hostNetwork } = pod.spec
    if (nodeName === undefined || nodeName === '') continue
    const node = nodes.get(nodeName)
    if (!node) {
      const expected = `one of the nodes ${[...nodes.keys()].slice(0, 5).join(', ') || '(none)'}`
      findings.fault('missing_reference', pod, ['spec', 'nodeName'], expected, nodeName)
      continue
    }
    if (hostNetwork || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue
    plans.push({ pod, node })
  }
  return plans
}

/**
 * Assigns every address of a cluster: first what the input already says (blocks, tunnel annotations, pod addresses), then
 * the tunnel addresses, then the pods without one in order of creation.
 *
 * @param othersAddress - another CNI plugin gives addresses, so that pods without one are no fault
 *
 * @calico libcalico-go/lib/ipam/ipam.go, node/pkg/allocateip/allocateip.go
 */
export function assignAddresses(
  resources: Resources,
  nodes: readonly ClusterNode[],
  pools: readonly Pool[],
  needsOf: (node: ClusterNode) => readonly TunnelNeed[],
  othersAddress: boolean,
  findings: Findings,
): IpamResult {
  const config = readIpamConfig(resources.ipamConfigs, findings)
  const book = new IpamBook(pools, config, readReservations(resources.ipReservations, findings))
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const stored = new Map<string, Ip[]>()
  const ranges = readBlocks(book, resources.ipamBlocks, resources.blockAffinities, stored, findings)
  const plans = networkedPods(resources, byName, findings)
  const given = givenAddresses(plans, stored, findings)
  const isStored = resources.ipamBlocks.length + resources.blockAffinities.length > 0
  if (isStored) noteUnallocated(book, plans, given, ranges, stored, findings)
  const claimed = claimKnownBlocks(book, plans, given)
  if (isStored) noteGuessedBlocks(claimed, findings)
  const needs = new Map(nodes.map((node) => [node.name, needsOf(node)]))
  const tunnels = new Map<string, Partial<Record<TunnelKind, Ip>>>(nodes.map((node) => [node.name, {}]))
  for (const node of nodes)
    keepTunnels(book, node, needs.get(node.name)!, stored, tunnels.get(node.name)!, isStored, findings)
  const pods = new Map<PodPlan, Allocation[]>()
  plans.forEach((plan, i) => {
    const kept = given[i]?.flatMap((address) => keepPodAddress(book, plan, address, findings))
    if (kept) pods.set(plan, kept)
  })
  for (const node of nodes) assignTunnels(book, node, needs.get(node.name)!, tunnels.get(node.name)!, findings)
  const requests = podAddressRequests(resources, book, othersAddress, findings)
  const assigned: PodAddresses[] = []
  for (const plan of plans) {
    const allocations = pods.get(plan) ?? requests(plan)
    if (allocations.length > 0) assigned.push({ pod: plan.pod, node: plan.node, allocations })
  }
  return { pools, blocks: [...book.all()], tunnels, pods: assigned }
}

/** An address a pod has already. That somebody else has it too, in a real datastore, leaves open who gets its packets. */
function keepPodAddress(book: IpamBook, plan: PodPlan, address: Ip, findings: Findings): Allocation[] {
  const { pod } = plan
  const user = { node: plan.node.name, pod }
  const taken = book.take(address, user)
  if (taken) return [taken]
  const block = book.blockOf(address)
  const holder = block?.slots[slotOf(block, address)]
  const who = holder?.pod ? objectName(holder.pod) : `${holder?.tunnel ?? 'a'} device of ${holder?.node}`
  const path = statedAddresses(pod)?.path ?? ['metadata', 'name']
  findings.warn('invalid', pod, path, 'an address nobody else has', `${address}, also of ${who}`)
  const what = `${address} is also of ${who}; which of the two gets its packets depends on who came last`
  const ends = [pod, ...(holder?.pod ? [holder.pod] : [])].map(({ metadata }) => namespacedName(metadata))
  findings.note('address_twice', pod, path, what, {
    scope: { kind: 'ends', netns: holder?.pod ? ends : [...ends, holder?.node ?? ''] },
  })
  return [{ ...user, address, ...(block ? { block } : {}) }]
}
