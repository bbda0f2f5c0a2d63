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
import { type ChainSource, FelixEdition } from './part-edition.ts'
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

/** Chains of a part, what makes each, and of what. */
class PartChains {
  readonly makers: Map<string, () => Chain>
  readonly sources: Map<string, ChainSource> = new Map<string, ChainSource>()

  constructor(alike: ReadonlyMap<string, () => Chain>) {
    this.makers = new Map(alike)
  }

  set(name: string, make: () => Chain, source: ChainSource): void {
    this.makers.set(name, make)
    this.sources.set(name, source)
  }
}

const objects = (...of: readonly object[]): ChainSource => ({ kind: 'objects', of })

/** Chains of policies, groups and profiles that a chain leads to. Felix writes no chain that nothing leads to. */
function addReferred(chain: EndpointChain, shared: SharedChains, chains: PartChains): void {
  const { direction, tiers, profiles } = chain
  for (const of of tiers) {
    for (const group of groupsOf(of.tier.name, direction, of[direction], shared.context)) {
      for (const policy of enforcedIn(group)) {
        chains.set(policyChainName(policy.id, direction), () => shared.policy(policy, direction), objects(policy))
      }
      if (isInlined(group)) continue
      chains.set(groupChainName(group, shared.context), () => shared.group(group), objects(...group.policies))
    }
  }
  for (const profile of profiles) {
    chains.set(profileChainName(profile.name, direction), () => shared.profile(profile, direction), objects(profile))
  }
}

/** A chain of an endpoint, what makes it, and of what. */
interface MadeLate {
  readonly chain: EndpointChain
  readonly make: () => Chain
  readonly source: ChainSource
}

/** Chains of a pod: as long as the very same is enforced for it, they are the very same. */
function podChains(of: WorkloadPolicies, shared: SharedChains): MadeLate[] {
  const { context } = shared
  return (['ingress', 'egress'] as const).map((direction) => {
    const chain = workloadChain(of, direction, context)
    const make = (): Chain => shared.workload(of, direction, () => endpointChain(chain, context))
    return { chain, make, source: { kind: 'pod', chain } }
  })
}

function hostChain(chain: EndpointChain, context: RuleContext): MadeLate {
  return { chain, make: once(() => toChain(endpointChain(chain, context))), source: UNKNOWN }
}

const UNKNOWN: ChainSource = { kind: 'unknown' }

/** Of what dispatches are made: of the names of pods and their veths, where nothing else is asked for. */
function dispatchSource({ workloads, hosts }: NodePolicies): ChainSource {
  const isPlain = hosts.length === 0 && workloads.every(({ floating, controls }) => !floating && !controls)
  return isPlain ? { kind: 'text', text: workloads.map(({ dev, netns }) => `${dev} ${netns}`).join() } : UNKNOWN
}

/** Chains that lead to those of interfaces, and of what they are made. */
interface Dispatches {
  readonly chains: readonly FelixChain[]
  readonly source: ChainSource
}

/** A table's part: static chains, dispatches, chains of endpoints, and what they lead to. */
function partOf(
  table: FelixTableName,
  shared: SharedChains,
  dispatches: Dispatches,
  endpoints: readonly MadeLate[],
): TablePart {
  const chains = new PartChains(shared.staticChains(table))
  for (const [name, make] of makersOf(dispatches.chains)) chains.set(name, make, dispatches.source)
  for (const { chain, make, source } of endpoints) {
    chains.set(chain.name, make, source)
    addReferred(chain, shared, chains)
    if (!chain.failsafe) continue
    const { direction } = chain
    chains.set(FAILSAFE[direction], () => shared.failsafe(direction, table === 'raw'), objects())
  }
  const edition = new FelixEdition(shared, chains.sources)
  return { ...shared.kernelRules(table), chains: chains.makers, edition }
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
  const source = dispatchSource(policies)
  const part = (table: FelixTableName, chains: readonly FelixChain[], endpoints: readonly MadeLate[]): TablePart =>
    partOf(table, shared, { chains, source }, endpoints)
  return {
    raw: part('raw', [...rawDispatches, skip], raw),
    mangle: part('mangle', mangleDispatches, mangle),
    ...(translates(context.family, context.settings) ? { nat: part('nat', floating(workloads, context), []) } : {}),
    filter: part('filter', dispatches, filter),
  }
}
