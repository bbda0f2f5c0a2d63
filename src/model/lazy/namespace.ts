import { freeze } from 'immer'
import type { Interface } from '../interface.ts'
import type { Namespace } from '../namespace.ts'
import { lateMember } from './late.ts'

const outlines = new WeakMap<Namespace, Namespace>()

/**
 * What can be said of a namespace without making the parts of it that nobody has looked at: the namespace itself, unless it
 * was made by {@link lazyNamespace}. One broadcast in a segment of thousands of nodes asks each of them, and all it
 * asks for is here.
 */
export function outlineOf(ns: Namespace): Namespace {
  return outlines.get(ns) ?? ns
}

/** An interface of a namespace; one that the outline knows is found without making the others. */
export function interfaceOf(ns: Namespace, name: string): Interface | undefined {
  const known = outlineOf(ns).interfaces
  if (Object.hasOwn(known, name)) return known[name]
  return Object.hasOwn(ns.interfaces, name) ? ns.interfaces[name] : undefined
}

/** The members of a namespace besides name and role, each as what makes it. */
export type NamespaceMembers = { readonly [K in keyof Namespace as Exclude<K, 'name' | 'role'>]: () => Namespace[K] }

/** Members that are dear to make and that only a packet in the namespace, or a person, looks at. */
const LATE: ReadonlySet<string> = new Set<keyof NamespaceMembers>(['iptables', 'ip6tables', 'ipsets'])

/**
 * The namespace with these members, all made at once but the rules of its firewall. It is frozen, so that freezing the
 * network does not make them.
 */
export function wholeNamespace({ name, role }: Pick<Namespace, 'name' | 'role'>, members: NamespaceMembers): Namespace {
  const ns: Record<string, unknown> = { name, role }
  for (const [key, make] of Object.entries(members)) {
    if (LATE.has(key)) lateMember(ns, key, make)
    else ns[key] = freeze(make(), true)
  }
  return Object.freeze(ns) as unknown as Namespace
}

/**
 * A namespace of which only the outline exists; each other member is made when it is first read.
 *
 * @param outline - as the whole, but these may be missing: interfaces without IPv4 address and their sysctls, permanent
 *   neighbours, routes
 * @param members - makes the members, each at most once
 */
export function lazyNamespace(outline: Namespace, members: NamespaceMembers): Namespace {
  const ns = { name: outline.name, role: outline.role }
  for (const [key, make] of Object.entries(members)) lateMember(ns, key, make)
  outlines.set(ns as Namespace, outline)
  return ns as Namespace
}

/** Members that make up the firewall of a namespace. */
export type FirewallMembers = { readonly [K in 'iptables' | 'ip6tables' | 'ipsets']?: () => Namespace[K] }

/** The same namespace with another firewall, made when it is read. Nothing of the namespace is read or made. */
export function withFirewall(ns: Namespace, members: FirewallMembers): Namespace {
  const copy: Record<string, unknown> = {}
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(ns)))
    if (!Object.hasOwn(members, key)) Object.defineProperty(copy, key, property)
  for (const [key, make] of Object.entries(members)) lateMember(copy, key, make)
  const made = copy as unknown as Namespace
  const outline = outlines.get(ns)
  if (outline !== undefined) outlines.set(made, outline)
  return Object.isFrozen(ns) ? Object.freeze(made) : made
}
