import { type Interface, type IpSet, keptIn, once } from '../../model/index.ts'
import type { Family, Ip, Prefix } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { Pool } from '../ipam/pool.ts'
import type { NodePolicies, PolicyBook } from '../policy/model.ts'
import type { RulesetPart } from '../ruleset-part.ts'
import type { Settings } from '../settings/settings.ts'
import { felixSet, setName } from './felix-set.ts'
import { enabledDevices, type TunnelDevice } from './mtu.ts'
import type { RuleContext } from './rules/context.ts'
import { felixPart } from './rules/node-part.ts'
import { activeSets, addressesOf, dscpSet, thisHostSet } from './rules/node-sets.ts'
import { hostsSet, poolSets, type SetMakers, vxlanMembers } from './rules/pool-sets.ts'
import { enforceSame } from './rules/same-policies.ts'
import { type FelixTableName, type KernelRules, SharedChains } from './rules/shared-chains.ts'

/** What Felix' rules of a whole cluster are made from. */
export interface FirewallFacts {
  /** Settings. */
  readonly settings: Settings
  /** Nodes. */
  readonly nodes: readonly ClusterNode[]
  /** Pools. */
  readonly pools: readonly Pool[]
  /** Addresses of nodes that take VXLAN, of a family. */
  readonly vxlanHosts: Readonly<Record<Family, ReadonlyMap<string, Ip>>>
  /** Ranges of Services that nodes announce. */
  readonly serviceRanges: readonly Prefix[]
  /** What is enforced where. */
  readonly policies: Pick<PolicyBook, 'of' | 'set'>
}

/** What was made so far and no policy changes. */
interface Made {
  readonly shared: Map<string, SharedChains>
  readonly settingIds: Map<object, number>
  readonly common: Readonly<Record<Family, () => readonly IpSet[]>>
  /** Sets that are about nodes, by what they are of. */
  readonly sets: Map<string, IpSet>
  /** What each node had last, by family and name, and what it was made of. */
  readonly parts: Map<string, MadePart>
}

interface MadePart {
  readonly policies: NodePolicies
  readonly chains: SharedChains
  readonly part: RulesetPart
}

function nothingMade({ pools, settings }: FirewallFacts): Made {
  const common = (family: Family) => once(() => poolSets(family, pools, settings))
  return {
    shared: new Map(),
    settingIds: new Map(),
    common: { 4: common(4), 6: common(6) },
    sets: new Map(),
    parts: new Map(),
  }
}

/** Rules and sets of Felix, node by node. Nodes for which everything is equal share what is not about their pods. */
export class FelixFirewall {
  private readonly facts: FirewallFacts
  private readonly made: Made

  constructor(facts: FirewallFacts, made: Made = nothingMade(facts)) {
    this.facts = facts
    this.made = made
  }

  /** The same with other policies: what is not about them is shared, and so are the chains of policies that are the same. */
  enforcing(policies: FirewallFacts['policies']): FelixFirewall {
    return new FelixFirewall({ ...this.facts, policies }, this.made)
  }

  /** What Felix has in the tables of a node: the very same as before where the same policies are enforced there. */
  part(family: Family, node: ClusterNode, addressed: readonly TunnelDevice[]): RulesetPart {
    const policies = this.policiesOf(node)
    const chains = this.sharedOf(family, node, addressed)
    const key = `${family} ${node.name}`
    const last = this.made.parts.get(key)
    if (last?.chains === chains && enforceSame(last.policies, policies)) return last.part
    const part = felixPart(policies, node.name, chains)
    this.made.parts.set(key, { policies, chains, part })
    return part
  }

  /** Tables of a node that no policy is in. */
  withoutPolicies(node: ClusterNode): readonly FelixTableName[] {
    return this.policiesOf(node).hosts.length === 0 ? ['raw', 'mangle', 'nat'] : ['nat']
  }

