import type { IptRule, PolicyDirection, PolicyRef, RuleMeaning } from '../../model/index.ts'
import { type Chains, chainBehind, commentsOf, type Known, type Meanings, matchOf, refuses } from './known.ts'
import { policyRef } from './policy-name.ts'

/** Chains of endpoints: the direction of the policy they hold, and of what. @calico felix/rules/rule_defs.go */
const ENDPOINT = /^cali-(tw|fw|thfw|fhfw|th|fh)-/
const DIRECTION: Readonly<Record<string, PolicyDirection>> = {
  tw: 'ingress',
  fw: 'egress',
  th: 'egress',
  fh: 'ingress',
  thfw: 'egress',
  fhfw: 'ingress',
}
const POLICY = /^cali-p([io])-(.+)$/
const PROFILE = /^cali-pr([io])-(.+)$/
const GROUP = /^cali-g[io]-/
const IPIP = 4

/** What rules of a table of Felix stand for, by the names of chains and the comments that it writes. */
export function felixMeanings(chains: Chains, known: Known): Meanings {
  const meanings: Meanings = new Map()
  const policies = policyChains(chains)
  const accept = acceptMark(chains)
  for (const [name, { rules }] of Object.entries(chains)) {
    const endpoint = ENDPOINT.exec(name)
    const policy = POLICY.exec(name)
    const profile = PROFILE.exec(name)
    if (endpoint !== null) readEndpoint(rules, DIRECTION[endpoint[1]!]!, chains, policies, meanings)
    else if (policy !== null) {
      const ref = policies.get(name)
      const direction = policy[1] === 'i' ? 'ingress' : 'egress'
      if (ref !== undefined)
        readVerdicts(rules, accept, meanings, (rule, action) => ({
          kind: 'policy',
          policy: ref,
          direction,
          rule,
          action,
        }))
    } else if (profile !== null) {
      const direction = profile[1] === 'i' ? 'ingress' : 'egress'
      const named = profileName(profile[2]!, rules)
      readVerdicts(rules, accept, meanings, (_, action) => ({ kind: 'profile', profile: named, direction, action }))
    } else {
      for (const rule of rules) {
        const meaning = standsFor(name, rule, accept, known)
        if (meaning !== undefined) meanings.set(rule, meaning)
      }
    }
  }
  return meanings
}

/** Which policy each chain holds. The tier is that of the endpoints' chains which ask it. */
function policyChains(chains: Chains): ReadonlyMap<string, PolicyRef> {
  const tiers = new Map<string, string>()
  for (const [name, { rules }] of Object.entries(chains)) {
    if (!ENDPOINT.test(name)) continue
    let tier = 'default'
    for (const rule of rules) {
      tier = startOfTier(rule) ?? tier
      for (const asked of policyChainsBehind(rule, chains)) if (!tiers.has(asked)) tiers.set(asked, tier)
    }
  }
  const policies = new Map<string, PolicyRef>()
  for (const [name, { rules }] of Object.entries(chains)) {
    const suffix = POLICY.exec(name)?.[2]
    if (suffix === undefined) continue
    const ref = policyRef(suffix, rules[0] === undefined ? [] : commentsOf(rules[0]), tiers.get(name) ?? 'default')
    if (ref !== undefined) policies.set(name, ref)
  }
  return policies
}

function startOfTier(rule: IptRule): string | undefined {
  for (const comment of commentsOf(rule)) {
    const tier = /^Start of tier (\S+)$/.exec(comment)?.[1]
    if (tier !== undefined) return tier
    if (comment === 'Start of policies') return 'default'
  }
  return undefined
}

/** The chains of policies a rule leads to: one, or those of a group. */
function policyChainsBehind(rule: IptRule, chains: Chains): string[] {
  const chain = chainBehind(rule)
  if (chain === undefined) return []
  if (POLICY.test(chain)) return [chain]
  if (!GROUP.test(chain) || !Object.hasOwn(chains, chain)) return []
  return (chains[chain]?.rules ?? []).flatMap((inner) => {
    const asked = chainBehind(inner)
    return asked !== undefined && POLICY.test(asked) ? [asked] : []
  })
}

