import type { FelixSettings } from '../../settings/settings.ts'
import type { FelixPool } from './felix-pool.ts'

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

/** What pools ask for: all of them count, disabled ones too. */
type PoolModes = Pick<FelixPool, 'family' | 'ipip' | 'vxlan'>

/**
 * What pools ask for, where no setting says otherwise; no setting decides about IPv6.
 *
 * @calico felix/calc/encapsulation_resolver.go
 */
export function encapsulationOf(
  pools: readonly PoolModes[],
  { ipipEnabled, vxlanEnabled }: Pick<FelixSettings, 'ipipEnabled' | 'vxlanEnabled'>,
): Encapsulation {
  const vxlan = (family: number): boolean => pools.some((pool) => pool.vxlan && pool.family === family)
  return {
    ipip: ipipEnabled ?? pools.some((pool) => pool.ipip),
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
    ipip: settings.ownsIpip && encapsulationOf(pools, settings).ipip,
    noEncap: settings.ownsNoEncap && pools.some((pool) => !pool.ipip && !pool.vxlan),
  }
}
