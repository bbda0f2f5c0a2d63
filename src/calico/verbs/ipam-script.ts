import {
  addressesOfHandle,
  applyObject,
  assignAddress,
  autoAssignAddresses,
  type CalicoVersion,
  claimRange,
  deleteObject,
  freeSlots,
  heldAddresses,
  type IpamFailure,
  type IpamStore,
  type IpamTraits,
  inspectAddress,
  isFailure,
  listAffinities,
  listBlocks,
  matchingPools,
  releaseAddresses,
  releaseHandle,
  releaseNode,
  releaseRange,
  resolvePools,
  storeOf,
  traitsOf,
  utilization,
  walkOf,
} from '../../control/index.ts'
import { assertNever, type Ip } from '../../wire/index.ts'
import {
  addressesMeant,
  type NamedStep,
  rangeMeant,
  rememberedOf,
  requestFault,
  sequenceMeant,
} from './ipam-references.ts'
import type {
  AssignStep,
  AutoAssignStep,
  ClaimStep,
  InspectStep,
  IpamStep,
  PoolsStep,
  ReleaseAffinityStep,
  ReleaseStep,
  WalkStep,
} from './ipam-steps.ts'

/** A script under way: what IPAM has, and what steps with names found. */
export interface IpamScript {
  readonly store: IpamStore
  readonly traits: IpamTraits
  readonly names: Map<string, NamedStep>
}

/** What a step gives: its fields are those of the contract. */
export type IpamStepResult = Readonly<Record<string, unknown>>

/** A script that begins with the objects of a datastore. */
export function ipamScript(objects: readonly unknown[], version: CalicoVersion): IpamScript {
  const traits = traitsOf(version)
  return { store: storeOf(objects, traits), traits, names: new Map() }
}

/** Makes a step: it changes what IPAM has. */
export function runIpamStep(script: IpamScript, step: IpamStep): IpamStepResult {
  const { store } = script
  switch (step.do) {
    case 'auto-assign':
      return autoAssign(script, step)
    case 'assign':
      return assign(script, step)
    case 'release':
      return release(script, step)
    case 'release-handle':
      remember(script, step, handleAddresses(store, step.handle))
      return { error: errorOf(releaseHandle(store, step.handle)) }
    case 'handle': {
      const found = addressesOfHandle(store, step.handle)
      const addresses = isFailure(found) ? [] : found
      remember(script, step, addresses)
      return { addresses, error: isFailure(found) ? found : null }
    }
    case 'inspect':
      return inspect(script, step)
    case 'claim':
      return claim(script, step)
    case 'release-affinity':
      return releaseAffinity(script, step)
    case 'release-node':
      return { error: errorOf(releaseNode(store, hostOf(step.node), step.mustBeEmpty ?? false)) }
    case 'blocks':
      return { blocks: blocksTold(store) }
    case 'allocations':
      return { allocations: allocationsTold(store) }
    case 'affinities':
      return { affinities: affinitiesTold(store, step.node) }
    case 'pools':
      return poolsTold(store, step)
    case 'walk':
      return walkTold(store, step)
    case 'utilization':
      return { pools: utilization(store, step.pools ?? []) }
    case 'apply':
      for (const object of step.objects) applyObject(store, object, script.traits)
      return {}
    case 'delete':
      deleteObject(store, step.kind, step.name)
      return {}
    default:
      return assertNever(step)
  }
}

/** Under what name addresses of load balancers are claimed. */
const LOAD_BALANCER_HOST = 'load-balancer'

function nodeOf({ node, use }: AutoAssignStep | AssignStep): string {
  if (node !== undefined) return node
  if (use === 'LoadBalancer') return LOAD_BALANCER_HOST
  throw requestFault('node', 'the name of a node', 'none')
}

function hostOf(node: string): { readonly type: 'host'; readonly host: string } {
  return { type: 'host', host: node }
}

function errorOf(result: IpamFailure | undefined): IpamFailure | null {
  return result ?? null
}

function remember(script: IpamScript, { as }: IpamStep, addresses: readonly Ip[], sequence?: bigint): void {
  if (as !== undefined) script.names.set(as, rememberedOf(script.store, addresses, sequence))
}

function handleAddresses(store: IpamStore, handle: string): readonly Ip[] {
  const found = addressesOfHandle(store, handle)
  return isFailure(found) ? [] : found
}

function autoAssign(script: IpamScript, step: AutoAssignStep): IpamStepResult {
  const { do: _, as: __, node: ___, ...request } = step
  const { ipv4, ipv6, error } = autoAssignAddresses(script.store, { host: nodeOf(step), ...request })
  remember(script, step, [...ipv4.addresses, ...ipv6.addresses])
  return { ipv4, ipv6, error: errorOf(error) }
}

