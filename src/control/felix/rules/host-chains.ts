import type { PolicyDirection, RuleMeaning } from '../../../model/index.ts'
import type { HostPolicies, TierPolicies } from '../../policy/model.ts'
import type { FelixChain, FelixRule } from './chain.ts'
import { filterAllow, mangleAllow, type RuleContext, workloadDevs } from './context.ts'
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
  const to = hostChain(host, PREFIX.toHost, 'normal', 'egress', host.tiers, RETURN)
  if (host.preDnat.length === 0) return [to]
  return [to, hostChain(host, PREFIX.fromHost, 'preDNAT', 'ingress', host.preDnat, mangleAllow(context))]
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

function dispatch(
  how: HostDispatch,
  hosts: readonly HostPolicies[],
  node: string,
  beforeEnd: readonly FelixRule[] = [],
): FelixChain[] {
  const { name, prefix, direction, forward } = how
  const meaning = ({ dev }: HostPolicies): RuleMeaning => ({
    kind: 'endpoint',
    direction,
    endpoint: `${node} ${dev}`,
    host: true,
    dev,
    ...(forward ? { forward } : {}),
  })
  const chainOf = (host: HostPolicies): string => limitedName(prefix, devName(host))
  const targets = hosts
    .filter((host) => !isWildcard(host))
    .map((host) => ({ dev: host.dev, chain: chainOf(host), meaning: meaning(host) }))
  const wildcard = hosts.find(isWildcard)
  const end =
    wildcard === undefined ? [] : [...beforeEnd, rule([], goTo(chainOf(wildcard)), { meaning: meaning(wildcard) })]
  return dispatchChains({ name, way: direction === 'ingress' ? 'in' : 'out', targets, end })
}

/** Dispatches of host endpoints in the filter table. @calico felix/rules/dispatch.go hostDispatchChains */
export function filterDispatch(hosts: readonly HostPolicies[], node: string): FelixChain[] {
  return [FROM, TO, FROM_FORWARD, TO_FORWARD].flatMap((how) => dispatch(how, hosts, node))
}

/** And in the mangle table: into the host only where policies act before translation. */
export function mangleDispatch(hosts: readonly HostPolicies[], node: string, context: RuleContext): FelixChain[] {
  const skip = rule([outDev(workloadDevs(context))], RETURN, {
    comment: 'Skip egress WHEP policy for traffic to local workload',
  })
  const translatedLater = hosts.filter(({ preDnat }) => preDnat.length > 0)
  return [...dispatch(FROM, translatedLater, node), ...dispatch(TO, hosts, node, [skip])]
}

/** And in the raw table. */
export function rawDispatch(hosts: readonly HostPolicies[], node: string): FelixChain[] {
  return [FROM, TO].flatMap((how) => dispatch(how, untrackedHosts(hosts), node))
}