  /** What Felix has in chains of the kernel, whatever policies say. */
  kernelRules(
    family: Family,
    node: ClusterNode,
    addressed: readonly TunnelDevice[],
  ): (table: FelixTableName) => KernelRules {
    const shared = this.sharedOf(family, node, addressed)
    return (table) => shared.kernelRules(table)
  }

  /** The sets Felix has on a node. */
  sets(family: Family, node: ClusterNode, devices: readonly Interface[]): SetMakers {
    const { settings, policies } = this.facts
    const named = (id: string, make: () => IpSet): readonly [string, () => IpSet] => [setName(id, family), make]
    const enabled = enabledDevices(node, this.facts.pools, settings)
    const hasVxlan = enabled.includes(family === 4 ? 'vxlan.calico' : 'vxlan-v6.calico')
    const own = addressesOf(family, devices)
    return [
      ...this.made.common[family]().map((set) => [set.name, () => set] as const),
      named('all-hosts-net', () => this.hostsOf(family, node)),
      ...(hasVxlan ? [named('all-vxlan-net', () => this.vxlanHosts(family, node))] : []),
      named('this-host', () => this.kept(`this-host ${family} ${own.join()}`, () => thisHostSet(family, own))),
      ...(settings.traits.egressDscp
        ? [named('dscp-src-net', () => this.kept(`dscp ${family}`, () => dscpSet(family)))]
        : []),
      ...activeSets(this.policiesOf(node)).map((id) => named(id, () => policies.set(id, family))),
    ]
  }

  private policiesOf(node: ClusterNode): NodePolicies {
    return this.facts.policies.of(node.name)
  }

  /** A set that is about nodes: the very same for all for which it is equal, and as long as it is. */
  private kept(key: string, make: () => IpSet): IpSet {
    return keptIn(this.made.sets, key, make)
  }

  private hostsOf(family: Family, { felix }: ClusterNode): IpSet {
    const { externalNodes } = felix.rules
    return this.kept(`hosts ${family} ${externalNodes.join()}`, () => hostsSet(family, this.facts.nodes, externalNodes))
  }

  /** Those of the other nodes that have a VXLAN device. @calico felix/dataplane/linux/vxlan_mgr.go */
  private vxlanHosts(family: Family, { name, felix }: ClusterNode): IpSet {
    const { externalNodes } = felix.rules
    const members = (): string[] => {
      const parents = [...this.facts.vxlanHosts[family]].filter(([node]) => node !== name).map(([, ip]) => ip)
      return vxlanMembers(family, parents, externalNodes)
    }
    const note = 'addresses of the other nodes that have a VXLAN device'
    return this.kept(`vxlan ${family} ${name} ${externalNodes.join()}`, () =>
      felixSet('all-vxlan-net', family, 'hash:net', members, { component: 'felix', note }),
    )
  }

  private sharedOf(family: Family, node: ClusterNode, addressed: readonly TunnelDevice[]): SharedChains {
    const { settings, pools } = this.facts
    const enabled = enabledDevices(node, pools, settings)
    const { settingIds, shared } = this.made
    const id = keptIn(settingIds, node.felix, () => settingIds.size)
    const key = `${family} ${id} ${enabled.join()} ${addressed.join()}`
    return keptIn(shared, key, () => new SharedChains(this.contextOf(family, node, enabled, addressed), pools))
  }

  private contextOf(
    family: Family,
    { felix }: ClusterNode,
    enabled: readonly TunnelDevice[],
    addressed: readonly TunnelDevice[],
  ): RuleContext {
    const { settings, serviceRanges } = this.facts
    return {
      family,
      marks: felix.marks,
      traits: settings.traits,
      settings: felix.rules,
      interfacePrefix: settings.interfacePrefix,
      vxlanPort: felix.vxlanPort,
      wireguardPort: family === 4 ? felix.wireguardPort : felix.wireguardPortV6,
      enabled,
      addressed,
      wireguardHostEncryption: felix.wireguardHostEncryption,
      serviceRanges: serviceRanges.filter((range) => range.includes(':') === (family === 6)),
      floatingIps: felix.floatingIps,
      randomFully: true,
    }
  }
}