/** The bit that says "accepted": Felix accepts what has it at the end of FORWARD or in INPUT. */
function acceptMark(chains: Chains): number {
  for (const name of ['FORWARD', 'cali-INPUT', 'cali-OUTPUT', 'cali-PREROUTING']) {
    for (const rule of Object.hasOwn(chains, name) ? (chains[name]?.rules ?? []) : []) {
      const mark = matchOf(rule, 'mark')
      if (rule.target?.kind === 'ACCEPT' && mark !== undefined && mark.mark === mark.mask) return mark.mark
    }
  }
  return 0x10000
}

/** The chain of an endpoint: what went before, its tiers and their ends, and the end of it. */
function readEndpoint(
  rules: readonly IptRule[],
  direction: PolicyDirection,
  chains: Chains,
  policies: ReadonlyMap<string, PolicyRef>,
  meanings: Meanings,
): void {
  let tier = 'default'
  let asked: PolicyRef[] = []
  for (const [i, rule] of rules.entries()) {
    const started = startOfTier(rule)
    if (started !== undefined) {
      tier = started
      // Filled by the rules that follow.
      asked = []
      meanings.set(rule, { kind: 'tier', tier, direction, policies: asked })
    }
    for (const name of policyChainsBehind(rule, chains)) {
      const ref = policies.get(name)
      if (ref !== undefined) asked.push(ref)
    }
    const meaning = ofEndpointRule(rule, i === rules.length - 1, { kind: 'tier-end', tier, direction, policies: asked })
    if (meaning !== undefined) meanings.set(rule, meaning)
  }
}

/** How Felix begins the comment of what drops packets over a pod's limit. */
const OVER_RATE = 'Drop packets over '

function ofEndpointRule(
  rule: IptRule,
  isLast: boolean,
  end: Extract<RuleMeaning, { kind: 'tier-end' }>,
): RuleMeaning | undefined {
  const states = matchOf(rule, 'conntrack')?.state?.states
  if (states?.includes('ESTABLISHED') && rule.target?.kind === 'ACCEPT') return { kind: 'established' }
  if (!refuses(rule)) return undefined
  if (states?.includes('INVALID')) return { kind: 'invalid' }
  if (matchOf(rule, 'protocol') !== undefined) return { kind: 'encapsulated' }
  if (commentsOf(rule).some((comment) => comment.startsWith(OVER_RATE))) return undefined
  if (matchOf(rule, 'mark') !== undefined) return end
  return isLast ? { kind: 'no-profile', direction: end.direction } : undefined
}

type Verdict = 'Allow' | 'Deny' | 'Pass' | 'Log'

/**
 * Rules of a policy or profile: one of the object's becomes tests that set a mark, and what is done with the mark. They are
 * counted as they stand in the chain, which leaves out what is not for its IP version.
 */
function readVerdicts(
  chain: readonly IptRule[],
  accept: number,
  meanings: Meanings,
  meaning: (rule: number, action: Verdict) => RuleMeaning,
): void {
  // What tells a collector of flows stands between a mark and what is done with it.
  const rules = chain.filter(({ target }) => target?.kind !== 'NFLOG')
  let count = 0
  let last: RuleMeaning | undefined
  for (const [i, rule] of rules.entries()) {
    const action = verdictOf(rule, rules[i + 1], accept)
    if (action !== undefined) {
      count += 1
      last = meaning(count, action)
    }
    const follows = action === undefined && (refuses(rule) || rule.target?.kind === 'RETURN')
    if (last !== undefined && (action !== undefined || follows)) meanings.set(rule, last)
  }
}

