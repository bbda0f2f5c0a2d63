import { explainIp, familyOf, type Ip, parseIp } from '../../wire/index.ts'
import { type AddressNumber, numberOf } from '../address-number.ts'
import { CNI_CONFIG_PATH, cniConfigOf } from '../cni-config.ts'
import type { Findings } from '../findings.ts'
import type { NamespaceResource, PodResource } from '../kubernetes-kinds.ts'
import { namespacedName } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { type AssignRequest, autoAssign, isAssignFailure, usablePools } from './assign.ts'
import type { OpenBlock } from './block.ts'
import type { IpamBook } from './book.ts'
import type { PodPlan, PodPlans } from './pod-plans.ts'
import type { Pool } from './pool.ts'

const CNI = 'cni.projectcalico.org/'
/** What brings pools. */
const POOL_SOURCES = 'an IPPool, an Installation of the operator, or the DaemonSet of calico-node'

/** Addresses as a pod's status or Calico's annotations tell them, with the field they stand in. */
export function statedAddresses(
  pod: PodResource,
): { readonly texts: readonly string[]; readonly path: string[] } | undefined {
  const { status } = pod
  if (status?.podIPs?.length) return { texts: status.podIPs.map((entry) => entry.ip), path: ['status', 'podIPs'] }
  if (status?.podIP) return { texts: [status.podIP], path: ['status', 'podIP'] }
  const annotations = pod.metadata.annotations
  if (!annotations) return undefined
  for (const name of ['podIPs', 'podIP']) {
    const text = annotations[CNI + name]
    if (text) {
      return {
        texts: text.split(',').map((part) => part.replace(/\/\d+$/, '')),
        path: ['metadata', 'annotations', CNI + name],
      }
    }
  }
  return undefined
}

/** By what stored addresses of a pod are looked for: one of that name on another node does not have them. */
export function podKey(pod: string, node: string | undefined): string {
  return node === undefined ? pod : `${pod} ${node}`
}

/** What stored blocks say of a pod's addresses, IPv4 first; undefined = nothing. */
function storedAddresses(stored: ReadonlyMap<string, Ip[]>, pod: string, node: string): Ip[] | undefined {
  const found = [...(stored.get(podKey(pod, node)) ?? []), ...(stored.get(pod) ?? [])]
  return found.length === 0 ? undefined : found.sort((a, b) => familyOf(a) - familyOf(b))
}

/**
 * What the input says about each pod's addresses; undefined = nothing. Where it says nothing of any the list is empty.
 * @param keeps - pods that are not asked for, by their places
 */
export function givenAddresses(
  plans: PodPlans,
  stored: ReadonlyMap<string, Ip[]>,
  keeps: (plan: number) => boolean,
  findings: Findings,
): (Ip[] | undefined)[] {
  let given: (Ip[] | undefined)[] = []
  for (let i = 0; i < plans.length; i++) {
    if (keeps(i)) continue
    const addresses = givenTo(plans, i, stored, findings)
    if (addresses === undefined) continue
    if (given.length === 0) given = new Array<Ip[] | undefined>(plans.length).fill(undefined)
    given[i] = addresses
  }
  return given
}

function givenTo(plans: PodPlans, i: number, stored: ReadonlyMap<string, Ip[]>, findings: Findings): Ip[] | undefined {
  const pod = plans.pods[i]!
  const stated = statedAddresses(pod)
  if (!stated) {
    return stored.size === 0 ? undefined : storedAddresses(stored, namespacedName(pod.metadata), plans.nodeOf(i).name)
  }
  const addresses: Ip[] = []
  for (const text of stated.texts) {
    const address = parseIp(text)
    if (address !== undefined) addresses.push(address)
    else findings.fault('invalid', pod, stated.path, `an address (${explainIp(text)?.message ?? ''})`, text)
  }
  return addresses
}

/** A pod and an address it has. */
export interface HeldAddress extends PodPlan {
  /** Address. */
  readonly address: Ip
}

/** How often each node's pods lie in a block that does not exist yet. */
interface Votes {
  readonly pool: Pool
  readonly address: Ip
  readonly byNode: Map<string, number>
  readonly held: HeldAddress[]
}

/**
 * Claims the blocks of addresses that pods have already, each for the node with most pods in it.
 * @returns pods in blocks that nobody gave, by block
 */
