import type { Cable, CableEnd } from './cable.ts'
import type { Interface } from './interface.ts'

/** One Ethernet: interfaces that hear each other's broadcasts. */
export interface Segment {
  /** Name: its first bridge as `netns/bridge`, else its first interface. */
  readonly name: string
  /** Interfaces that send and receive for a namespace: wire ends that are no bridge port, and bridges. */
  readonly stations: readonly CableEnd[]
  /** Bridge ports. */
  readonly ports: readonly CableEnd[]
}

/** What of a network decides which interfaces hear each other. */
export interface Cabling {
  /** Namespaces by name. */
  readonly namespaces: Readonly<Record<string, CabledMachine>>
  /** Wires. */
  readonly wires: readonly Cable[]
}

/** What of a namespace decides which interfaces hear each other. */
export interface CabledMachine {
  /** Name. */
  readonly name: string
  /** Interfaces by name. */
  readonly interfaces: Readonly<Record<string, Pick<Interface, 'name' | 'kind' | 'master'>>>
}

const key = (end: CableEnd): string => `${end.netns}\n${end.dev}`

/**
 * The Ethernet segments of a network: wires and bridges joined. Tunnels are no segments; an interface that is neither on
 * a wire nor in a bridge is on none.
 */
export function segmentsOf(network: Cabling): Segment[] {
  const ends = new Map<string, CableEnd>()
  const parent = new Map<string, string>()
  const add = (end: CableEnd): string => {
    const id = key(end)
    if (!parent.has(id)) {
      parent.set(id, id)
      ends.set(id, end)
    }
    return id
  }
  const find = (id: string): string => {
    let root = id
    while (parent.get(root) !== root) root = parent.get(root)!
    let at = id
    while (at !== root) {
      const next = parent.get(at)!
      parent.set(at, root)
      at = next
    }
    return root
  }
  const join = (a: string, b: string): void => void parent.set(find(a), find(b))
  for (const { ends: pair } of network.wires) join(add(pair[0]), add(pair[1]))
  const ports = new Set<string>()
  const bridges = new Set<string>()
  for (const ns of Object.values(network.namespaces)) {
    for (const link of Object.values(ns.interfaces)) {
      const id = { netns: ns.name, dev: link.name }
      if (link.kind === 'bridge') bridges.add(add(id))
      if (link.master === undefined) continue
      join(add(id), add({ netns: ns.name, dev: link.master }))
      ports.add(key(id))
    }
  }
  const groups = new Map<string, string[]>()
  for (const id of parent.keys()) {
    const root = find(id)
    groups.get(root)?.push(id) ?? groups.set(root, [id])
  }
  return [...groups.values()].map((members) => {
    const first = ends.get(members.find((id) => bridges.has(id)) ?? members[0]!)!
    return {
      name: `${first.netns}/${first.dev}`,
      stations: members.filter((id) => !ports.has(id)).map((id) => ends.get(id)!),
      ports: members.filter((id) => ports.has(id)).map((id) => ends.get(id)!),
    }
  })
}
