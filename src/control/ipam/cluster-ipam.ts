import { once } from '../../model/index.ts'
import { explainIp, type Ip, parseIp } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import { Findings } from '../findings.ts'
import { calicoAnnotation } from '../node-annotations.ts'
import { objectName } from '../objects-by-kind.ts'
import { namespacedName } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { autoAssign, isAssignFailure, usablePools } from './assign.ts'
import { AssignedPods, type PodAddresses } from './assigned-pods.ts'
import { type Block, type OpenBlock, slotOf, TUNNEL_ANNOTATION, type TunnelKind } from './block.ts'
import { IpamBook, readIpamConfig, readReservations } from './book.ts'
import { type CarriedIpam, carriedOver, type Inheritance } from './carry-over.ts'
import { type HostLocal, HostLocalBook } from './host-local.ts'
import { Ledger } from './ledger.ts'
import { claimKnownBlocks, givenAddresses, podAddressRequests, statedAddresses } from './pod-address.ts'
import { networkedPods, type PodPlans } from './pod-plans.ts'
import type { Pool } from './pool.ts'
import { readBlocks } from './read-blocks.ts'
import { noteGuessedBlock, noteGuessedBlocks, noteUnallocated } from './unstored.ts'

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

/** The same while a cluster is built of it: columns of numbers, which cost nothing until somebody looks. */
export interface Ipam extends Pick<IpamResult, 'pools' | 'tunnels'> {
  /** Every block. */
  readonly blocks: readonly OpenBlock[]
  /** Pods with an address, in order of creation. */
  readonly pods: AssignedPods
  /** Who has which address. */
  readonly ledger: Ledger
  /** The block an address lies in. */
  readonly blockOf: (address: Ip) => OpenBlock | undefined
  /** Pods that may have addresses. */
  readonly plans: PodPlans
  /** Who may take what. */
  readonly book: IpamBook
  /** Addresses are of host-local: blocks are ranges of nodes, and no datastore holds them. */
  readonly isHostLocal: boolean
  /** What it was given from the cluster before; undefined where it began with the objects. */
  readonly carried: Pick<CarriedIpam, 'affinities'> | undefined
}

/** What is told of it: lists that are made when somebody reads them. */
export function ipamResult({ pools, tunnels, blocks, pods, ledger }: Ipam): IpamResult {
  const allBlocks = once(() => blocks.map((block) => ledger.settled(block)))
  const allPods = once(() => pods.list())
  return {
    pools,
    get blocks() {
      return allBlocks()
    },
    tunnels,
    get pods() {
      return allPods()
    },
  }
}

/** A tunnel a node needs an address for. */
export interface TunnelNeed {
  /** Tunnel. */
  readonly kind: TunnelKind
  /** Pools that give it. */
  readonly pools: readonly Pool[]
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
    if (text === undefined && stored.size === 0) continue
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
    const taken = book.take(address, book.ledger.tunnel(node.name, kind))
    const block = taken === undefined ? undefined : book.ledger.blockOf(taken)
    if (isGuess && block) noteGuessedBlock(block, { resource: node.resource, path, address }, 0, findings)
    if (taken !== undefined) tunnels[kind] = address
    else findings.fault('invalid', node.resource, path, 'an address nobody else has', address)
  }
}

function inOrder(
  needs: readonly TunnelNeed[],
  tunnels: Partial<Record<TunnelKind, Ip>>,
): Partial<Record<TunnelKind, Ip>> {
  return Object.fromEntries(needs.flatMap(({ kind }) => (tunnels[kind] === undefined ? [] : [[kind, tunnels[kind]]])))
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
    const holder = book.ledger.tunnel(node.name, kind)
    const request = { node, family, use: 'Tunnel', pools } as const
    const result = autoAssign(book, request, usablePools(book, request), holder)
    if (isAssignFailure(result)) {
      findings.fault('invalid', node.resource, ['metadata', 'name'], result.expected, result.received)
    } else tunnels[kind] = book.ledger.addressOf(result)
  }
}

/**
 * Assigns every address of a cluster: first what the input already says (blocks, tunnel annotations, pod addresses), then
 * the tunnel addresses, then the pods without one in order of creation.
 *
 * @param othersAddress - another CNI plugin gives addresses, so that pods without one are no fault
 * @param hostLocal - the plugin host-local gives them, out of the nodes' own ranges
 * @param inheritance - what IPAM had given before the objects were edited: it counts instead of the blocks among them
 *
 * @calico libcalico-go/lib/ipam/ipam.go, node/pkg/allocateip/allocateip.go
 */