export function claimKnownBlocks(
  book: IpamBook,
  plans: PodPlans,
  given: readonly (Ip[] | undefined)[],
): ReadonlyMap<OpenBlock, readonly HeldAddress[]> {
  const votes = new Map<AddressNumber, Votes>()
  given.forEach((addresses, i) => {
    if (addresses === undefined) return
    const { pod, node } = plans.at(i)
    for (const address of addresses) {
      const pool = book.poolOf(address)
      if (!pool || book.blockOf(address)) continue
      const number = numberOf(address)
      const base =
        typeof number === 'number'
          ? number - (number % 2 ** (32 - pool.blockSize))
          : number >> BigInt(128 - pool.blockSize)
      const vote = votes.get(base) ?? { pool, address, byNode: new Map<string, number>(), held: [] }
      vote.held.push({ pod, node, address })
      votes.set(base, vote)
      vote.byNode.set(node.name, (vote.byNode.get(node.name) ?? 0) + 1)
    }
  })
  const claimed = new Map<OpenBlock, readonly HeldAddress[]>()
  for (const { pool, address, byNode, held } of votes.values()) {
    let winner = ''
    for (const [name, count] of byNode) if (count > (byNode.get(winner) ?? 0)) winner = name
    claimed.set(book.claimFor(pool, address, winner), held)
  }
  return claimed
}

function jsonList(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((entry) => typeof entry === 'string') ? value : undefined
  } catch {
    return undefined
  }
}

/** The CNI configuration's word on families: `assign_ipv4`, `assign_ipv6`; undefined where there is none. */
function cniFamilies(resources: Resources, findings: Findings): readonly (4 | 6)[] | undefined {
  const configMap = resources.configMaps.find((found) => found.metadata.name === 'calico-config')
  const config = cniConfigOf(configMap)
  if (config === 'fault') findings.fault('syntax', configMap, CNI_CONFIG_PATH, 'JSON', 'something else')
  if (config === undefined || config === 'fault') return undefined
  const ipam = config.plugins.find((plugin) => plugin.type === 'calico')?.ipam
  if (ipam === undefined) return undefined
  const families: (4 | 6)[] = []
  if (String(ipam['assign_ipv4'] ?? 'true') === 'true') families.push(4)
  if (String(ipam['assign_ipv6'] ?? 'false') === 'true') families.push(6)
  return families
}

/** Families that a pod asks for without a wish of its own. */
export function usualFamilies(resources: Resources, pools: readonly Pool[], findings: Findings): readonly (4 | 6)[] {
  const byConfig = cniFamilies(resources, findings)
  return orIpv4(byConfig ?? ([4, 6] as const).filter((family) => pools.some((pool) => pool.family === family)))
}

/** Names and ranges of pools that were refused, which is an issue already: what lacks them because of that is none. */
function refusedPools(resources: Resources, book: IpamBook): ReadonlySet<string> {
  const read = new Set(book.pools.map((pool) => pool.resource))
  const names = new Set<string>()
  for (const pool of resources.ippools) if (!read.has(pool)) names.add(pool.metadata.name).add(pool.spec.cidr)
  return names
}

/** The pools an annotation asks for; undefined when it asks for none. Faults go to `findings`. */
function requestedPools(
  book: IpamBook,
  holder: PodResource | NamespaceResource | undefined,
  family: 4 | 6,
  refused: ReadonlySet<string>,
  findings: Findings,
): Pool[] | undefined {
  const annotations = holder?.metadata.annotations
  if (annotations === undefined) return undefined
  const name = `${CNI}ipv${family}pools`
  const text = annotations[name]
  if (text === undefined) return undefined
  const path = ['metadata', 'annotations', name]
  const wanted = jsonList(text)
  if (!wanted) {
    findings.fault('invalid', holder, path, 'a JSON list of pool names or ranges', text)
    return []
  }
  return wanted.flatMap((entry) => {
    const pool = book.pools.find((known) => known.family === family && (known.name === entry || known.cidr === entry))
    if (pool && !pool.disabled) return [pool]
    if (refused.has(entry)) return []
    const expected = `an enabled IPv${family} pool`
    findings.fault('missing_reference', holder, path, expected, pool ? `${entry} (disabled)` : entry)
    return []
  })
}

/** `ipAddrs`: exactly these addresses. */
function assignFixed(book: IpamBook, holder: number, { pod, node }: PodPlan, text: string, findings: Findings): void {
  const path = ['metadata', 'annotations', `${CNI}ipAddrs`]
  const wanted = jsonList(text)
  if (!wanted) findings.fault('invalid', pod, path, 'a JSON list of addresses', text)
  for (const entry of wanted ?? []) {
    const address = parseIp(entry)
    const pool = address === undefined ? undefined : book.poolOf(address)
    if (address === undefined || !pool || pool.disabled || !pool.uses.includes('Workload')) {
      findings.fault('invalid', pod, path, 'an address of an enabled pool for workloads', entry)
      continue
    }
    const owner = book.blockOf(address)?.affinity
    if (book.config.strictAffinity && owner !== undefined && owner !== node.name) {
      findings.fault('invalid', pod, path, `an address of ${node.name} (strictAffinity)`, `${entry} of ${owner}`)
      continue
    }
    if (book.take(address, holder) === undefined)
      findings.fault('invalid', pod, path, 'an address nobody else has', entry)
  }
}

