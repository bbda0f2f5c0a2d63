import { explainIp, familyOf, type Ip, parseIp, prefixAddress } from '../../wire/index.ts'
import type { BlockAffinityResource, IPAMBlockResource } from '../calico-kinds.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { Findings } from '../findings.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { calicoAnnotation } from '../node-annotations.ts'
import { inCreationOrder } from '../objects-by-kind.ts'
import type { Resources } from '../resources.ts'
import { autoAssign, isAssignFailure, usablePools } from './assign.ts'
import { type Allocation, type Block, slotAddress, storedBlock, type TunnelKind } from './block.ts'
import { IpamBook, readIpamConfig, readReservations } from './book.ts'
import { claimKnownBlocks, givenAddresses, type PodPlan, podAddressRequests } from './pod-address.ts'
import type { Pool } from './pool.ts'
import { checkSlots, storedRange } from './stored-block.ts'

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

/** `type` attribute of a stored allocation → tunnel. */
const STORED_TUNNEL: Readonly<Record<string, TunnelKind>> = {
  wireguardTunnelAddress: 'wireguard',
  wireguardV6TunnelAddress: 'wireguard-v6',
  ipipTunnelAddress: 'ipip',
  vxlanTunnelAddress: 'vxlan',
  vxlanV6TunnelAddress: 'vxlan-v6',
}

/** Puts the blocks of the input into the book; their allocations say which pod or tunnel holds which slot. */
function readBlocks(
  book: IpamBook,
  blocks: readonly IPAMBlockResource[],
  affinities: readonly BlockAffinityResource[],
  stored: Map<string, Ip[]>,
  findings: Findings,
): void {
  const states = new Map(affinities.map((affinity) => [affinity.spec.cidr, affinity]))
  for (const resource of blocks) {
    const { spec } = resource
    const cidr = storedRange(resource, findings)
    if (cidr === undefined || spec.deleted) continue
    const block = storedBlock(cidr, book.poolOf(prefixAddress(cidr)), spec.unallocated)
    if (!checkSlots(resource, block.size, findings)) continue
    const affinity = states.get(spec.cidr)
    block.confirmed = (affinity?.spec.state ?? 'confirmed') === 'confirmed'
    if (spec.affinity?.startsWith('host:')) block.affinity = spec.affinity.slice(5)
    book.add(block)
    spec.allocations.forEach((attribute, slot) => {
      if (attribute === null) return
      const about = spec.attributes?.[attribute]?.secondary ?? {}
      const tunnel = about['type'] === undefined ? undefined : STORED_TUNNEL[about['type']]
      const key = tunnel ? `${tunnel} ${about['node']}` : `${about['namespace']}/${about['pod']}`
      const holder = stored.get(key) ?? []
      holder.push(slotAddress(block, slot))
      stored.set(key, holder)
    })
  }
  for (const affinity of affinities) claimAffinity(book, affinity, findings)
}

/** A BlockAffinity without its block: the block exists and is empty. */
function claimAffinity(book: IpamBook, affinity: BlockAffinityResource, findings: Findings): void {
  const cidr = storedRange(affinity, findings)
  if (cidr === undefined) return
  if (affinity.spec.type === 'virtual' || String(affinity.spec.deleted) === 'true') return
  const first = prefixAddress(cidr)
  if (book.blockOf(first)) return
  const size = 2 ** ((familyOf(first) === 4 ? 32 : 128) - Number(cidr.slice(cidr.indexOf('/') + 1)))
  const block = storedBlock(cidr, book.poolOf(first), [...Array(size).keys()])
  block.affinity = affinity.spec.node
  block.confirmed = (affinity.spec.state ?? 'confirmed') === 'confirmed'
  book.add(block)
}

/** Tunnel addresses that nodes have already: from the annotation, else from a stored block. */
function keepTunnels(
  book: IpamBook,
  node: ClusterNode,
  needs: readonly TunnelNeed[],
  stored: ReadonlyMap<string, Ip[]>,
  tunnels: Partial<Record<TunnelKind, Ip>>,
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
    if (address === undefined || !pool || !pools.includes(pool)) continue
    const taken = book.take(address, { node: node.name, tunnel: kind })
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
  readBlocks(book, resources.ipamBlocks, resources.blockAffinities, stored, findings)
  const plans = networkedPods(resources, byName, findings)
  const given = givenAddresses(plans, stored, findings)
  claimKnownBlocks(book, plans, given)
  const needs = new Map(nodes.map((node) => [node.name, needsOf(node)]))
  const tunnels = new Map<string, Partial<Record<TunnelKind, Ip>>>(nodes.map((node) => [node.name, {}]))
  for (const node of nodes) keepTunnels(book, node, needs.get(node.name)!, stored, tunnels.get(node.name)!, findings)
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

function keepPodAddress(book: IpamBook, plan: PodPlan, address: Ip, findings: Findings): Allocation[] {
  const taken = book.take(address, { node: plan.node.name, pod: plan.pod })
  if (taken) return [taken]
  findings.fault('invalid', plan.pod, ['status', 'podIP'], 'an address nobody else has', address)
  return []
}
