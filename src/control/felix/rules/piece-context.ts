import type { Family } from '../../../wire/index.ts'
import type { VersionTraits } from '../../calico-version.ts'
import type { FelixSettings } from '../../settings/settings.ts'
import type { RuleContext } from './context.ts'
import type { Marks } from './marks.ts'

/** Bits of the mark that somebody chose; those left out are Felix' own. */
export type ChosenMarks = Partial<Pick<Marks, 'accept' | 'pass' | 'scratch0' | 'scratch1' | 'drop'>>

/** What pieces of a node's rules are made with, where there is no node. */
export interface PieceSettings {
  /** Family. */
  readonly family: Family
  /** Settings of Felix. */
  readonly felix: FelixSettings
  /** What the release does. */
  readonly traits: VersionTraits
  /** Bits of the mark. */
  readonly marks?: ChosenMarks
  /** How names of pods' interfaces begin. */
  readonly interfacePrefix?: string
  /** Policies with equal selectors share a chain, where the release knows that. */
  readonly policyGroups?: boolean
  /** Ports of translated packets are chosen at random. */
  readonly randomFully?: boolean
}

function marksWith(own: Marks, { drop, ...chosen }: ChosenMarks, hasDrop: boolean): Marks {
  const marks = { ...own, ...chosen, ...(drop !== undefined && hasDrop ? { drop } : {}) }
  const { accept, pass, scratch0, scratch1 } = marks
  return { ...marks, all: (accept | pass | scratch0 | scratch1) >>> 0 }
}

/** What makers of rules take, for a node without tunnels, Services and pools. */
export function pieceContext(settings: PieceSettings): RuleContext {
  const { family, felix, traits, marks = {}, interfacePrefix = 'cali', policyGroups = true, randomFully } = settings
  return {
    family,
    marks: marksWith(felix.marks, marks, traits.dropMark),
    traits: policyGroups ? traits : { ...traits, policyGroups: false },
    settings: felix.rules,
    interfacePrefix,
    vxlanPort: felix.vxlanPort,
    wireguardPort: family === 4 ? felix.wireguardPort : felix.wireguardPortV6,
    enabled: [],
    addressed: [],
    wireguardHostEncryption: false,
    serviceRanges: [],
    floatingIps: felix.floatingIps,
    randomFully: randomFully ?? false,
  }
}