export function assignAddresses(
  resources: Resources,
  nodes: readonly ClusterNode[],
  pools: readonly Pool[],
  needsOf: (node: ClusterNode) => readonly TunnelNeed[],
  othersAddress: boolean,
  hostLocal: HostLocal | undefined,
  inheritance: Inheritance | undefined,
  findings: Findings,
): Ipam {
  const config = readIpamConfig(resources.ipamConfigs, findings)
  const reserved = readReservations(resources.ipReservations, findings)
  const unknownNodes = new Findings()
  const plans = networkedPods(resources, nodes, unknownNodes, inheritance?.ipam.plans)
  const ledger = new Ledger(plans)
  const book = new IpamBook(pools, config, reserved, ledger)
  const needs = nodes.map(needsOf)
  const carried = inheritance && carriedOver(inheritance, { plans, nodes, pools, needs })
  const { ipamBlocks, blockAffinities } = resources
  const stored = new Map<string, Ip[]>([...(carried?.loose ?? [])].map(([key, ips]) => [key, [...ips]]))
  const blocks = carried?.blocks ?? ipamBlocks
  const affinities = carried?.affinities ?? blockAffinities
  for (const heir of carried?.heirs ?? []) book.add(heir)
  const ranges = readBlocks(book, blocks, affinities, stored, carried !== undefined, findings)
  const ofHosts = hostLocal && new HostLocalBook(book, hostLocal)
  findings.add(unknownNodes)
  const keeps = carried?.keeps ?? (() => false)
  const given = givenAddresses(plans, stored, keeps, findings)
  // What is carried over was made here: whatever lies in no block of it is new, and no contradiction.
  const isStored = carried === undefined && ipamBlocks.length + blockAffinities.length > 0
  if (isStored) noteUnallocated(book, plans, given, ranges, stored, findings)
  const claimed = claimKnownBlocks(book, plans, given)
  if (isStored) noteGuessedBlocks(claimed, findings)
  const tunnels = new Map<string, Partial<Record<TunnelKind, Ip>>>(nodes.map((node) => [node.name, {}]))
  nodes.forEach((node, i) => {
    if (ofHosts) tunnels.set(node.name, ofHosts.tunnelsOf(node, needs[i]!, findings))
    else keepTunnels(book, node, needs[i]!, stored, tunnels.get(node.name)!, isStored, findings)
  })
  const pods = new AssignedPods(plans, ledger)
  // Those of whom something is known; the others are asked for below.
  const isKnown = given.length > 0 || carried !== undefined
  for (let i = 0; isKnown && i < plans.length; i++) {
    const start = ledger.length
    if (keeps(i)) carried?.keep(i, ledger)
    else if (given[i] === undefined) continue
    else for (const address of given[i]!) keepPodAddress(book, plans, i, address, findings)
    pods.take(i, start)
  }
  if (!ofHosts) {
    nodes.forEach((node, i) => {
      const own = tunnels.get(node.name)!
      const kept = Object.keys(own).length
      assignTunnels(book, node, needs[i]!, own, findings)
      // Some were kept: in the order of those that are asked for one after the other.
      if (kept > 0 && Object.keys(own).length > kept) tunnels.set(node.name, inOrder(needs[i]!, own))
    })
  }
  const request = ofHosts
    ? (i: number) => ofHosts.assign(plans, i, findings)
    : podAddressRequests(resources, plans, book, othersAddress, findings)
  for (let i = 0; i < plans.length; i++) {
    if (isKnown && (given[i] !== undefined || keeps(i))) continue
    const start = ledger.length
    request(i)
    pods.take(i, start)
  }
  const all = [...book.all()]
  all.forEach((block, place) => {
    block.place = place
  })
  return {
    pools,
    blocks: all,
    tunnels,
    pods,
    ledger,
    blockOf: (address) => book.blockOf(address),
    plans,
    book,
    isHostLocal: ofHosts !== undefined,
    carried: carried && { affinities },
  }
}

/** An address a pod has already. That somebody else has it too, in a real datastore, leaves open who gets its packets. */
function keepPodAddress(book: IpamBook, plans: PodPlans, i: number, address: Ip, findings: Findings): void {
  if (book.take(address, i) !== undefined) return
  const pod = plans.pods[i]!
  const block = book.blockOf(address)
  const id = block?.ids[slotOf(block, address)]
  const holder = id === undefined ? undefined : book.ledger.userOf(id)
  const who = holder?.pod ? objectName(holder.pod) : `${holder?.tunnel ?? 'a'} device of ${holder?.node}`
  const path = statedAddresses(pod)?.path ?? ['metadata', 'name']
  findings.warn('invalid', pod, path, 'an address nobody else has', `${address}, also of ${who}`)
  const what = `${address} is also of ${who}; which of the two gets its packets depends on who came last`
  const ends = [pod, ...(holder?.pod ? [holder.pod] : [])].map(({ metadata }) => namespacedName(metadata))
  findings.note('address_twice', pod, path, what, {
    scope: { kind: 'ends', netns: holder?.pod ? ends : [...ends, holder?.node ?? ''] },
  })
  book.ledger.keep(address, block, i)
}
