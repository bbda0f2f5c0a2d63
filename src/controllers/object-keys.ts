import type { KnownResource, Metadata, OtherResource } from '../control/index.ts'

/** An object of any kind. */
export type AnyObject = KnownResource | OtherResource

/** What an owner is called among the objects it is named by: kind, namespace and name. */
export function ownerKey(kind: string, namespace: string | undefined, name: string): string {
  return `${kind} ${namespace ?? 'default'}/${name}`
}

const keys = new WeakMap<object, string>()

/** How an object is called by those it owns. */
export function keyOf(one: { readonly kind: string; readonly metadata: Metadata }): string {
  const known = keys.get(one)
  if (known !== undefined) return known
  const key = ownerKey(one.kind, one.metadata.namespace, one.metadata.name)
  keys.set(one, key)
  return key
}

const makers = new WeakMap<object, string>()

/** The owner that made an object; undefined where nobody did. */
export function madeBy(one: { readonly metadata: Metadata }): string | undefined {
  const { ownerReferences, namespace } = one.metadata
  const [first, ...others] = ownerReferences ?? []
  if (first === undefined) return undefined
  const known = makers.get(one)
  if (known !== undefined) return known
  const owner = first.controller === false ? (others.find(({ controller }) => controller === true) ?? first) : first
  const key = ownerKey(owner.kind, namespace, owner.name)
  makers.set(one, key)
  return key
}

const nodes = new Map<string, string>()
/** Names of nodes whose keys are kept; a cluster has no more. */
const MOST_NODES = 20_000

/** How a node is called by those it owns: asked for of every pod. */
export function nodeKey(name: string): string {
  const known = nodes.get(name)
  if (known !== undefined) return known
  if (nodes.size > MOST_NODES) nodes.clear()
  const key = ownerKey('Node', undefined, name)
  nodes.set(name, key)
  return key
}
