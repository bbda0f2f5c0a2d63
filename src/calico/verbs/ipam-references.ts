import { blockRangeOf, type IpamStore, rangeText } from '../../control/index.ts'
import { InputError } from '../../model/index.ts'
import { contains, hostPrefix, type Ip, type Prefix, parseIp } from '../../wire/index.ts'
import type { SequenceReference, StepAddress, StepReference } from './ipam-steps.ts'

/** What later steps may ask of a step with a name. */
export interface NamedStep {
  /** All addresses that it got, or the one that it was about. */
  readonly addresses: readonly Ip[]
  /** The block of the first one. */
  readonly block?: Prefix
  /** The number that `inspect` found. */
  readonly sequence?: bigint
}

/** A fault of a request at one of its fields. */
export function requestFault(field: string, expected: string, received: string): InputError {
  return new InputError([{ kind: 'invalid', file: '', path: [field], expected, received }])
}

function named(names: ReadonlyMap<string, NamedStep>, { of }: StepReference): NamedStep {
  const step = names.get(of)
  if (step === undefined) throw requestFault('of', 'the name of an earlier step', of)
  return step
}

/** The addresses that a field means. */
export function addressesMeant(names: ReadonlyMap<string, NamedStep>, meant: StepAddress): readonly Ip[] {
  if (typeof meant !== 'string') return named(names, meant).addresses
  const slash = meant.indexOf('/')
  const address = parseIp(slash < 0 ? meant : meant.slice(0, slash))
  if (address === undefined) throw requestFault('address', 'an address', meant)
  return [address]
}

/** The range that a field means: a range as written, or the block of a step's first address. */
export function rangeMeant(names: ReadonlyMap<string, NamedStep>, meant: StepAddress): Prefix | undefined {
  if (typeof meant !== 'string') return named(names, meant).block
  const address = parseIp(meant)
  const range = address === undefined ? rangeText(meant) : hostPrefix(address)
  if (range === undefined) throw requestFault('cidr', 'a network', meant)
  return range
}

/** The number that a field means. */
export function sequenceMeant(
  names: ReadonlyMap<string, NamedStep>,
  meant: number | SequenceReference | undefined,
): bigint | undefined {
  if (meant === undefined) return undefined
  if (typeof meant === 'number') return BigInt(meant)
  const { sequence } = named(names, meant)
  return sequence === undefined ? undefined : sequence + BigInt(meant.plus ?? 0)
}

/** What is remembered of a step that got, or was about, addresses. */
export function rememberedOf(store: IpamStore, addresses: readonly Ip[], sequence?: bigint): NamedStep {
  const [first] = addresses
  const block = first === undefined ? undefined : blockMeant(store, first)
  return { addresses, ...(block === undefined ? {} : { block }), ...(sequence === undefined ? {} : { sequence }) }
}

/** The block an address lies in, or would lie in. */
function blockMeant(store: IpamStore, address: Ip): Prefix | undefined {
  for (const cidr of store.blocks.keys()) if (contains(cidr, address)) return cidr
  const pool = store.pools.find(({ cidr }) => contains(cidr, address))
  return pool && blockRangeOf(pool, address)
}
