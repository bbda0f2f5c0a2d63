import type { EncapMode } from '../../calico-kinds.ts'
import type { Pool } from '../../ipam/pool.ts'
import type { FelixSettings } from '../../settings/settings.ts'

/** Encapsulations that Felix considers in use: their devices and rules are there. */
export interface Encapsulation {
  /** IPIP. */
  readonly ipip: boolean
  /** VXLAN over IPv4. */
  readonly vxlan: boolean
  /** VXLAN over IPv6. */
  readonly vxlan6: boolean
}

/** Pools whose routes between nodes Felix writes itself, and there are some. */
export interface ProgrammedPools {
  /** Those with IPIP. */
  readonly ipip: boolean
  /** Those without encapsulation. */
  readonly noEncap: boolean
}

/** What a pool asks for: all of them count, disabled ones too. */
type PoolModes = Pick<Pool, 'family' | 'ipip' | 'vxlan'>

function asksFor(mode: EncapMode): boolean {
  return mode !== 'Never'
}

/**
 * What pools ask for, where no setting says otherwise; no setting decides about IPv6.
 *
 * @calico felix/calc/encapsulation_resolver.go
 */
export function encapsulationOf(
  pools: readonly PoolModes[],
  { ipipEnabled, vxlanEnabled }: Pick<FelixSettings, 'ipipEnabled' | 'vxlanEnabled'>,
): Encapsulation {
  const vxlan = (family: number): boolean => pools.some((pool) => asksFor(pool.vxlan) && pool.family === family)
  return {
    ipip: ipipEnabled ?? pools.some((pool) => asksFor(pool.ipip)),
    vxlan: vxlanEnabled ?? vxlan(4),
    vxlan6: vxlan(6),
  }
}

/** Which routes between nodes are Felix' own. @calico felix/calc/calc_graph.go */
export function programmedPools(
  pools: readonly PoolModes[],
  settings: Pick<FelixSettings, 'ipipEnabled' | 'vxlanEnabled' | 'ownsIpip' | 'ownsNoEncap'>,
): ProgrammedPools {
  return {
    ipip: settings.ownsIpip && encapsulationOf(pools, settings).ipip && pools.some((pool) => asksFor(pool.ipip)),
    noEncap: settings.ownsNoEncap && pools.some((pool) => !asksFor(pool.ipip) && !asksFor(pool.vxlan)),
  }
}
