import { isRecord } from '../../../model/index.ts'
import { hostPrefix, parseIp } from '../../../wire/index.ts'
import type { AllowedUse } from '../../calico-kinds.ts'
import type { VersionTraits } from '../../calico-version.ts'
import { nodeLabels } from '../../node-annotations.ts'
import { mergedRanges, rangeOf } from './address-ranges.ts'
import { type IpamAllocation, type IpamBlock, newBlock } from './ipam-block.ts'
import { ipamPool } from './ipam-pool.ts'
import {
  type AffinityState,
  cidrName,
  DEFAULT_SETTINGS,
  deleteAffinity,
  emptyStore,
  type IpamStore,
  type Labels,
  putAffinity,
  putPool,
  putReservation,
} from './ipam-store.ts'
import { rangeText } from './usable-pools.ts'

/** What of a release IPAM follows. */
export type IpamTraits = Pick<VersionTraits, 'assignmentMode' | 'namespaceSelector' | 'ipCooldown'>

type Fields = Readonly<Record<string, unknown>>

function fields(value: unknown): Fields {
  return isRecord(value) ? value : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function labelsOf(value: unknown): Labels {
  return Object.fromEntries(
    Object.entries(fields(value)).filter((entry): entry is [string, string] => !!text(entry[1]) || entry[1] === ''),
  )
}

/** An IPAM with the objects of a datastore, as they are: what Calico takes without looking is taken. */
export function storeOf(objects: readonly unknown[], traits: IpamTraits): IpamStore {
  const store = emptyStore()
  for (const object of objects) applyObject(store, object, traits)
  return store
}

/** Creates or replaces an object; kinds that IPAM does not read are passed over, lists are unfolded. */
export function applyObject(store: IpamStore, object: unknown, traits: IpamTraits): void {
  const { kind, metadata, spec, status, items } = fields(object)
  if (text(kind)?.endsWith('List') && Array.isArray(items)) {
    for (const item of items) applyObject(store, item, traits)
    return
  }
  const { name, labels, annotations, deletionTimestamp } = fields(metadata)
  const named = { name: text(name) ?? '', spec: fields(spec) }
  switch (kind) {
    case 'Node':
      store.nodes.set(
        named.name,
        nodeLabels({ metadata: { name: named.name, labels: labelsOf(labels), annotations: labelsOf(annotations) } }) ??
          {},
      )
      return
    case 'Namespace':
      store.namespaces.set(named.name, labelsOf(labels))
      return
    case 'IPPool':
      applyPool(store, named, { isDeleted: deletionTimestamp !== undefined, status: fields(status) }, traits)
      return
    case 'IPReservation': {
      const ranges = texts(named.spec['reservedCIDRs']).map((each) => reservedRange(each.trim()))
      putReservation(store, named.name, mergedRanges(ranges.flat()))
      return
    }
    case 'IPAMConfig':
    case 'IPAMConfiguration':
      applySettings(store, named.spec, traits)
      return
    case 'IPAMBlock':
      applyBlock(store, named.spec)
      return
    case 'BlockAffinity':
      applyAffinity(store, named.spec)
      return
    case 'IPAMHandle':
      applyHandle(store, named)
      return
  }
}

interface Named {
  readonly name: string
  readonly spec: Fields
}

function reservedRange(each: string): ReturnType<typeof rangeOf>[] {
  const address = parseIp(each)
  const range = address === undefined ? rangeText(each) : hostPrefix(address)
  return range === undefined ? [] : [rangeOf(range)]
}

function applyPool(
  store: IpamStore,
  { name, spec }: Named,
  { isDeleted, status }: { readonly isDeleted: boolean; readonly status: Fields },
  traits: IpamTraits,
): void {
  const cidr = rangeText(text(spec['cidr']) ?? '')
  if (cidr === undefined) return
  const conditions = Array.isArray(status['conditions']) ? status['conditions'].map(fields) : []
  const isRefused = conditions.some((each) => each['type'] === 'Allocatable' && each['status'] === 'False')
  const blockSize = count(spec['blockSize'])
  const nodeSelector = text(spec['nodeSelector'])
  const namespaceSelector = traits.namespaceSelector ? text(spec['namespaceSelector']) : undefined
  putPool(
    store,
    ipamPool({
      name,
      cidr,
      isEnabled: spec['disabled'] !== true && !isDeleted && !isRefused,
      isManual: traits.assignmentMode && spec['assignmentMode'] === 'Manual',
      uses: texts(spec['allowedUses']) as AllowedUse[],
      ...(blockSize === undefined ? {} : { blockSize }),
      ...(nodeSelector === undefined ? {} : { nodeSelector }),
      ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
    }),
  )
}

function applySettings(store: IpamStore, spec: Fields, { ipCooldown }: IpamTraits): void {
  store.settings = {
    strictAffinity: spec['strictAffinity'] === true,
    autoAllocateBlocks: spec['autoAllocateBlocks'] !== false,
    maxBlocksPerHost: count(spec['maxBlocksPerHost']) ?? 0,
    cooldown: ipCooldown ? (count(spec['ipCooldownSeconds']) ?? 0) : 0,
  }
}

/** What the attribute `type` of an allocation says that it is for. */
function useOf(attributes: Labels): AllowedUse | undefined {
  const { type = '', pod } = attributes
  if (type.endsWith('TunnelAddress')) return 'Tunnel'
  if (type === 'LoadBalancer') return 'LoadBalancer'
  return pod === undefined ? undefined : 'Workload'
}

function allocationOf(attribute: Fields, sequence: bigint | undefined): IpamAllocation | undefined {
  // What was released before the script began has rested by now.
  if (attribute['releasedAt'] !== undefined) return undefined
  const attributes = labelsOf(attribute['secondary'])
  const handle = text(attribute['handle_id'])
  const use = useOf(attributes)
  const node = attributes['node']
  return {
    attributes,
    ...(handle === undefined ? {} : { handle }),
    ...(use === undefined ? {} : { use }),
    ...(node === undefined ? {} : { node }),
    ...(sequence === undefined ? {} : { sequence }),
  }
}

function numberIn(value: unknown): bigint | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined
}

