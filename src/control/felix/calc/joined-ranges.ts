import { type CalicoVersion, usualNftablesMode } from '../../calico-version.ts'
import { wordOf } from '../../settings/felix-parsers.ts'

/**
 * Whether sets of ranges go without those that lie in others: sets of nftables must not overlap, and where Felix might
 * write some it joins ranges, whatever it writes then.
 * @param modes - `nftablesMode` of the environment and of FelixConfigurations, what counts most first
 *
 * @calico felix/calc/calc_graph.go
 */
export function joinsRanges(modes: readonly unknown[], version: CalicoVersion): boolean {
  const given = modes.flatMap((mode) => wordOf(mode, ['Disabled', 'Enabled', 'Auto']) ?? [])
  return (given[0] ?? usualNftablesMode(version)) !== 'Disabled'
}