const NO_LABELS: Readonly<Record<string, string>> = {}

/** What a pod asks for, and the pools that may give it. */
interface PodRequest {
  readonly request: AssignRequest
  readonly pools: readonly Pool[]
}

/**
 * A function that assigns a pod's addresses as the CNI plugin would ask for them: fixed ones, else one a family from the
 * pools of the pod's annotation, its namespace's annotation, or all usable ones. Without any address the pod stays
 * without network, which is an issue; one for all of them where there is no pool at all, none where somebody else gives addresses.
 *
 * @returns assigns the addresses of a pod by its place among the plans
 * @calico cni-plugin/pkg/k8s/k8s.go
 */
export function podAddressRequests(
  resources: Resources,
  plans: PodPlans,
  book: IpamBook,
  othersAddress: boolean,
  findings: Findings,
): (i: number) => void {
  let told = othersAddress
  const noPoolAtAll = (): void => {
    if (!told) findings.fault('missing_reference', undefined, [], POOL_SOURCES, 'none of them: no pod gets an address')
    told = true
  }
  const refused = refusedPools(resources, book)
  const namespaces = new Map(resources.namespaces.map((namespace) => [namespace.metadata.name, namespace]))
  const usual = usualFamilies(resources, book.pools, findings)
  const selective = book.pools.some((pool) => pool.namespaceSelector)
  /** What a pod asks for without a wish of its own or of its namespace, by family and the place of its node. */
  const plain: Readonly<Record<4 | 6, (PodRequest | undefined)[]>> = { 4: [], 6: [] }
  const plainRequest = (
    place: number,
    family: 4 | 6,
    namespaceLabels: Readonly<Record<string, string>>,
  ): PodRequest => {
    const node = plans.nodes[place]!
    const request = { node, family, use: 'Workload', namespaceLabels, blocks: book.ownedBy(node.name) } as const
    return { request, pools: usablePools(book, request) }
  }
  const requestOf = (i: number, family: 4 | 6, namespace: NamespaceResource | undefined): PodRequest => {
    const asked =
      requestedPools(book, plans.pods[i], family, refused, findings) ??
      requestedPools(book, namespace, family, refused, findings)
    const place = plans.places[i]!
    const labels = namespace?.metadata.labels ?? NO_LABELS
    if (asked !== undefined) {
      const request = { ...plainRequest(place, family, labels).request, pools: asked }
      return { request, pools: usablePools(book, request) }
    }
    if (selective) return plainRequest(place, family, labels)
    const known = plain[family][place] ?? plainRequest(place, family, labels)
    plain[family][place] = known
    return known
  }
  const assign = (i: number, family: 4 | 6, namespace: NamespaceResource | undefined): void => {
    const { request, pools } = requestOf(i, family, namespace)
    const result = autoAssign(book, request, pools, i)
    if (!isAssignFailure(result)) return
    if (book.pools.length === 0 && refused.size === 0) noPoolAtAll()
    else if (!(result.noPool && refused.size > 0)) {
      findings.fault('invalid', plans.pods[i], ['metadata', 'name'], result.expected, result.received)
    }
  }
  return (i) => {
    const { annotations, namespace = 'default' } = plans.pods[i]!.metadata
    const fixed = annotations?.[`${CNI}ipAddrs`]
    if (fixed !== undefined) {
      assignFixed(book, i, plans.at(i), fixed, findings)
      return
    }
    const wanted = podFamilies(annotations?.[`${CNI}ipFamilies`])
    const within = namespaces.get(namespace)
    const asked = wanted ?? usual
    for (let k = 0; k < asked.length; k++) assign(i, asked[k]!, within)
  }
}

/** The families that a pod asks for; undefined when it asks for none. */
function podFamilies(annotation: string | undefined): readonly (4 | 6)[] | undefined {
  const wanted = annotation === undefined ? undefined : jsonList(annotation)
  return wanted && orIpv4(([4, 6] as const).filter((family) => wanted.includes(`IPv${family}`)))
}

function orIpv4(families: readonly (4 | 6)[]): readonly (4 | 6)[] {
  return families.length > 0 ? families : [4]
}
