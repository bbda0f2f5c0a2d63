import { type Chain, once, type PolicyDirection } from '../../../model/index.ts'
import { familyOf } from '../../../wire/index.ts'
import { originOf } from '../../origin.ts'
import type { NodePolicies, WorkloadPolicies } from '../../policy/model.ts'
import { ALLOWED_SOURCES, annotationPath, type PodControls } from '../../policy/pod-controls.ts'
import type { RulesetPart, TablePart } from '../../ruleset-part.ts'
import { toChain } from '../iptables/render.ts'
import { translates } from '../nat-family.ts'
import type { FelixChain } from './chain.ts'
import { denyOf, filterAllow, type RuleContext } from './context.ts'
import { dispatchChains } from './dispatch.ts'
import { type EndpointChain, endpointChain } from './endpoints.ts'
import { FAILSAFE } from './failsafe.ts'
import { floatingChains } from './floating.ts'
import { enforcedIn, groupChainName, groupsOf, isInlined } from './groups.ts'
import {
  filterDispatch,
  hostFilterChains,
  hostMangleChains,
  hostRawChains,
  mangleEgressDispatch,
  preDnatDispatch,
  rawDispatch,
  targetsOf,
  untrackedHosts,
} from './host-chains.ts'
import { policyChainName, profileChainName, workloadChainName } from './names.ts'
import { type FelixTableName, makersOf, type SharedChains } from './shared-chains.ts'
import { ACCEPT, inDev, net, rule } from './words.ts'

/** Into a pod, or out of it. @calico felix/rules/endpoints.go WorkloadEndpointToIptablesChains */
export function workloadChain(of: WorkloadPolicies, direction: PolicyDirection, context: RuleContext): EndpointChain {
  return {
    name: workloadChainName(of.dev, direction),
    type: 'normal',
    direction,
    tiers: of.tiers,
    profiles: of.profiles,
    allow: filterAllow(context),
    failsafe: false,
    blocksTunnels: direction === 'egress',
    ...rateOf(of.controls, direction),
  }
}

function rateOf(controls: PodControls | undefined, direction: PolicyDirection): Pick<EndpointChain, 'rate'> {
  const limit = controls?.[direction]
  return limit === undefined ? {} : { rate: { limit, origin: originOf('felix', controls!.pod, limit.path) } }
}

/** Pods that may send under other addresses than their own. @calico felix/dataplane/linux/endpoint_mgr.go updateRPFSkipChain */
function rpfSkipChain(workloads: readonly WorkloadPolicies[], { family, settings }: RuleContext): FelixChain {
  const asking = settings.sourceSpoofing === 'Any' ? workloads : []
  const rules = asking.flatMap(({ dev, controls }) => {
    const own = (controls?.sources ?? []).filter((range) => familyOf(range) === family)
    const origin = originOf('felix', controls?.pod, annotationPath(ALLOWED_SOURCES))
    return own.map((range) => rule([inDev(dev), net('source', range)], ACCEPT, { origin }))
  })
  return { name: 'cali-rpf-skip', rules }
}

/** Chains of the node's floating addresses; none of its own where it has no such address. */
function floating(workloads: readonly WorkloadPolicies[], context: RuleContext): FelixChain[] {
  if (!context.floatingIps) return []
  const own = workloads.flatMap(({ floating: list = [] }) =>
    list.filter(({ external }) => familyOf(external) === context.family),
  )
  return own.length === 0 ? [] : floatingChains(own, context)
}

/** Dispatches of pods: an interface nobody knows gets nothing through. */
export function workloadDispatch(
  workloads: readonly Pick<WorkloadPolicies, 'dev' | 'netns'>[],
  context: RuleContext,
): FelixChain[] {
  const end = [
    rule([], denyOf(context).action, { comment: 'Unknown interface', meaning: { kind: 'unknown-interface' } }),
  ]
  return (['egress', 'ingress'] as const).flatMap((direction) =>
    dispatchChains({
      name: direction === 'egress' ? 'cali-from-wl-dispatch' : 'cali-to-wl-dispatch',
      way: direction === 'egress' ? 'in' : 'out',
      targets: workloads.map(({ dev, netns }) => ({
        dev,
        chain: workloadChainName(dev, direction),
        meaning: { kind: 'endpoint', direction, endpoint: netns, host: false, dev },
      })),
      end,
    }),
  )
}

