import { freeze } from 'immer'
import { dictionary } from '../dictionary.ts'
import type { Interface } from '../interface.ts'
import type { Namespace, Sysctls } from '../namespace.ts'
import type { Route } from '../route.ts'
import { carried } from './carried.ts'
import { lateMember } from './late.ts'
import { keptIn } from './once.ts'

const outlines = carried<Outline>()

/**
 * What can be said of a namespace without making the parts of it that nobody has looked at. One broadcast in a segment of
 * thousands of nodes asks each of them, and all it asks for is here. Besides, such a namespace answers ARP requests for nobody else: it
 * has no proxy neighbours, only permanent neighbours, and no local routes but the kernel's.
 */
export interface Outline {
  /** An interface by its name; undefined for one that only the namespace itself knows. Those have no IPv4 address. */
  interface(name: string): Interface | undefined
  /** The interfaces it knows. */
  interfaces(): readonly Interface[]
  /** False for an IPv4 address that is on no interface. */
  mayHave(address: string): boolean
  /** Sysctls, without those of interfaces that only the namespace itself knows. */
  readonly sysctls: Sysctls
  /** Routes, without those through interfaces that only the namespace itself knows; absent: nobody knows these apart. */
  knownRoutes?(): readonly Route[]
}

/** What is known of a namespace that was made by {@link lazyNamespace}; undefined for one that is there as a whole. */
export function knownOf(ns: Namespace): Outline | undefined {
  return outlines.of(ns)
}

const shapes = new WeakMap<Namespace, Namespace>()
const NONE: readonly never[] = []

/**
 * What is known of a namespace, as a namespace: the namespace itself, unless it was made by {@link lazyNamespace}. Then these are
 * missing: interfaces without IPv4 address and their sysctls, permanent neighbours, routes.
 */
export function outlineOf(ns: Namespace): Namespace {
  const outline = outlines.of(ns)
  return outline === undefined ? ns : keptIn(shapes, ns, () => shapeOf(ns, outline))
}

function shapeOf({ name, role, origin }: Namespace, outline: Outline): Namespace {
  const interfaces = dictionary<Interface>()
  for (const dev of outline.interfaces()) interfaces[dev.name] = dev
  return {
    name,
    role,
    interfaces,
    routes: NONE,
    rules: NONE,
    neighbours: NONE,
    proxyNeighbours: NONE,
    fdb: NONE,
    sysctls: outline.sysctls,
    ...(origin === undefined ? {} : { origin }),
  }
}

/** An interface of a namespace; one that the outline knows is found without making the others. */
export function interfaceOf(ns: Namespace, name: string): Interface | undefined {
  const known = outlines.of(ns)?.interface(name)
  if (known !== undefined) return known
  return Object.hasOwn(ns.interfaces, name) ? ns.interfaces[name] : undefined
}

/** A member of a namespace besides name and role. */
export type NamespaceMember = Exclude<keyof Namespace, 'name' | 'role'>

/** What a namespace is made from. */
export interface NamespaceSource extends Pick<Namespace, 'name' | 'role'> {
  /** Its members besides name and role, in order. */
  readonly members: readonly NamespaceMember[]
  /** Makes a member; asked at most once for each. */
  make(member: NamespaceMember): unknown
}

/** Members that are dear to make and that only a packet in the namespace, or a person, looks at. */
const LATE: ReadonlySet<NamespaceMember> = new Set(['iptables', 'ip6tables', 'ipsets'])

/**
 * The namespace with these members, all made at once but the rules of its firewall. It is frozen, so that freezing the
 * network does not make them.
 */
export function wholeNamespace(source: NamespaceSource): Namespace {
  const ns: Record<string, unknown> = { name: source.name, role: source.role }
  for (const member of source.members) {
    if (LATE.has(member)) lateMember(ns, member, () => source.make(member))
    else ns[member] = freeze(source.make(member), true)
  }
  return Object.freeze(ns) as unknown as Namespace
}

/**
 * Makes the members of one namespace when they are first read. In a large cluster there are thousands of which nobody reads any: with
 * getters of its own each would cost more than all that is asked of it.
 */
class LateMembers implements ProxyHandler<Record<string, unknown>> {
  private readonly source: NamespaceSource

  constructor(source: NamespaceSource) {
    this.source = source
  }

  private isMember(key: string | symbol): key is keyof Namespace {
    return key === 'name' || key === 'role' || this.source.members.includes(key as NamespaceMember)
  }

  get(made: Record<string, unknown>, key: string | symbol): unknown {
    const known: unknown = Reflect.get(made, key)
    if (known !== undefined || !this.isMember(key)) return known
    const { source } = this
    const fresh = key === 'name' || key === 'role' ? source[key] : freeze(source.make(key), true)
    made[key] = fresh
    return fresh
  }

  has(made: Record<string, unknown>, key: string | symbol): boolean {
    return this.isMember(key) || Reflect.has(made, key)
  }

  ownKeys(): string[] {
    return ['name', 'role', ...this.source.members]
  }

  getOwnPropertyDescriptor(made: Record<string, unknown>, key: string | symbol): PropertyDescriptor | undefined {
    if (!this.isMember(key) || Object.hasOwn(made, key)) return Reflect.getOwnPropertyDescriptor(made, key)
    // Not the value itself: listing the keys must not make all of them.
    return { configurable: true, enumerable: true, get: () => this.get(made, key) }
  }

  preventExtensions(made: Record<string, unknown>): boolean {
    for (const key of this.ownKeys()) this.get(made, key)
    return Reflect.preventExtensions(made)
  }

  set(): boolean {
    return false
  }

  deleteProperty(): boolean {
    return false
  }
}

/** A namespace of which only the outline exists; each member is made when it is first read. */
export function lazyNamespace(source: NamespaceSource, outline: Outline): Namespace {
  const ns = new Proxy<Record<string, unknown>>({}, new LateMembers(source)) as unknown as Namespace
  outlines.give(ns, outline)
  return ns
}

/** Members that make up the firewall of a namespace. */
export type FirewallMembers = { readonly [K in 'iptables' | 'ip6tables' | 'ipsets']?: () => Namespace[K] }

/** The same namespace with another firewall, made when it is read. Nothing of the namespace is read or made. */
export function withFirewall(ns: Namespace, members: FirewallMembers): Namespace {
  return withMembers(ns, members)
}

/** Members of a namespace, each made when it is read. */
export type LateNamespace = { readonly [K in NamespaceMember]?: () => Namespace[K] }

/** The same namespace with some members made anew when they are read. Nothing of the namespace is read or made. */
export function withMembers(ns: Namespace, members: LateNamespace): Namespace {
  const copy: Record<string, unknown> = {}
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(ns)))
    if (!Object.hasOwn(members, key)) Object.defineProperty(copy, key, property)
  for (const [key, make] of Object.entries(members)) lateMember(copy, key, make)
  const made = copy as unknown as Namespace
  const outline = outlines.of(ns)
  if (outline !== undefined) outlines.give(made, outline)
  return Object.isFrozen(ns) ? Object.freeze(made) : made
}
