import { type Family, familyOf, type Ip, parseIp } from '../../wire/index.ts'
import type { Findings } from '../findings.ts'
import type { Pool } from '../ipam/pool.ts'
import type { FieldPath } from '../origin.ts'
import type { OtherResource } from '../resource.ts'
import type { Resources } from '../resources.ts'
import type { Environment } from '../settings/environment.ts'
import type { FelixRuleSettings } from '../settings/felix-rule-settings.ts'

/**
 * Whether Felix gets its nat table of a family in: `natOutgoingAddress` is one address for both, and iptables refuses the
 * whole table over an address of the other family.
 *
 * @calico felix/rules/static.go
 */
export function translates(
  family: Family,
  { natOutgoingAddress }: Pick<FelixRuleSettings, 'natOutgoingAddress'>,
): boolean {
  return natOutgoingAddress === '' || familyOf(natOutgoingAddress as Ip) === family
}

/** Names an address for translation that pools of the other family ask for, too. */
export function noteNatFamily(
  resources: Resources,
  pools: readonly Pool[],
  env: Environment,
  findings: Findings,
): void {
  const warn = (resource: OtherResource, path: FieldPath, value: unknown): void => {
    const address = typeof value === 'string' ? parseIp(value) : undefined
    if (address === undefined) return
    const other = familyOf(address) === 4 ? 6 : 4
    const pool = pools.find(({ family, natOutgoing }) => family === other && natOutgoing)
    if (pool === undefined) return
    const tool = other === 6 ? 'ip6tables' : 'iptables'
    const expected = `no natOutgoingAddress beside IPv${other} pools with natOutgoing (${pool.name}): ${tool} refuses Felix's rules over it, and IPv${other} packets leave untranslated`
    findings.warn('invalid', resource, path, expected, `natOutgoingAddress ${address}`)
  }
  const variable = env.get('FELIX_NATOUTGOINGADDRESS')
  if (variable !== undefined) warn(variable.resource, variable.path, variable.value)
  else
    for (const felix of resources.felixConfigurations)
      warn(felix, ['spec', 'natOutgoingAddress'], felix.spec['natOutgoingAddress'])
}
