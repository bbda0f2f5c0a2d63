import {
  isLazy,
  lazyCount,
  lazyRecord,
  markLazy,
  type Namespace,
  Network,
  namesIn,
  withReplaced,
} from '../model/index.ts'
import { isWrittenFrom, type Parts } from './follower-state.ts'
import { nodeNamespace } from './node-of.ts'
import type { Revision } from './revision.ts'
import type { RunningState } from './running-state.ts'

/** A namespace that was put together, and of what. */
interface Known {
  readonly parts: Parts
  readonly newest: Revision
  readonly namespace: Namespace | undefined
}

/** Puts the network together of what programs have written on each node. What did not change is the same object as before. */
export class Composer {
  private readonly known = new Map<string, Known>()
  private cohort: {
    readonly parts: Parts
    readonly newest: Revision
    readonly namespaces: Network['namespaces']
  } | null = null

  /** The network at a moment, without what users changed by hand. */
  network(state: RunningState): Network {
    const { newest } = state
    const { network } = newest.cluster
    const changes = new Map<string, Namespace | undefined>()
    const base = this.base(state)
    for (const [name, node] of state.nodes) {
      if (base === network.namespaces && isWrittenFrom(node, newest)) {
        this.known.delete(name)
        continue
      }
      const namespace = this.namespace(state, name)
      if (namespace !== undefined) changes.set(name, namespace)
    }
    if (changes.size === 0 && base === network.namespaces) return network
    return new Network({ namespaces: withReplaced(base, changes), wires: network.wires, shared: network.shared })
  }

  /** The namespace of a node that is followed by itself; undefined when it is gone. */
  private namespace({ nodes, newest }: RunningState, name: string): Namespace | undefined {
    const node = nodes.get(name)!
    const known = this.known.get(name)
    if (known?.parts === node.parts && known.newest === newest) return known.namespace
    const namespace = nodeNamespace(name, node, newest)
    this.known.set(name, { parts: node.parts, newest, namespace })
    return namespace
  }

  /** All namespaces, nodes as those are that nobody looks at. */
  private base({ newest, cohort, nodes }: RunningState): Network['namespaces'] {
    const { namespaces } = newest.cluster.network
    if (!isLazy(namespaces) || isWrittenFrom(cohort, newest)) return namespaces
    if (this.cohort?.parts === cohort.parts && this.cohort.newest === newest) return this.cohort.namespaces
    const names = new Set(newest.cluster.nodes.map(({ name }) => name))
    const make = (name: string): Namespace =>
      names.has(name) && !nodes.has(name) ? nodeNamespace(name, cohort, newest)! : namespaces[name]!
    const made = lazyRecord(
      () => namesIn(namespaces),
      (name) => Object.hasOwn(namespaces, name),
      make,
    )
    markLazy(made, lazyCount(namespaces), () => namesIn(namespaces))
    this.cohort = { parts: cohort.parts, newest, namespaces: made }
    return made
  }
}
