import type { Metadata } from './resource.ts'

/** FNV-1a. @see http://www.isthe.com/chongo/tech/comp/fnv/ */
const PRIME = 0x0100_0193
const BASIS = 0x811c_9dc5

function hashOf(text: string, start: number): number {
  let hash = start
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME)
  return hash
}

type Name = Pick<Metadata, 'namespace' | 'name'>

/**
 * Finds pods by `namespace/name`: a hash table of places in a list, as that of a large cluster would take as much memory for the
 * texts as for all else. Of pods that are called the same the last one is found.
 */
export class PodNames {
  private readonly nameOf: (place: number) => Name
  /** Places, one up; 0 = free. Its length is a power of two. */
  private readonly table: Int32Array
  private readonly starts = new Map<string, number>()

  /** @param nameOf - the name of the pod at a place */
  constructor(length: number, nameOf: (place: number) => Name) {
    this.nameOf = nameOf
    this.table = new Int32Array(2 ** Math.ceil(Math.log2(2 * length + 2)))
    for (let place = 0; place < length; place++) this.add(place)
  }

  private add(place: number): void {
    const { namespace = 'default', name } = this.nameOf(place)
    let start = this.starts.get(namespace)
    if (start === undefined) {
      start = hashOf('/', hashOf(namespace, BASIS))
      this.starts.set(namespace, start)
    }
    this.table[this.slotOf(hashOf(name, start), (other) => isCalled(other, namespace, name))] = place + 1
  }

  /** The place of the pod that is called so (`namespace/name`); -1 where there is none. */
  placeOf(netns: string): number {
    return this.table[this.slotOf(hashOf(netns, BASIS), (other) => isWritten(other, netns))]! - 1
  }

  /** The slot of a name: its own, else the first free one behind its hash. */
  private slotOf(hash: number, isIt: (other: Name) => boolean): number {
    const mask = this.table.length - 1
    let slot = (hash ^ (hash >>> 15)) & mask
    for (let known = this.table[slot]!; known !== 0; known = this.table[slot]!) {
      if (isIt(this.nameOf(known - 1))) break
      slot = (slot + 1) & mask
    }
    return slot
  }
}

/** By what is written: a name that no API server takes may hold a `/`. */
function isCalled({ namespace: ns = 'default', name: called }: Name, namespace: string, name: string): boolean {
  if (called === name) return ns === namespace
  return called.length + ns.length === name.length + namespace.length && `${ns}/${called}` === `${namespace}/${name}`
}

function isWritten({ namespace = 'default', name }: Name, netns: string): boolean {
  return (
    netns.length === namespace.length + 1 + name.length &&
    netns.endsWith(name) &&
    netns[namespace.length] === '/' &&
    netns.startsWith(namespace)
  )
}
