import * as v from 'valibot'
import type { AllowedUse } from '../../control/index.ts'

/** What an earlier step got or was about. */
export interface StepReference {
  /** The name that step has with `as`. */
  readonly of: string
}

/** The number of the block's write that gave an address, as an earlier `inspect` found it. */
export interface SequenceReference extends StepReference {
  /** Added to it. */
  readonly plus?: number
}

/** An address, or those of an earlier step. */
export type StepAddress = string | StepReference

/** What every step may have. */
interface StepBase<Do extends string> {
  /** What is done. */
  readonly do: Do
  /** A name for what comes of it. */
  readonly as?: string
}

/** Any addresses for a node. */
export interface AutoAssignStep extends StepBase<'auto-assign'> {
  /** Name of the node; only load balancers need none. */
  readonly node?: string
  /** How many IPv4 addresses; absent: none. */
  readonly ipv4?: number
  /** How many IPv6 addresses; absent: none. */
  readonly ipv6?: number
  /** What for; absent: not said, and Calico refuses that. */
  readonly use?: AllowedUse
  /** Namespace of the pod, by name. */
  readonly namespace?: string
  /** IPv4 pools by range or name, in order; absent or empty: those that select the node and the namespace. */
  readonly pools4?: readonly string[]
  /** The same for IPv6. */
  readonly pools6?: readonly string[]
  /** What the addresses will be found and given back by. */
  readonly handle?: string
  /** Blocks the node may have, as this call says; absent or 0: nothing is said. */
  readonly maxBlocks?: number
  /** Addresses of each family that the handle may have; absent or 0: any number. */
  readonly maxPerHandle?: number
}

/** One given address for a node. */
export interface AssignStep extends StepBase<'assign'> {
  /** Name of the node; only load balancers need none. */
  readonly node?: string
  /** The address; of several of an earlier step, the first. */
  readonly address: StepAddress
  /** What it will be found and given back by. */
  readonly handle?: string
  /** What for; absent: not said, and no pool refuses it. */
  readonly use?: AllowedUse
  /** Addresses of each family that the handle may have; absent or 0: any number. */
  readonly maxPerHandle?: number
}

/** Gives addresses back. */
export interface ReleaseStep extends StepBase<'release'> {
  /** Each with the handle and the sequence number it must have; without them, whoever has it. */
  readonly addresses: readonly {
    readonly address: StepAddress
    readonly handle?: string
    readonly sequence?: number | SequenceReference
  }[]
}

/** Gives back, or lists, the addresses of a handle. */
export interface HandleStep extends StepBase<'release-handle' | 'handle'> {
  /** The handle, as it was given when its addresses were assigned. */
  readonly handle: string
}

/** Asks who has an address. */
export interface InspectStep extends StepBase<'inspect'> {
  /** The address; of several of an earlier step, the first. */
  readonly address: StepAddress
}

/** Claims the blocks of a range. */
export interface ClaimStep extends StepBase<'claim'> {
  /** Name of the node. */
  readonly node: string
  /** At least one whole block; of an earlier step, the block of its first address. */
  readonly cidr: StepAddress
}

/** Gives up a node's claims to the blocks of a range. */
export interface ReleaseAffinityStep extends StepBase<'release-affinity'> {
  /** Name of the node. */
  readonly node: string
  /** Range of one or more blocks; of an earlier step, the block of its first address. */
  readonly block: StepAddress
  /** Refuses when addresses of a block are in use; absent: false. */
  readonly mustBeEmpty?: boolean
}

/** Gives up all claims of a node. */
export interface ReleaseNodeStep extends StepBase<'release-node'> {
  /** Name of the node. */
  readonly node: string
  /** Keeps blocks with addresses in use, and reports the last of them; absent: false. */
  readonly mustBeEmpty?: boolean
}

/** Lists all blocks, or all addresses in use. */
export interface ListStep extends StepBase<'blocks' | 'allocations'> {}

/** Lists claims, of one node or of all. */
export interface AffinitiesStep extends StepBase<'affinities'> {
  /** Name of the node; absent: all. */
  readonly node?: string
}

/** Which pools a node and a namespace use, in order. */
export interface PoolsStep extends StepBase<'pools'> {
  /** Name of the node; absent: one without labels. */
  readonly node?: string
  /** Address family; absent: 4. */
  readonly family?: 4 | 6
  /** Name of the pod's namespace; absent: not said. */
  readonly namespace?: string
  /** Pools by range or name, in order; absent: those that select the node and the namespace. */
  readonly requested?: readonly string[]
}

