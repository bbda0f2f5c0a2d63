import type { Policy, Profile, TierPolicies } from '../../policy/model.ts'
import type { PartEdition } from '../../ruleset-part.ts'
import type { EndpointChain } from './endpoints.ts'
import { areSame } from './same-policies.ts'
import type { SharedChains } from './shared-chains.ts'

/** What a chain is made of, beside what all chains of a part depend on. */
export type ChainSource =
  /** Of these very objects: a policy, a profile, the policies of a group; none for chains that are always the same. */
  | { readonly kind: 'objects'; readonly of: readonly object[] }
  /** Of what is enforced for a pod. */
  | { readonly kind: 'pod'; readonly chain: EndpointChain }
  /** Of what this text says. */
  | { readonly kind: 'text'; readonly text: string }
  /** Nobody says. */
  | { readonly kind: 'unknown' }

/**
 * Tells what Felix has in a table from what it had there before. An edited policy leaves the chains of all pods it selects as they are,
 * but for the place in a file where their jumps come from: they ask it by name.
 */
export class FelixEdition implements PartEdition {
  private readonly shared: SharedChains
  /** By names of chains; those that all nodes have alike are not among them. */
  private readonly sources: ReadonlyMap<string, ChainSource>

  constructor(shared: SharedChains, sources: ReadonlyMap<string, ChainSource>) {
    this.shared = shared
    this.sources = sources
  }

  apartFrom(other: PartEdition): readonly string[] | undefined {
    if (!(other instanceof FelixEdition) || other.shared !== this.shared) return undefined
    const names: string[] = []
    const tiers = new SameTiers()
    for (const [name, source] of this.sources) {
      const was = other.sources.get(name)
      if (was === undefined || !isSame(source, was, tiers)) names.push(name)
    }
    return names
  }
}

function isSame(a: ChainSource, b: ChainSource, tiers: SameTiers): boolean {
  if (a.kind === 'objects') return b.kind === 'objects' && areSame(a.of, b.of)
  if (a.kind === 'pod') return b.kind === 'pod' && isSamePodChain(a.chain, b.chain, tiers)
  return a.kind === 'text' && b.kind === 'text' && a.text === b.text
}

function isSamePodChain(a: EndpointChain, b: EndpointChain, tiers: SameTiers): boolean {
  return (
    a.rate?.limit === b.rate?.limit &&
    areSame(a.profiles, b.profiles, (one: Profile, other) => one.name === other.name) &&
    tiers.areSame(a.tiers, b.tiers)
  )
}

/** Pods that the same policies select share one list of tiers: it is compared once. */
class SameTiers {
  private readonly known = new Map<EndpointChain['tiers'], [other: EndpointChain['tiers'], isSame: boolean]>()

  areSame(tiers: EndpointChain['tiers'], others: EndpointChain['tiers']): boolean {
    if (tiers === others) return true
    const known = this.known.get(tiers)
    if (known?.[0] === others) return known[1]
    const isAlike = areSame(tiers, others, isSameTier)
    this.known.set(tiers, [others, isAlike])
    return isAlike
  }
}

function isSameTier(a: TierPolicies, b: TierPolicies): boolean {
  const isNamedSame = a.tier.name === b.tier.name && a.tier.defaultAction === b.tier.defaultAction
  return isNamedSame && areSame(a.ingress, b.ingress, isAskedAlike) && areSame(a.egress, b.egress, isAskedAlike)
}

/** Whether chains ask two policies in the same way, and group them alike. */
function isAskedAlike(a: Policy, b: Policy): boolean {
  if (a === b) return true
  const isNamedSame = a.ref.kind === b.ref.kind && a.ref.name === b.ref.name && a.ref.namespace === b.ref.namespace
  return isNamedSame && a.id === b.id && a.selector === b.selector && a.staged === b.staged
}