/** Chains of policies, groups and profiles that a chain leads to. Felix writes no chain that nothing leads to. */
function addReferred(chain: EndpointChain, shared: SharedChains, chains: Map<string, () => Chain>): void {
  const { direction, tiers, profiles } = chain
  for (const of of tiers) {
    for (const group of groupsOf(of.tier.name, direction, of[direction], shared.context)) {
      for (const policy of enforcedIn(group)) {
        chains.set(policyChainName(policy.id, direction), () => shared.policy(policy, direction))
      }
      if (isInlined(group)) continue
      chains.set(groupChainName(group, shared.context), () => shared.group(group))
    }
  }
  for (const profile of profiles) {
    chains.set(profileChainName(profile.name, direction), () => shared.profile(profile, direction))
  }
}

/** A chain of an endpoint, and what makes it. */
interface MadeLate {
  readonly chain: EndpointChain
  readonly make: () => Chain
}

/** Chains of a pod: as long as the very same is enforced for it, they are the very same. */
function podChains(of: WorkloadPolicies, shared: SharedChains): MadeLate[] {
  const { context } = shared
  return (['ingress', 'egress'] as const).map((direction) => {
    const chain = workloadChain(of, direction, context)
    return { chain, make: () => shared.workload(of, direction, () => endpointChain(chain, context)) }
  })
}

function hostChain(chain: EndpointChain, context: RuleContext): MadeLate {
  return { chain, make: once(() => toChain(endpointChain(chain, context))) }
}

/** A table's part: static chains, dispatches, chains of endpoints, and what they lead to. */
function partOf(
  table: FelixTableName,
  shared: SharedChains,
  dispatches: readonly FelixChain[],
  endpoints: readonly MadeLate[],
): TablePart {
  const chains = new Map<string, () => Chain>([...shared.staticChains(table), ...makersOf(dispatches)])
  for (const { chain, make } of endpoints) {
    chains.set(chain.name, make)
    addReferred(chain, shared, chains)
    if (!chain.failsafe) continue
    const { direction } = chain
    chains.set(FAILSAFE[direction], () => shared.failsafe(direction, table === 'raw'))
  }
  return { ...shared.kernelRules(table), chains }
}

/** What Felix has in the tables of a node. @calico felix/dataplane/linux/endpoint_mgr.go, int_dataplane.go */
export function felixPart(policies: NodePolicies, node: string, shared: SharedChains): RulesetPart {
  const { context } = shared
  const { workloads, hosts } = policies
  const ofHosts = (chains: readonly EndpointChain[]): MadeLate[] => chains.map((chain) => hostChain(chain, context))
  const filter = [
    ...workloads.flatMap((one) => podChains(one, shared)),
    ...ofHosts(hosts.flatMap((host) => hostFilterChains(host, context))),
  ]
  const mangle = ofHosts(hosts.flatMap((host) => hostMangleChains(host, context)))
  const raw = ofHosts(untrackedHosts(hosts).flatMap(hostRawChains))
  const skip = rpfSkipChain(workloads, context)
  const named = targetsOf(hosts, node)
  const prefixes = [context.interfacePrefix]
  const dispatches = [...workloadDispatch(workloads, context), ...filterDispatch(named)]
  const mangleDispatches = [
    ...preDnatDispatch(
      targetsOf(
        hosts.filter(({ preDnat }) => preDnat.length > 0),
        node,
      ),
    ),
    ...mangleEgressDispatch(named, prefixes),
  ]
  const rawDispatches = rawDispatch(targetsOf(untrackedHosts(hosts), node), prefixes)
  return {
    raw: partOf('raw', shared, [...rawDispatches, skip], raw),
    mangle: partOf('mangle', shared, mangleDispatches, mangle),
    ...(translates(context.family, context.settings)
      ? { nat: partOf('nat', shared, floating(workloads, context), []) }
      : {}),
    filter: partOf('filter', shared, dispatches, filter),
  }
}