/** What a rule does with what it matches; undefined when it only prepares or follows another. */
function verdictOf(rule: IptRule, next: IptRule | undefined, accept: number): Verdict | undefined {
  const { target } = rule
  if (target?.kind === 'LOG') return 'Log'
  if (target?.kind === 'MARK') {
    if (target.value === accept) return 'Allow'
    if (target.value === accept * 2) return 'Pass'
    const isTold = next !== undefined && refuses(next) && matchOf(next, 'mark')?.mark === target.value
    return target.value === accept * 4 && isTold ? 'Deny' : undefined
  }
  if (!refuses(rule)) return undefined
  // What only looks at the mark of a denial carries out the rule before it.
  const tests = rule.matches.filter(({ kind }) => kind !== 'comment')
  const [only] = tests
  return tests.length === 1 && only?.kind === 'mark' && only.mark === accept * 4 ? undefined : 'Deny'
}

function profileName(suffix: string, rules: readonly IptRule[]): string {
  const comments = rules[0] === undefined ? [] : commentsOf(rules[0])
  const named = comments.flatMap((comment) => /^Profile (\S+) (?:ingress|egress)$/.exec(comment)?.[1] ?? [])
  return named[0] ?? suffix
}

/** Rules of the chains every node has. @calico felix/rules/static.go */
function standsFor(chain: string, rule: IptRule, accept: number, known: Known): RuleMeaning | undefined {
  const next = chainBehind(rule)
  const endpoint = next === undefined ? undefined : ENDPOINT.exec(next)?.[1]
  if (endpoint !== undefined) return intoEndpoint(endpoint, rule, known)
  switch (chain) {
    case 'FORWARD':
      return rule.target?.kind === 'ACCEPT' && matchOf(rule, 'mark')?.mark === accept
        ? { kind: 'allowed-before' }
        : undefined
    case 'cali-INPUT':
    case 'cali-OUTPUT':
      return tunnelRule(rule)
    case 'cali-wl-to-host':
      return toHost(rule)
    case 'cali-PREROUTING':
      return matchOf(rule, 'rpfilter') !== undefined && refuses(rule) ? { kind: 'rpf' } : undefined
    case 'cali-nat-outgoing':
      return rule.target?.kind === 'MASQUERADE' || rule.target?.kind === 'SNAT' ? { kind: 'nat-outgoing' } : undefined
    case 'cali-POSTROUTING':
      return rule.target?.kind === 'MASQUERADE' ? { kind: 'tunnel-source' } : undefined
    case 'cali-cidr-block': {
      const cidr = matchOf(rule, 'destination')?.prefix
      return cidr === undefined ? undefined : { kind: 'service-loop', cidr }
    }
    case 'cali-failsafe-in':
    case 'cali-failsafe-out':
      return { kind: 'failsafe', direction: chain === 'cali-failsafe-in' ? 'ingress' : 'egress' }
    default:
      return /^cali-(from|to)-wl-dispatch/.test(chain) && refuses(rule) ? { kind: 'unknown-interface' } : undefined
  }
}

function intoEndpoint(kind: string, rule: IptRule, known: Known): RuleMeaning {
  const dev = (matchOf(rule, 'in-interface') ?? matchOf(rule, 'out-interface'))?.name ?? '*'
  const host = kind !== 'tw' && kind !== 'fw'
  const endpoint = host ? dev : (known.podBehind(dev) ?? dev)
  const forward = kind === 'thfw' || kind === 'fhfw'
  const direction = DIRECTION[kind]!
  return { kind: 'endpoint', direction, endpoint, host, dev, ...(host ? { forward } : {}) }
}

function tunnelRule(rule: IptRule): RuleMeaning | undefined {
  const protocol = matchOf(rule, 'protocol')?.protocol
  const isTunnel = protocol === IPIP || (protocol === 17 && matchOf(rule, 'multiport') !== undefined)
  return isTunnel && (rule.target?.kind === 'ACCEPT' || refuses(rule)) ? { kind: 'tunnel' } : undefined
}

function toHost(rule: IptRule): RuleMeaning | undefined {
  switch (rule.target?.kind) {
    case 'ACCEPT':
      // ICMPv6 that a node needs comes before.
      return matchOf(rule, 'icmp6') === undefined ? { kind: 'endpoint-to-host', action: 'ACCEPT' } : undefined
    case 'DROP':
    case 'REJECT':
    case 'RETURN':
      return { kind: 'endpoint-to-host', action: rule.target.kind }
    default:
      return undefined
  }
}
