import type { PolicyDirection, RuleMeaning } from '../../../model/index.ts'
import type { HostPolicies, TierPolicies } from '../../policy/model.ts'
import type { FelixChain, FelixRule } from './chain.ts'
import { filterAllow, mangleAllow, type RuleContext } from './context.ts'
import { dispatchChains } from './dispatch.ts'
import type { EndpointChain, EndpointChainType } from './endpoints.ts'
import { ANY_INTERFACE, limitedName, PREFIX } from './names.ts'
import { ACCEPT, goTo, outDev, RETURN, rule } from './words.ts'

/** Stands for every interface without a host endpoint of its own. */
const WILDCARD = '*'

function isWildcard({ dev }: HostPolicies): boolean {
  return dev === WILDCARD
}

/** The interface in names of chains. */
function devName(host: HostPolicies): string {
  return isWildcard(host) ? ANY_INTERFACE : host.dev
}

function hostChain(
  host: HostPolicies,
  prefix: string,
  type: EndpointChainType,
  direction: PolicyDirection,
  tiers: readonly TierPolicies[],
  allow: EndpointChain['allow'],
): EndpointChain {
  return {
    name: limitedName(prefix, devName(host)),
    type,
    direction,
    tiers,
    profiles: type === 'normal' ? host.profiles : [],
    allow,
    failsafe: type !== 'forward',
    blocksTunnels: false,
  }
}

/** The chains of a host endpoint in the filter table. @calico felix/rules/endpoints.go HostEndpointToFilterChains */
export function hostFilterChains(host: HostPolicies, context: RuleContext): EndpointChain[] {
  const allow = filterAllow(context)
  return [
    hostChain(host, PREFIX.toHost, 'normal', 'egress', host.tiers, allow),
    hostChain(host, PREFIX.fromHost, 'normal', 'ingress', host.tiers, allow),
    hostChain(host, PREFIX.toHostForward, 'forward', 'egress', host.forward, allow),
    hostChain(host, PREFIX.fromHostForward, 'forward', 'ingress', host.forward, allow),
  ]
}

/** And in the mangle table: what the node sends to Services, and policies before translation. */
export function hostMangleChains(host: HostPolicies, context: RuleContext): EndpointChain[] {
  const to = mangleEgressChain(host)
  return host.preDnat.length === 0 ? [to] : [to, preDnatChain(host, context)]
}

/** What the node sends to Services. */
export function mangleEgressChain(host: HostPolicies): EndpointChain {
  return hostChain(host, PREFIX.toHost, 'normal', 'egress', host.tiers, RETURN)
}

/** Policies before translation. */
export function preDnatChain(host: HostPolicies, context: RuleContext): EndpointChain {
  return hostChain(host, PREFIX.fromHost, 'preDNAT', 'ingress', host.preDnat, mangleAllow(context))
}

/** Those that have chains in the raw table: there the wildcard is not supported. */
export function untrackedHosts(hosts: readonly HostPolicies[]): HostPolicies[] {
  return hosts.filter((host) => host.untracked.length > 0 && !isWildcard(host))
}

/** The chains of a host endpoint in the raw table. */
export function hostRawChains(host: HostPolicies): EndpointChain[] {
  return [
    hostChain(host, PREFIX.toHost, 'untracked', 'egress', host.untracked, ACCEPT),
    hostChain(host, PREFIX.fromHost, 'untracked', 'ingress', host.untracked, ACCEPT),
  ]
}

/** One of the dispatches of host endpoints. */
interface HostDispatch {
  /** Chain. */
  readonly name: string
  /** Beginning of the names of its targets. */
  readonly prefix: string
  /** Into the host or out of it. */
  readonly direction: PolicyDirection
  /** Whether what is forwarded is asked about. */
  readonly forward: boolean
}

const FROM: HostDispatch = {
  name: 'cali-from-host-endpoint',
  prefix: PREFIX.fromHost,
  direction: 'ingress',
  forward: false,
}
const TO: HostDispatch = { name: 'cali-to-host-endpoint', prefix: PREFIX.toHost, direction: 'egress', forward: false }
const FROM_FORWARD: HostDispatch = {
  name: 'cali-from-hep-forward',
  prefix: PREFIX.fromHostForward,
  direction: 'ingress',
  forward: true,
}
const TO_FORWARD: HostDispatch = {
  name: 'cali-to-hep-forward',
  prefix: PREFIX.toHostForward,
  direction: 'egress',
  forward: true,
}

/** Interfaces with a host endpoint of their own, and what stands for all others. */
export interface HostTargets {
  /** The node, for people. */
  readonly node: string
  /** Interfaces. */
  readonly devs: readonly string[]
  /** In the names of chains for all other interfaces; absent: nothing is asked of them. */
  readonly fallback?: string
}

/** The targets that host endpoints make. */
export function targetsOf(hosts: readonly HostPolicies[], node: string): HostTargets {
  const devs = hosts.filter((host) => !isWildcard(host)).map(({ dev }) => dev)
  return { node, devs, ...(hosts.some(isWildcard) ? { fallback: ANY_INTERFACE } : {}) }
}

function dispatch(
  how: HostDispatch,
  { node, devs, fallback }: HostTargets,
  beforeEnd: readonly FelixRule[] = [],
): FelixChain[] {
  const { name, prefix, direction, forward } = how
  const meaning = (dev: string): RuleMeaning => ({
    kind: 'endpoint',
    direction,
    endpoint: `${node} ${dev}`,
    host: true,
    dev,
    ...(forward ? { forward } : {}),
  })
  const targets = devs.map((dev) => ({ dev, chain: limitedName(prefix, dev), meaning: meaning(dev) }))
  const end =
    fallback === undefined
      ? []
      : [...beforeEnd, rule([], goTo(limitedName(prefix, fallback)), { meaning: meaning(WILDCARD) })]
  return dispatchChains({ name, way: direction === 'ingress' ? 'in' : 'out', targets, end })
}

/** What the wildcard leaves alone where forwarding is not asked about: pods of the node have policies of their own. */
function skipRules(prefixes: readonly string[]): FelixRule[] {
  return prefixes.map((prefix) =>
    rule([outDev(`${prefix}+`)], RETURN, { comment: 'Skip egress WHEP policy for traffic to local workload' }),
  )
}

/** Dispatches of host endpoints in the filter table. @calico felix/rules/dispatch.go hostDispatchChains */
export function filterDispatch(targets: HostTargets): FelixChain[] {
  return [FROM, TO, FROM_FORWARD, TO_FORWARD].flatMap((how) => dispatch(how, targets))
}

/** Into the host, in the mangle table: only where policies act before translation. */
export function preDnatDispatch(targets: HostTargets): FelixChain[] {
  return dispatch(FROM, targets)
}

/** Out of the host, in the mangle table. */
export function mangleEgressDispatch(targets: HostTargets, prefixes: readonly string[]): FelixChain[] {
  return dispatch(TO, targets, skipRules(prefixes))
}

/** In the raw table. */
export function rawDispatch(targets: HostTargets, prefixes: readonly string[]): FelixChain[] {
  return [...dispatch(FROM, targets), ...dispatch(TO, targets, skipRules(prefixes))]
}
