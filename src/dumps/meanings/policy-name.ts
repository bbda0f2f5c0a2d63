import { type PolicyKind, policyKindOf } from '../../control/index.ts'
import type { PolicyKindName, PolicyRef } from '../../model/index.ts'

/** Prefixes of names up to v3.31, behind which the tier stands. @calico libcalico-go/lib/backend/k8s/conversion */
const PREFIXES: Readonly<Record<string, PolicyKindName>> = {
  'knp.': 'NetworkPolicy',
  'kanp.': 'AdminNetworkPolicy',
  'kbanp.': 'BaselineAdminNetworkPolicy',
  'kcnp.': 'ClusterNetworkPolicy',
}

/** `KIND [NAMESPACE/]NAME`, as from v3.32 on. */
function withKind(kind: PolicyKind, rest: string, tier: string): PolicyRef {
  const slash = rest.indexOf('/')
  if (slash < 0) return { ...kind, name: rest, tier }
  return { ...kind, namespace: rest.slice(0, slash), name: rest.slice(slash + 1), tier }
}

/** `[NAMESPACE/]TIER.NAME` or `[NAMESPACE/]knp.default.NAME`, as up to v3.31; the tier may stand before all of it. */
function withTier(text: string): PolicyRef {
  const parts = text.split('/')
  const name = parts.at(-1)!
  // v3.29 to v3.31 write the tier first, and it is the name's own beginning as well.
  const own =
    parts.length > 1 && name.replace(/^(knp|kanp|kbanp)\./, '').startsWith(`${parts[0]}.`) && parts.length !== 2
  const namespace = own ? (parts.length > 2 ? parts[1] : undefined) : parts.length > 1 ? parts[0] : undefined
  const prefix = Object.keys(PREFIXES).find((one) => name.startsWith(one))
  const rest = prefix === undefined ? name : name.slice(prefix.length)
  const dot = rest.indexOf('.')
  const tier = dot < 0 ? 'default' : rest.slice(0, dot)
  const ref = { name: dot < 0 ? rest : rest.slice(dot + 1), tier, ...(namespace === undefined ? {} : { namespace }) }
  if (prefix !== undefined) return { kind: PREFIXES[prefix]!, api: 'kubernetes', ...ref }
  return { kind: namespace === undefined ? 'GlobalNetworkPolicy' : 'NetworkPolicy', api: 'calico', ...ref }
}

/**
 * The policy whose rules a chain holds: by the comment of its first rule, else by the part of its name behind the prefix,
 * where that is no hash.
 *
 * @param tier - tier in which endpoints ask it, for names that do not say
 */
export function policyRef(suffix: string, comments: readonly string[], tier: string): PolicyRef | undefined {
  for (const comment of comments) {
    const found = /^(\w+) (\S+) (?:ingress|egress)$/.exec(comment)
    if (found === null) continue
    const [, word, name] = found
    if (word === 'Policy') return withTier(name!)
    const kind = policyKindOf(word!)
    if (kind !== undefined) return withKind(kind, name!, tier)
  }
  if (suffix.startsWith('_')) return undefined
  const slash = suffix.indexOf('/')
  const kind = slash < 0 ? undefined : policyKindOf(suffix.slice(0, slash))
  return kind === undefined ? withTier(suffix) : withKind(kind, suffix.slice(slash + 1), tier)
}
