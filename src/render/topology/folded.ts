import type { TopologyMachine, TopologyView } from '../../topology/index.ts'

/** Machines of a segment: some of them, and how many are like them. */
export interface Folded {
  /** Those that are shown. */
  readonly shown: readonly TopologyMachine[]
  /** Nodes that are not; undefined when all are shown. */
  readonly more?: MoreNodes
}

/** Nodes that are not shown one by one. */
export interface MoreNodes {
  /** How many. */
  readonly count: number
  /** Pods on them. */
  readonly pods: number
  /** The first of them. */
  readonly first: TopologyMachine
  /** The last of them. */
  readonly last: TopologyMachine
}

/** Nodes beyond so many are told as one, route reflectors last; other machines always stand for themselves. */
export function folded(machines: readonly TopologyMachine[], most: number): Folded {
  const nodes = machines.filter(({ kind }) => kind === 'node')
  if (nodes.length <= most) return { shown: machines }
  const ranked = [...nodes].sort((a, b) => Number(a.reflector === undefined) - Number(b.reflector === undefined))
  const kept = new Set(ranked.slice(0, Math.max(most - 1, 1)))
  const hidden = nodes.filter((node) => !kept.has(node))
  const [first, last] = [hidden[0], hidden.at(-1)]
  if (first === undefined || last === undefined) return { shown: machines }
  const gone = new Set(hidden)
  const pods = hidden.reduce((sum, { podCount }) => sum + podCount, 0)
  return {
    shown: machines.filter((machine) => !gone.has(machine)),
    more: { count: hidden.length, pods, first, last },
  }
}

/** The machines on a segment, nodes first, each once. */
export function machinesOn(topology: TopologyView, segment: string): readonly TopologyMachine[] {
  return topology.machines.filter(({ interfaces }) => interfaces.some((one) => one.segment === segment))
}
