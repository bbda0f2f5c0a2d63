import { keptIn } from '../../model/index.ts'
import { activeSets, setsOfPolicy } from '../felix/rules/node-sets.ts'
import type { Entry } from './entries.ts'
import { type EntryList, mayConcern } from './entry-list.ts'
import type { HostIndex } from './host-index.ts'
import type { NodePolicies, SetId, Tier } from './model.ts'
import type { PodIndex } from './pod-index.ts'
import type { PolicySets } from './policy-sets.ts'
import type { Profiles } from './profiles.ts'
import type { Choices } from './selections.ts'
import { isOf } from './stage.ts'

/** So few nodes are asked by their own pods which policies concern them; for more it pays to look at all pods once. */
const FEW = 8

/** What of a calculation is compared with that of another. */
export interface Compared {
  readonly list: EntryList
  readonly pods: PodIndex
  readonly hosts: HostIndex
  readonly choices: Choices
  readonly sets: PolicySets
  readonly profiles: Profiles
  readonly tiers: readonly Tier[]
  of(node: string): NodePolicies
}

/** In what a calculation differs from others, node by node, found out without making what is enforced there. */
export class Comparison {
  private readonly own: Compared
  /** Nodes with pods that policies select which are not in this list, or only there. */
  private readonly selecting = new WeakMap<EntryList, ReadonlySet<string>>()
  /** Policies that ask sets which are others than by these, and nodes with pods that they select. */
  private readonly asking = new WeakMap<PolicySets, readonly Entry[] | undefined>()
  private readonly askingNodes = new WeakMap<PolicySets, ReadonlySet<string>>()

  constructor(own: Compared) {
    this.own = own
  }

  /** Whether all sets have the members they have by another calculation over the same policies. */
  hasSetsOf(before: Compared): boolean {
    if (this.own.sets === before.sets) return true
    for (const [id] of this.own.list.sets()) if (this.own.sets.edition(id) !== before.sets.edition(id)) return false
    for (const [id] of this.own.profiles.allSets())
      if (this.own.sets.edition(id) !== before.sets.edition(id)) return false
    return true
  }

  /** The nodes of these that may have other rules or sets than by another calculation over the same nodes and pods. */
  differing(before: Compared, names: readonly string[]): readonly string[] {
    if (!this.isLike(before)) return names
    const edited = [...this.own.list.notIn(before.list), ...before.list.notIn(this.own.list)]
    const { hosts } = this.own.choices
    const isFew = names.length <= FEW
    const isSelected = this.selection(edited, this.selecting, before.list, isFew)
    const hasSets = this.hasSetsOf(before)
    return names.filter(
      (node) =>
        isSelected(node) ||
        (!hasSets && !this.hasSetsOn(node, before, isFew)) ||
        this.own.hosts.ofNode(node).some((host) => hosts.any(host, undefined, edited)),
    )
  }

  /** Tells whether one of these policies selects a pod of a node: of few nodes their pods are asked, for many it is noted which nodes have any. */
  private selection<K extends object>(
    entries: readonly Entry[],
    known: WeakMap<K, ReadonlySet<string>>,
    key: K,
    isFew: boolean,
  ): (node: string) => boolean {
    if (entries.length === 0) return () => false
    const nodes = known.get(key)
    if (nodes === undefined && isFew) return (node) => this.selectsOn(node, entries)
    const all = nodes ?? this.nodesSelectedBy(entries)
    known.set(key, all)
    return (node) => all.has(node)
  }

  private selectsOn(node: string, entries: readonly Entry[]): boolean {
    return this.own.pods.ofNode(node).some((pod) => this.own.choices.pods.any(pod, pod.namespace, entries))
  }

  /** Nodes with a pod that one of these policies selects. */
  private nodesSelectedBy(entries: readonly Entry[]): ReadonlySet<string> {
    const nodes = new Set<string>()
    for (const entry of entries) {
      for (const { node, namespace } of this.own.pods.selectedBy(entry.selector().parsed)) {
        if (mayConcern(entry, namespace)) nodes.add(node)
      }
    }
    return nodes
  }

  /** Whether some node's own interfaces may have other rules than by another calculation. */
  hostsDiffer(before: Compared): boolean {
    if (this.own.hosts.isEmpty() && before.hosts.isEmpty()) return false
    if (!this.isLike(before) || (this.own.sets !== before.sets && !this.hasSetsOf(before))) return true
    const edited = [...this.own.list.notIn(before.list), ...before.list.notIn(this.own.list)]
    return edited.some((entry) => mayConcern(entry, undefined) && this.own.hosts.selectsAny(entry.selector()))
  }

  /** Whether nothing but policies may be others. Tiers that only one of them has are of its own policies. */
  private isLike(before: Compared): boolean {
    const tiers = new Map(before.tiers.map((tier) => [tier.name, tier]))
    return (
      this.own.choices === before.choices &&
      this.own.profiles === before.profiles &&
      this.own.tiers.every((tier) => (tiers.get(tier.name) ?? tier) === tier)
    )
  }

  /** Whether the sets of a node have the members they have by another calculation. */
  private hasSetsOn(node: string, before: Compared, isFew: boolean): boolean {
    if (this.own.sets === before.sets) return true
    const asking =
      this.own.hosts.ofNode(node).length === 0
        ? keptIn(this.asking, before.sets, () => this.askingIn(before))
        : undefined
    return asking === undefined
      ? activeSets(this.own.of(node)).every((id) => this.own.sets.edition(id) === before.sets.edition(id))
      : !this.selection(asking, this.askingNodes, before.sets, isFew)(node)
  }

  /** Policies that ask a set which has other members than by another calculation; undefined where each node has to be looked at. */
  private askingIn(before: Compared): readonly Entry[] | undefined {
    const isOther = (id: SetId): boolean => this.own.sets.edition(id) !== before.sets.edition(id)
    for (const [id] of this.own.profiles.allSets()) if (isOther(id)) return undefined
    return this.own.list.entries.filter(
      ({ policy }) => isOf(policy, 'normal') && policy.directions.length > 0 && setsOfPolicy(policy).some(isOther),
    )
  }
}
