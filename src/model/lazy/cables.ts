import { freeze } from 'immer'
import type { Cable } from '../cable.ts'
import { lateList, viewList } from './list.ts'
import { keptIn } from './once.ts'

/** The cables of a namespace, in the order of the list they are in. */
export type CablesOf = (netns: string) => readonly Cable[]

const known = new WeakMap<readonly Cable[], CablesOf>()

/**
 * A list of cables that are made when they are read. Those of one namespace are found without the others: a large cluster has a
 * cable a pod, and packets cross a few.
 *
 * @param make - makes the cable of an index; asked once an index
 * @param find - finds the cables of a namespace, in order, in the list that is made
 */
export function lateCables(
  length: number,
  make: (index: number) => Cable,
  find: (netns: string, cables: readonly Cable[]) => readonly Cable[],
): readonly Cable[] {
  return foundCables(
    lateList(length, (index) => freeze(make(index), true)),
    find,
  )
}

/** The same of cables that somebody else keeps. @param at - the cable of an index; the very same whenever it is asked for */
export function viewCables(
  length: number,
  at: (index: number) => Cable,
  find: (netns: string, cables: readonly Cable[]) => readonly Cable[],
): readonly Cable[] {
  return foundCables(
    viewList(length, (index) => freeze(at(index), true)),
    find,
  )
}

function foundCables(
  cables: readonly Cable[],
  find: (netns: string, cables: readonly Cable[]) => readonly Cable[],
): readonly Cable[] {
  const found = new Map<string, readonly Cable[]>()
  known.set(cables, (netns) => keptIn(found, netns, () => find(netns, cables)))
  return cables
}

/** Finds cables by namespace. Lists of cables are immutable: each is sorted once. */
export function cablesIn(cables: readonly Cable[]): CablesOf {
  return keptIn(known, cables, sorted)
}

const NONE: readonly Cable[] = []

function sorted(cables: readonly Cable[]): CablesOf {
  // Most namespaces have one cable: it is kept without a list.
  const byNetns = new Map<string, Cable | Cable[]>()
  const add = (netns: string, cable: Cable): void => {
    const before = byNetns.get(netns)
    if (before === undefined) byNetns.set(netns, cable)
    else if (Array.isArray(before)) before.push(cable)
    else byNetns.set(netns, [before, cable])
  }
  for (const cable of cables) {
    const [a, b] = cable.ends
    add(a.netns, cable)
    if (b.netns !== a.netns) add(b.netns, cable)
  }
  return (netns) => {
    const own = byNetns.get(netns)
    return own === undefined ? NONE : Array.isArray(own) ? own : [own]
  }
}