function assign(script: IpamScript, step: AssignStep): IpamStepResult {
  const { do: _, as: __, node: ___, address: meant, ...request } = step
  const [address] = addressesMeant(script.names, meant)
  if (address === undefined) return { error: NO_ADDRESS }
  const error = assignAddress(script.store, { host: nodeOf(step), address, ...request })
  remember(script, step, [address])
  return { error: errorOf(error) }
}

/** The step that is referred to got no address. */
const NO_ADDRESS: IpamFailure = { reason: 'other', message: 'the step that is referred to got no address' }

function release(script: IpamScript, step: ReleaseStep): IpamStepResult {
  const { store, names } = script
  const requests = step.addresses.flatMap(({ address: meant, handle, sequence: at }) => {
    const sequence = sequenceMeant(names, at)
    return addressesMeant(names, meant).map((address) => ({
      address,
      ...(handle === undefined ? {} : { handle }),
      ...(sequence === undefined ? {} : { sequence }),
    }))
  })
  remember(
    script,
    step,
    requests.map(({ address }) => address),
  )
  const { unallocated, released, error } = releaseAddresses(store, requests)
  return { unallocated, released, error: errorOf(error) }
}

const NOBODY = { node: null, handle: null, block: null, sequence: null } as const

function inspect(script: IpamScript, step: InspectStep): IpamStepResult {
  const [address] = addressesMeant(script.names, step.address)
  if (address === undefined) return { ...NOBODY, error: NO_ADDRESS }
  const held = inspectAddress(script.store, address)
  if (isFailure(held)) {
    remember(script, step, [address])
    return { ...NOBODY, error: held }
  }
  const { node = null, handle = null, block, sequence } = held
  remember(script, step, [address], sequence)
  return { node, handle, block, sequence: Number(sequence), error: null }
}

function claim(script: IpamScript, step: ClaimStep): IpamStepResult {
  const { store, names } = script
  const cidr = rangeMeant(names, step.cidr)
  if (cidr === undefined) return { claimed: [], failed: [], error: NO_ADDRESS }
  const { claimed, failed, error } = claimRange(store, hostOf(step.node), cidr)
  const first = claimed[0] ?? cidr
  if (step.as !== undefined) names.set(step.as, { addresses: [first.slice(0, first.indexOf('/')) as Ip], block: first })
  return { claimed, failed, error: errorOf(error) }
}

function releaseAffinity({ store, names }: IpamScript, step: ReleaseAffinityStep): IpamStepResult {
  const block = rangeMeant(names, step.block)
  if (block === undefined) return { error: NO_ADDRESS }
  return { error: errorOf(releaseRange(store, hostOf(step.node), block, step.mustBeEmpty ?? false)) }
}

function blocksTold(store: IpamStore): IpamStepResult[] {
  return listBlocks(store).map((block) => ({
    cidr: block.cidr,
    affinity: block.affinity ?? null,
    used: block.size - block.unallocated.length,
    free: freeSlots(block, store.reserved),
    unallocated: [...block.unallocated],
  }))
}

function allocationsTold(store: IpamStore): IpamStepResult[] {
  return heldAddresses(store).map(({ address, node = null, handle = null, use = null }) => ({
    address,
    node,
    handle,
    use,
  }))
}

function affinitiesTold(store: IpamStore, node: string | undefined): IpamStepResult[] {
  const all = listAffinities(store).filter(({ host }) => node === undefined || host === node)
  return all.map(({ host, cidr, state = 'confirmed' }) => ({ node: host, cidr, state }))
}

function poolsTold(store: IpamStore, step: PoolsStep): IpamStepResult {
  const { node = '', family = 4, namespace, requested = [] } = step
  const ranges = resolvePools(store, requested, family)
  if (isFailure(ranges)) return { pools: [], error: ranges }
  const labels = store.nodes.get(node) ?? {}
  const ofNamespace = namespace === undefined ? undefined : store.namespaces.get(namespace)
  const found = matchingPools(store, family, labels, ofNamespace, ranges)
  if (isFailure(found)) return { pools: [], error: found }
  return { pools: found.map(({ name, cidr }) => ({ name, cidr })), error: null }
}

/** Blocks of a walk that are told; more are not a list for anybody. */
const LONGEST_WALK = 1n << 17n

function walkTold(store: IpamStore, step: WalkStep): IpamStepResult {
  const pool = store.pools.find(({ name, cidr }) => name === step.pool || cidr === step.pool)
  if (pool === undefined) throw requestFault('pool', 'the name or the range of a pool', step.pool)
  if (pool.blocks > LONGEST_WALK) return { unsupported: [`a walk over ${pool.blocks} blocks`] }
  return { blocks: walkOf(pool, step.node) }
}
