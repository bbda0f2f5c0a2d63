import { addressAt, addressCount, hostPrefix, type Prefix, parseCidr, prefixOf } from '../../../wire/index.ts'
import { fieldAt, listAt, type Raw, textAt } from './raw-fields.ts'
import type { StoredObjects } from './stored-objects.ts'

/** A range that a node answers for. */
export interface BlockRoute {
  /** Range. */
  readonly dst: Prefix
  /** Node. */
  readonly node: string
}

const AFFINITY = /^(?:host|virtual):(.*)$/s

/** Who has a block; '' for nobody. */
function ownerOf(spec: unknown): string {
  return AFFINITY.exec(textAt(spec, 'affinity'))?.[1] ?? textAt(spec, 'hostAffinity')
}

/** The node that an allocation is used on; '' where nobody wrote it down. */
function userOf(attribute: unknown): string {
  return textAt(attribute, 'secondary', 'node') || textAt(attribute, 'activeOwnerAttrs', 'node')
}

/** A block by its owner, and by themselves the addresses that other nodes use. @calico libcalico-go/lib/backend/model/block.go */
function routesOf(value: Raw): BlockRoute[] {
  const spec = fieldAt(value, 'spec')
  const cidr = parseCidr(textAt(spec, 'cidr'))
  if (cidr === undefined) return []
  const block = prefixOf(cidr.address, cidr.length)
  const owner = ownerOf(spec)
  const attributes = listAt(spec, 'attributes')
  const routes = new Map<Prefix, string>()
  for (const [slot, index] of listAt(spec, 'allocations').entries()) {
    if (typeof index !== 'number' || slot >= addressCount(block)) continue
    const user = userOf(attributes[index])
    if (user !== '' && user !== owner) routes.set(hostPrefix(addressAt(block, slot)), user)
  }
  if (owner !== '') routes.set(block, owner)
  return [...routes].map(([dst, node]) => ({ dst, node }))
}

/** What the blocks of a datastore say about where addresses live. */
export function blockRoutes(objects: StoredObjects): readonly BlockRoute[] {
  return objects.of('IPAMBlock', 'calico').flatMap(routesOf)
}
