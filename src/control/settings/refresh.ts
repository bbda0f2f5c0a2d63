import { type CalicoVersion, looksSeldom } from '../calico-version.ts'
import { durationOf } from './duration.ts'
import { numberOf } from './felix-values.ts'

/** How often Felix looks again at what it wrote, in milliseconds; 0 = never. */
export interface FelixRefresh {
  /** Routes, policy rules, neighbours and forwarding entries. */
  readonly routes: number
  /** Sets. */
  readonly ipsets: number
  /** Chains. */
  readonly iptables: number
  /** Chains after it wrote some: then, and each time after twice as long. */
  readonly postWrite: number
}

/** @calico felix/config/config_params.go; in variables seconds, in objects a duration */
export function felixRefresh(read: (field: string) => unknown, version: CalicoVersion): FelixRefresh {
  const interval = (field: string, usual: number): number => {
    const value = read(field)
    const seconds = numberOf(value)
    return seconds === undefined ? (durationOf(value) ?? usual) : seconds * 1_000
  }
  const isSeldom = looksSeldom(version)
  return {
    routes: interval('routeRefreshInterval', 90_000),
    ipsets: interval('ipsetsRefreshInterval', isSeldom ? 90_000 : 10_000),
    iptables: interval('iptablesRefreshInterval', isSeldom ? 180_000 : 90_000),
    postWrite: interval('iptablesPostWriteCheckInterval', 1_000),
  }
}