/** The order in which a node tries the blocks of a pool. */
export interface WalkStep extends StepBase<'walk'> {
  /** Name of the node. */
  readonly node: string
  /** Name or range of the pool. */
  readonly pool: string
}

/** How full pools are. */
export interface UtilizationStep extends StepBase<'utilization'> {
  /** By name or range. */
  readonly pools?: readonly string[]
}

/** Creates or replaces objects. */
export interface ApplyStep extends StepBase<'apply'> {
  /** Whole objects, as the datastore is to hold them. */
  readonly objects: readonly unknown[]
}

/** Takes an object away. */
export interface DeleteStep extends StepBase<'delete'> {
  /** Its kind, e.g. `IPPool`. */
  readonly kind: string
  /** Its name. */
  readonly name: string
  /** Its namespace; what IPAM reads has none, so it decides nothing. */
  readonly namespace?: string
}

/** A step of a script against IPAM, by what is done. */
export type IpamStep =
  | AutoAssignStep
  | AssignStep
  | ReleaseStep
  | HandleStep
  | InspectStep
  | ClaimStep
  | ReleaseAffinityStep
  | ReleaseNodeStep
  | ListStep
  | AffinitiesStep
  | PoolsStep
  | WalkStep
  | UtilizationStep
  | ApplyStep
  | DeleteStep

const text = v.string('text')
const maybeText = v.exactOptional(text)
const number = v.pipe(v.number('a number'), v.integer('a whole number'), v.minValue(0, 'a number from 0 on'))
const maybeNumber = v.exactOptional(number)
const texts = v.exactOptional(v.array(text))
const maybeFlag = v.exactOptional(v.boolean('true or false'))
const address = v.union([text, v.strictObject({ of: text })], 'text, or {"of": the name of a step}')
const sequence = v.union(
  [number, v.strictObject({ of: text, plus: v.exactOptional(v.number('a number')) })],
  'a number, or {"of": the name of a step}',
)
const use = v.exactOptional(v.picklist(['Workload', 'Tunnel', 'LoadBalancer'], 'Workload, Tunnel or LoadBalancer'))
const as = maybeText

/** The shape of a step of IPAM, for the verbs that take them. */
export const IPAM_STEP: v.GenericSchema<unknown, IpamStep> = v.variant('do', [
  v.strictObject({
    do: v.literal('auto-assign'),
    as,
    node: maybeText,
    ipv4: maybeNumber,
    ipv6: maybeNumber,
    use,
    namespace: maybeText,
    pools4: texts,
    pools6: texts,
    handle: maybeText,
    maxBlocks: maybeNumber,
    maxPerHandle: maybeNumber,
  }),
  v.strictObject({
    do: v.literal('assign'),
    as,
    node: maybeText,
    address,
    handle: maybeText,
    use,
    maxPerHandle: maybeNumber,
  }),
  v.strictObject({
    do: v.literal('release'),
    as,
    addresses: v.array(v.strictObject({ address, handle: maybeText, sequence: v.exactOptional(sequence) })),
  }),
  v.strictObject({ do: v.picklist(['release-handle', 'handle']), as, handle: text }),
  v.strictObject({ do: v.literal('inspect'), as, address }),
  v.strictObject({ do: v.literal('claim'), as, node: text, cidr: address }),
  v.strictObject({ do: v.literal('release-affinity'), as, node: text, block: address, mustBeEmpty: maybeFlag }),
  v.strictObject({ do: v.literal('release-node'), as, node: text, mustBeEmpty: maybeFlag }),
  v.strictObject({ do: v.picklist(['blocks', 'allocations']), as }),
  v.strictObject({ do: v.literal('affinities'), as, node: maybeText }),
  v.strictObject({
    do: v.literal('pools'),
    as,
    node: maybeText,
    family: v.exactOptional(v.picklist([4, 6], '4 or 6')),
    namespace: maybeText,
    requested: texts,
  }),
  v.strictObject({ do: v.literal('walk'), as, node: text, pool: text }),
  v.strictObject({ do: v.literal('utilization'), as, pools: texts }),
  v.strictObject({ do: v.literal('apply'), as, objects: v.array(v.unknown()) }),
  v.strictObject({ do: v.literal('delete'), as, kind: text, name: text, namespace: maybeText }),
])
