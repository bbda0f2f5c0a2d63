import type { IpSet, Namespace } from '../../model/index.ts'
import type { Compared, ComparedTable } from './compared.ts'

/** Sysctls that Calico writes; those that the dump does not tell are not compared. */
export function comparedSysctls(derived: Namespace, dumped: Namespace): ComparedTable {
  const told = Object.keys(derived.sysctls).filter((key) => dumped.sysctls[key] !== undefined)
  return {
    table: 'sysctl',
    expected: told.map((key) => comparedSysctl(key, derived)),
    found: told.map((key) => comparedSysctl(key, dumped)),
    isCalicos: () => false,
  }
}

function comparedSysctl(key: string, ns: Namespace): Compared {
  const value = (ns.sysctls[key] ?? '').trim()
  const origin = ns.sysctlOrigins?.[key] ?? ns.origin
  const entry = { of: 'sysctl', key, value } as const
  return { key, value, text: `${key} = ${value}`, entry, ...(origin === undefined ? {} : { origin }) }
}

/** Sets of pools and nodes; not compared where no set was dumped. */
export function comparedSets(derived: Namespace, dumped: Namespace): ComparedTable {
  const found = dumped.ipsets ?? {}
  const expected = dumped.ipsets === undefined ? {} : (derived.ipsets ?? {})
  return {
    table: 'ipset',
    expected: Object.values(expected).map(comparedSet),
    found: Object.values(found).map(comparedSet),
    isCalicos: () => false,
  }
}

function comparedSet(set: IpSet): Compared {
  const { name, type, members, origin } = set
  const entry = { of: 'ipset', set } as const
  const value = [...members].sort().join(' ')
  return { key: name, value, text: `${name} ${type}: ${value}`, entry, ...(origin === undefined ? {} : { origin }) }
}
