import { type Family, familyOf, type Prefix, parseCidr, prefixOf } from '../../../wire/index.ts'
import type { EncapMode } from '../../calico-kinds.ts'
import { flagAt, type Raw, textAt, textsAt } from './raw-fields.ts'
import type { StoredObjects } from './stored-objects.ts'

/** How Felix calls what a range is for. */
export type PoolType = 'NONE' | 'NO_ENCAP' | 'VXLAN' | 'IPIP'

/** A pool as Felix knows it. */
export interface FelixPool {
  /** Range. */
  readonly cidr: Prefix
  /** Family. */
  readonly family: Family
  /** How its addresses travel; NONE: they are of no pods. */
  readonly type: PoolType
  /** Packets to the outside are translated. */
  readonly natOutgoing: boolean
  /** One of its modes is CrossSubnet. */
  readonly crossSubnet: boolean
  /** Where it asks for IPIP. */
  readonly ipip: EncapMode
  /** Where it asks for VXLAN. */
  readonly vxlan: EncapMode
}

/** A mode; what is none is Never. */
function modeOf(text: string): EncapMode {
  return text === 'Always' || text === 'CrossSubnet' ? text : 'Never'
}

/** A pool of addresses of Services only has no pods, so nothing travels. @calico felix/calc/l3_route_resolver.go */
function typeOf(uses: readonly string[], vxlan: EncapMode, ipip: EncapMode): PoolType {
  if (uses.length === 1 && uses[0] === 'LoadBalancer') return 'NONE'
  return vxlan !== 'Never' ? 'VXLAN' : ipip !== 'Never' ? 'IPIP' : 'NO_ENCAP'
}

function poolOf(value: Raw): FelixPool | undefined {
  const cidr = parseCidr(textAt(value, 'spec', 'cidr'))
  if (cidr === undefined) return undefined
  const [ipip, vxlan] = [modeOf(textAt(value, 'spec', 'ipipMode')), modeOf(textAt(value, 'spec', 'vxlanMode'))]
  return {
    cidr: prefixOf(cidr.address, cidr.length),
    family: familyOf(cidr.address),
    type: typeOf(textsAt(value, 'spec', 'allowedUses'), vxlan, ipip),
    natOutgoing: flagAt(value, 'spec', 'natOutgoing'),
    crossSubnet: ipip === 'CrossSubnet' || vxlan === 'CrossSubnet',
    ipip,
    vxlan,
  }
}

/** The pools of a datastore, disabled ones among them; of several with one range the first by name. */
export function felixPools(objects: StoredObjects): readonly FelixPool[] {
  const name = (value: Raw): string => textAt(value, 'metadata', 'name')
  const sorted = [...objects.of('IPPool', 'calico')].sort((a, b) => (name(a) < name(b) ? -1 : 1))
  const pools = new Map<Prefix, FelixPool>()
  for (const pool of sorted.flatMap((value) => poolOf(value) ?? [])) {
    if (!pools.has(pool.cidr)) pools.set(pool.cidr, pool)
  }
  return [...pools.values()]
}
