import type { PodResource, Resources } from '../control/index.ts'
import { keptIn, textHash } from '../model/index.ts'
import type { ProgramState } from './follower-state.ts'

const homes = new WeakMap<Resources['pods'], readonly string[]>()

/** Nodes on which a Typha runs, by the pods of its Deployment. */
export function typhasIn({ pods }: Pick<Resources, 'pods'>): readonly string[] {
  return keptIn(homes, pods, () => [...new Set(pods.filter(isTypha).flatMap(({ spec }) => spec.nodeName ?? []))])
}

function isTypha({ metadata, status }: PodResource): boolean {
  const { phase = 'Running' } = status ?? {}
  return metadata.labels?.['k8s-app'] === 'calico-typha' && phase === 'Running'
}

/** The Typha by which a node hears. */
export interface TyphaOfNode {
  /** The node where it runs; absent where none does that anybody knows of. */
  readonly home?: string
  readonly state: ProgramState
}

/**
 * The Typha by which a node hears: the one beside it, or else one that is drawn for it. A connection stays as long as that Typha is
 * up, though it be cut off from the datastore; who loses his finds another.
 *
 * @calico typha/pkg/discovery/discovery.go
 *
 * @param node - empty = the nodes that move as one: these hear as long as anybody does, since a node whose Typha is cut off is followed by itself
 */
export function typhaOf(node: string, all: readonly string[], stateIn: (home: string) => ProgramState): TyphaOfNode {
  const up = all.filter((home) => stateIn(home) !== 'stopped' && stateIn(home) !== 'killed')
  const [first] = up
  if (first === undefined) return { state: 'stopped' }
  const lot = (home: string): number => textHash(`${node} by ${home}`)
  const best = (a: string, b: string): string => (lot(b) > lot(a) ? b : a)
  const wanted = node === '' ? up.find((home) => stateIn(home) === 'running') : up.find((home) => home === node)
  const home = wanted ?? up.reduce(best)
  return { home, state: stateIn(home) }
}
