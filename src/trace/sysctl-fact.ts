import { confKey, keptIn, type Origin, type Sysctls, sysctlOf } from '../model/index.ts'
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
  const ns = at.namespace(netns)
  if (ns === undefined) return undefined
  const known = at.known(netns, dev)
  const { sysctls } = known ?? ns
  const key = `${family} ${dev} ${name}`
  const { decides, value } = decisions.get(sysctls)?.get(key) ?? decided(sysctls, key, dev, family, name)
  if (value === undefined) return undefined
  const own = known === undefined ? ns.sysctlOrigins?.[decides] : undefined
  const set = own ?? (known?.interface(dev) ?? ns.interfaces[dev])?.origin ?? ns.origin
  const origin = set?.component === 'dump' && own === undefined ? KERNEL_DEFAULT : set
  return factOf('sysctl', netns, `${decides} = ${value}`, origin)
}

/** Which sysctl decides about an interface, and what it says. */
interface Decision {
  readonly decides: string
  readonly value: string | undefined
}

/** Thousands of nodes have the very same sysctls. */
const decisions = new WeakMap<Sysctls, Map<string, Decision>>()

function decided(sysctls: Sysctls, key: string, dev: string, family: 'ipv4' | 'ipv6', name: string): Decision {
  const ns = { sysctls }
  const own = confKey(family, dev, name)
  const all = confKey(family, 'all', name)
  const decides = ALL_COUNTS.has(name) && Number(sysctlOf(ns, all) ?? 0) > Number(sysctlOf(ns, own) ?? 0) ? all : own
  const decision = { decides, value: sysctlOf(ns, decides) }
  keptIn(decisions, sysctls, () => new Map<string, Decision>()).set(key, decision)
  return decision
}
