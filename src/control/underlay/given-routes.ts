import { isLineFault, readRouteLine, readRuleLine } from '../../linux/index.ts'
import { type Nexthop, type Route, type Rule, SYSCTL_DEFAULTS, type Sysctls, sysctlOf } from '../../model/index.ts'
import { contains, type Ip, prefixOf } from '../../wire/index.ts'
import type { Findings } from '../findings.ts'
import { type FieldPath, originOf } from '../origin.ts'
import type { UnderlayResource } from './kind.ts'
import type { PlannedInterface } from './plan.ts'

/** What the routes and rules of a machine are read with. */
interface GivenMachine {
  readonly underlay: UnderlayResource
  readonly path: FieldPath
  readonly interfaces: readonly PlannedInterface[]
  readonly findings: Findings
}

/** A machine's own routes. What the kernel would refuse is a fault. */
export function planRoutes(texts: readonly string[], given: GivenMachine): Route[] {
  const { underlay, path, findings } = given
  return texts.flatMap((text, i) => {
    const at = [...path, 'routes', i]
    const read = readRouteLine(text)
    const fault = isLineFault(read) ? read.expected : undefined
    const route = isLineFault(read) ? undefined : completed(read, text, given)
    if (route !== undefined && typeof route !== 'string')
      return [{ ...route, origin: originOf('underlay', underlay, at) }]
    findings.fault('invalid', underlay, at, fault ?? (route as string), text)
    return []
  })
}

/** A route with what the kernel adds to it, or what it would have needed. */
function completed(route: Route, text: string, { interfaces }: GivenMachine): Route | string {
  const isV6 = route.family === 'inet6'
  const v6 = isV6 ? { metric: route.metric ?? 1024, pref: route.pref ?? ('medium' as const) } : {}
  if (route.type !== 'unicast') return { ...route, ...(isV6 ? { dev: 'lo' } : {}), ...v6 }
  if (route.nexthops !== undefined) {
    const hops = route.nexthops.map((hop) => nexthop(hop, interfaces))
    const wrong = hops.find((hop) => typeof hop === 'string')
    return typeof wrong === 'string' ? wrong : { ...route, ...v6, nexthops: hops as Nexthop[] }
  }
  const hop = nexthop(route, interfaces)
  if (typeof hop === 'string') return hop
  const scope = !isV6 && hop.via === undefined && !/\bscope\b/.test(text) ? ({ scope: 'link' } as const) : {}
  return { ...route, ...v6, ...scope, ...(hop.dev === undefined ? {} : { dev: hop.dev }) }
}

/** A next hop with its device. @linux net/ipv4/fib_semantics.c fib_check_nh */
function nexthop({ via, dev, onlink, weight }: Nexthop, interfaces: readonly PlannedInterface[]): Nexthop | string {
  const names = [...interfaces.map(({ name }) => name), 'lo']
  if (dev !== undefined && !names.includes(dev)) return `one of the interfaces ${names.join(', ')} as dev`
  const found = dev ?? (via && interfaces.find((one) => reaches(one, via))?.name)
  if (found === undefined) {
    return via === undefined
      ? 'a gateway or a device (via, dev)'
      : `a gateway inside a subnet of an interface, or dev and onlink`
  }
  const device = interfaces.find(({ name }) => name === found)
  if (via !== undefined && onlink !== true && (device === undefined || !reaches(device, via))) {
    return `a gateway inside a subnet of ${found}, or the word onlink`
  }
  return {
    ...(via === undefined ? {} : { via }),
    dev: found,
    ...(weight === undefined ? {} : { weight }),
    ...(onlink === true ? { onlink } : {}),
  }
}

function reaches(dev: PlannedInterface, via: Ip): boolean {
  if (via.startsWith('fe80:')) return dev.segment !== undefined
  return dev.addresses.some(({ address, length }) => address !== via && contains(prefixOf(address, length), via))
}

/** A machine's own rules. */
export function planRules(texts: readonly string[], { underlay, path, findings }: GivenMachine): Rule[] {
  return texts.flatMap((text, i) => {
    const at = [...path, 'rules', i]
    const read = readRuleLine(text)
    if (!isLineFault(read)) return [{ ...read, origin: originOf('underlay', underlay, at) }]
    findings.fault('invalid', underlay, at, read.expected, read.received)
    return []
  })
}

const OF_DEVICE = /^net\.ipv[46]\.(?:conf|neigh)\.([^.]+)\.[^.]+$/
/** Written with a cascade: Felix sets these, and IPv6 is on. */
const REFUSED = /^net\.ipv4\.ip_forward$|\.(forwarding|disable_ipv6)$/

/** A machine's kernel settings. A key the kernel does not have is a fault. */
export function planSysctls(sysctls: Sysctls, { underlay, path, interfaces, findings }: GivenMachine): Sysctls {
  const kept: Record<string, string> = {}
  for (const [key, value] of Object.entries(sysctls)) {
    const fault = faultOf(key, value, interfaces)
    if (fault === undefined) kept[key] = value
    else findings.fault(fault[0], underlay, [...path, 'sysctls', key], fault[1], fault[2])
  }
  return kept
}

type SysctlFault = readonly [kind: 'invalid' | 'unsupported', expected: string, received: string]

function faultOf(key: string, value: string, interfaces: readonly PlannedInterface[]): SysctlFault | undefined {
  const dev = OF_DEVICE.exec(key)?.[1]?.replaceAll('/', '.')
  const usual = sysctlOf({ sysctls: {} }, key)
  const names = ['all', 'default', 'lo', ...interfaces.map(({ name }) => name)]
  if (usual === undefined || (dev === undefined && !Object.hasOwn(SYSCTL_DEFAULTS, key))) {
    return ['unsupported', 'a kernel setting packetwalk knows', key]
  }
  if (dev !== undefined && !names.includes(dev)) return ['invalid', `one of ${names.join(', ')} as interface`, dev]
  if (REFUSED.test(key)) {
    return [
      'unsupported',
      'a setting other than forwarding and disable_ipv6 (ipForwarding of FelixConfiguration, or sysctl in the shell)',
      key,
    ]
  }
  return /^-?\d+(\s+-?\d+)*$/.test(value) ? undefined : ['invalid', 'a number, as text', value]
}
