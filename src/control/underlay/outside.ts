import type { Origin, Route } from '../../model/index.ts'
import { containsPrefix, type Family, familyOf, type Prefix } from '../../wire/index.ts'

/** A range the internet does not have. */
export interface OwnedRange {
  /** Range. */
  readonly prefix: Prefix
  /** Whose it is. */
  readonly origin: Origin
}

/** Ranges that nobody reaches by way of the internet, and where that is laid down. */
const SPECIAL: readonly (readonly [prefix: string, words: string])[] = [
  ['0.0.0.0/8', 'this network, RFC 791'],
  ['10.0.0.0/8', 'private, RFC 1918'],
  ['100.64.0.0/10', 'shared by providers, RFC 6598'],
  ['169.254.0.0/16', 'link-local, RFC 3927'],
  ['172.16.0.0/12', 'private, RFC 1918'],
  ['192.0.0.0/24', 'protocol assignments, RFC 6890'],
  ['192.0.2.0/24', 'documentation, RFC 5737'],
  ['192.168.0.0/16', 'private, RFC 1918'],
  ['198.18.0.0/15', 'benchmarks, RFC 2544'],
  ['198.51.100.0/24', 'documentation, RFC 5737'],
  ['203.0.113.0/24', 'documentation, RFC 5737'],
  ['240.0.0.0/4', 'reserved, RFC 1112'],
  ['100::/64', 'discarded, RFC 6666'],
  ['2001:db8::/32', 'documentation, RFC 3849'],
  ['3fff::/20', 'documentation, RFC 9637'],
  ['fc00::/7', 'unique local, RFC 4193'],
]

/**
 * Routes of the assumed router for what the internet cannot have: special ranges, and ranges of the cluster. Its own segments
 * are longer, or hold the range whole and ask for the address themselves.
 */
export function nowhereRoutes(
  family: Family,
  segments: readonly Prefix[],
  owned: readonly OwnedRange[],
): readonly Route[] {
  const ranges = new Map<Prefix, Origin>()
  for (const [prefix, note] of SPECIAL) ranges.set(prefix as Prefix, { component: 'underlay', note, assumed: true })
  for (const { prefix, origin } of owned) ranges.set(prefix, origin)
  const common = { type: 'blackhole', table: 'main', protocol: 'static', scope: 'global' } as const
  return [...ranges]
    .filter(([prefix]) => familyOf(prefix) === family && !segments.some((net) => containsPrefix(net, prefix)))
    .map(
      ([dst, origin]): Route =>
        family === 4
          ? { family: 'inet', dst, ...common, origin }
          : { family: 'inet6', dst, ...common, dev: 'lo', metric: 1024, pref: 'medium', origin },
    )
}
