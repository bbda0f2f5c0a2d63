import type { Cluster } from '../../control/index.ts'
import { type Contrast, told } from '../objects/compared.ts'
import type { ComparedNode } from '../objects/differences.ts'
import { type Absence, absences } from './agents.ts'
import { chainContrasts } from './chains.ts'
import { linkGuess, vtepGuess } from './device-guess.ts'
import { otherRelease } from './era.ts'
import type { DriftFinding, Guess } from './finding.ts'
import { withForeignRoutes } from './foreign-routes.ts'
import { routeGuess } from './route-guess.ts'
import { type Scene, sceneOf } from './scene.ts'
import { chainGuess, ruleGuess, setGuess } from './setting-guess.ts'
import { wordsOf } from './words.ts'

/**
 * What dumped nodes hold otherwise than Calico would have written it, by what likely caused it: first what whole machines tell (another
 * release, an agent that does not run), then entry by entry.
 */
export function drift(cluster: Cluster, nodes: readonly ComparedNode[]): DriftFinding[] {
  return nodes.flatMap((node) => driftOf(sceneOf(cluster, node)))
}

function driftOf(scene: Scene): DriftFinding[] {
  const release = otherRelease(scene)
  const contrasts = [...withForeignRoutes(scene), ...chainContrasts(scene.cluster, scene)]
  const ofRelease = release === undefined ? [] : contrasts.filter(release.explains)
  const explained = new Set(ofRelease)
  const others = contrasts.filter((one) => !explained.has(one))
  const gone = absences(scene, others)
  const groups = new Map<string, Group>()
  if (release !== undefined) add(groups, release.guess, ofRelease)
  for (const one of others) {
    add(groups, firstOf(gone, one) ?? guessOf(scene, one), [one])
  }
  return [...groups.values()].map((group) => findingOf(scene, group))
}

function firstOf(gone: readonly Absence[], one: Contrast): Guess | undefined {
  for (const absence of gone) {
    const guess = absence(one)
    if (guess !== undefined) return guess
  }
  return undefined
}

interface Group {
  readonly guess: Guess
  readonly seen: Set<string>
  readonly contrasts: Contrast[]
}

function add(groups: Map<string, Group>, guess: Guess, contrasts: readonly Contrast[]): void {
  const key = `${guess.cause} ${guess.subject ?? ''}`
  const group = groups.get(key) ?? { guess, seen: new Set(), contrasts: [] }
  if (guess.seen !== undefined) group.seen.add(guess.seen)
  group.contrasts.push(...contrasts)
  groups.set(key, group)
}

function guessOf(scene: Scene, one: Contrast): Guess {
  switch (one.table) {
    case 'route':
      return routeGuess(scene, one)
    case 'rule':
      return ruleGuess(one)
    case 'link':
      return linkGuess(scene, one)
    case 'neighbour':
    case 'fdb':
      return vtepGuess(scene, one)
    case 'sysctl':
      return { cause: 'sysctl_edited' }
    case 'ipset':
      return setGuess(one)
    case 'chain':
      return chainGuess(scene, one)
  }
}

/** Sentences of one finding about single entries, at most. */
const MOST_SEEN = 3

function findingOf({ netns }: Scene, { guess: { cause, subject }, seen, contrasts }: Group): DriftFinding {
  const { meaning, because, checks } = wordsOf(cause, netns, subject, contrasts)
  const shown = [...seen].slice(0, MOST_SEEN)
  const more = seen.size - shown.length
  const facts = [...shown, ...(more > 0 ? [`${more} more`] : [])].join('; ')
  return {
    node: netns,
    cause,
    ...(subject === undefined ? {} : { subject }),
    meaning,
    because: facts === '' ? because : `${facts}. ${because}`,
    checks,
    differences: contrasts.map(told),
  }
}