function applyBlock(store: IpamStore, spec: Fields): void {
  const cidr = rangeText(text(spec['cidr']) ?? '')
  if (cidr === undefined || spec['deleted'] === true) return
  const block = newBlock(cidr, numberIn(spec['sequenceNumber']) ?? 0n)
  const host = text(spec['hostAffinity'])
  block.affinity = text(spec['affinity']) ?? (host === undefined ? undefined : `host:${host}`)
  block.isFresh = false
  fillSlots(block, spec)
  store.blocks.set(cidr, block)
}

function fillSlots(block: IpamBlock, spec: Fields): void {
  const attributes = Array.isArray(spec['attributes']) ? spec['attributes'].map(fields) : []
  const sequences = fields(spec['sequenceNumberForAllocation'])
  const allocations: readonly unknown[] = Array.isArray(spec['allocations']) ? spec['allocations'] : []
  const rested: number[] = []
  for (let slot = 0; slot < block.size; slot++) {
    const index = count(allocations[slot])
    if (index === undefined) continue
    block.slots[slot] = allocationOf(attributes[index] ?? {}, numberIn(sequences[String(slot)]))
    if (block.slots[slot] === undefined) rested.push(slot)
  }
  const listed = Array.isArray(spec['unallocated'])
    ? spec['unallocated'].filter((each) => count(each) !== undefined)
    : undefined
  const free = listed ?? block.unallocated.filter((slot) => block.slots[slot] === undefined && !rested.includes(slot))
  block.unallocated = [...free, ...rested]
}

const STATES: readonly unknown[] = ['pending', 'confirmed', 'pendingDeletion'] satisfies AffinityState[]

function applyAffinity(store: IpamStore, spec: Fields): void {
  const cidr = rangeText(text(spec['cidr']) ?? '')
  const host = text(spec['node'])
  if (cidr === undefined || host === undefined) return
  const state = STATES.includes(spec['state']) ? (spec['state'] as AffinityState) : undefined
  const affinity = { type: spec['type'] === 'virtual' ? 'virtual' : 'host', host, cidr, state } as const
  if (spec['deleted'] === true || spec['deleted'] === 'true') deleteAffinity(store, affinity)
  else putAffinity(store, affinity)
}

function applyHandle(store: IpamStore, { name, spec }: Named): void {
  const blocks = Object.entries(fields(spec['block'])).flatMap(([range, held]) => {
    const cidr = rangeText(range)
    return cidr === undefined || typeof held !== 'number' ? [] : [[cidr, held] as const]
  })
  store.handles.set(text(spec['handleID']) ?? name, new Map(blocks))
}

/** Takes an object away from the datastore; nothing else goes with it. Names of blocks and claims are those Calico gives. */
export function deleteObject(store: IpamStore, kind: string, name: string): void {
  switch (kind) {
    case 'Node':
      store.nodes.delete(name)
      return
    case 'Namespace':
      store.namespaces.delete(name)
      return
    case 'IPPool':
      store.pools = store.pools.filter((pool) => pool.name !== name)
      return
    case 'IPReservation':
      putReservation(store, name, [])
      return
    case 'IPAMConfig':
    case 'IPAMConfiguration':
      store.settings = DEFAULT_SETTINGS
      return
    case 'IPAMHandle':
      store.handles.delete(name)
      return
    case 'IPAMBlock':
      for (const cidr of store.blocks.keys()) if (cidrName(cidr) === name) store.blocks.delete(cidr)
      return
    case 'BlockAffinity':
      for (const [owner, claims] of store.affinities) {
        const host = owner.slice(owner.indexOf(':') + 1)
        for (const cidr of claims.keys()) if (`${host}-${cidrName(cidr)}` === name) claims.delete(cidr)
      }
      return
  }
}
