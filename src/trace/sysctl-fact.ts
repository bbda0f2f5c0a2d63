import { confKey, type Origin, sysctlOf } from '../model/index.ts'
import type { Configuration } from './configuration.ts'
import { type Fact, factOf } from './fact.ts'

/** Sysctls where `conf.all` can switch the interface's on. */
const ALL_COUNTS: ReadonlySet<string> = new Set(['proxy_arp', 'rp_filter', 'accept_local', 'src_valid_mark'])

/** No file of a dump says so. */
const KERNEL_DEFAULT: Origin = { component: 'kernel', note: 'the value it has unless somebody sets it' }

/** The setting of an interface as a fact; the one of `all` when that decides. Undefined when neither is known. */
export function sysctlFact(
  at: Configuration,
  netns: string,
  dev: string,
  family: 'ipv4' | 'ipv6',
  name: string,
): Fact | undefined {
  const ns = at.outline(netns, dev)
  if (ns === undefined) return undefined
  const own = confKey(family, dev, name)
  const all = confKey(family, 'all', name)
  const decides = ALL_COUNTS.has(name) && Number(sysctlOf(ns, all) ?? 0) > Number(sysctlOf(ns, own) ?? 0) ? all : own
  const value = sysctlOf(ns, decides)
  if (value === undefined) return undefined
  const set = ns.sysctlOrigins?.[decides] ?? ns.interfaces[dev]?.origin ?? ns.origin
  const origin = set?.component === 'dump' && ns.sysctlOrigins?.[decides] === undefined ? KERNEL_DEFAULT : set
  return factOf('sysctl', netns, `${decides} = ${value}`, origin)
}
