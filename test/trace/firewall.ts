// Rules as Felix and kube-proxy would write them, by hand and as few as say something: chains of one pod's endpoint on its
// node, and one Service. Every rule that stands for something carries its meaning.
import type {
  BackendRef,
  IptRule,
  Match,
  Network,
  Origin,
  PolicyDirection,
  PolicyRef,
  RuleMeaning,
  Ruleset,
  ServiceRef,
  Target,
} from '../../src/model/index.ts'
import type { Ip, Prefix } from '../../src/wire/index.ts'
import { POD_A, POD_B, TWO_NODES } from './two-nodes.ts'

export const DENY: PolicyRef = {
  kind: 'NetworkPolicy',
  api: 'kubernetes',
  namespace: 'default',
  name: 'deny-db-access',
  tier: 'default',
}
export const WEB: PolicyRef = { ...DENY, name: 'allow-web' }
export const GLOBAL: PolicyRef = { kind: 'GlobalNetworkPolicy', api: 'calico', name: 'baseline', tier: 'platform' }
export const SVC: ServiceRef = { namespace: 'shop', name: 'db', portName: '', protocol: 'tcp', port: 5432 }
export const CLUSTER_IP = '10.96.0.7' as Ip
const BACKENDS: readonly BackendRef[] = [
  { address: POD_B as Ip, port: 80, pod: 'shop/db-0', node: 'n2' },
  { address: '10.1.0.67' as Ip, port: 80, pod: 'shop/db-1', node: 'n2' },
  { address: '10.1.0.68' as Ip, port: 80, pod: 'shop/db-2', node: 'n2' },
]

const FILE: Origin = {
  component: 'felix',
  object: 'NetworkPolicy/default/deny-db-access',
  file: 'policies.yaml',
  line: 12,
}

export function rule(meaning: RuleMeaning | undefined, target: Target | undefined, ...matches: Match[]): IptRule {
  return {
    matches,
    ...(target === undefined ? {} : { target }),
    ...(meaning === undefined ? {} : { meaning }),
    ...(meaning?.kind === 'policy' ? { origin: FILE } : {}),
  }
}

const jump = (chain: string): Target => ({ kind: 'jump', chain })
const go = (chain: string): Target => ({ kind: 'goto', chain })
const DROP: Target = { kind: 'DROP' }
const ACCEPT: Target = { kind: 'ACCEPT' }
const RETURN: Target = { kind: 'RETURN' }
const marked = (bit: number, invert = false): Match => ({ kind: 'mark', mark: invert ? 0 : bit, mask: bit })
const mark = (bit: number): Target => ({ kind: 'MARK', op: 'set-xmark', value: bit, mask: bit })
const clear = (bits: number): Target => ({ kind: 'MARK', op: 'set-xmark', value: 0, mask: bits })
const PASSED = 0x20000
const ALLOWED = 0x10000

/** What a policy's rule does with a packet: the rules Felix writes for it. */
export function policyRules(
  policy: PolicyRef,
  direction: PolicyDirection,
  number: number,
  action: 'Allow' | 'Deny' | 'Pass' | 'Log',
  ...matches: Match[]
): IptRule[] {
  const meaning: RuleMeaning = { kind: 'policy', policy, direction, rule: number, action }
  switch (action) {
    case 'Allow':
      return [rule(meaning, mark(ALLOWED), ...matches), rule(meaning, RETURN, marked(ALLOWED))]
    case 'Pass':
      return [rule(meaning, mark(PASSED), ...matches), rule(meaning, RETURN, marked(PASSED))]
    case 'Log':
      return [rule(meaning, { kind: 'LOG', prefix: 'calico-packet: ' }, ...matches)]
    case 'Deny':
      return [rule(meaning, DROP, ...matches)]
  }
}

/** One tier of an endpoint. */
export interface TierParts {
  readonly tier: string
  readonly policies: readonly { readonly ref: PolicyRef; readonly rules: readonly IptRule[] }[]
}

/** One direction of an endpoint: its tiers, and what its profile does. */
export interface EndpointParts {
  readonly direction: PolicyDirection
  readonly endpoint: string
  readonly tiers?: readonly TierParts[]
  readonly profile?: 'Allow' | 'Deny' | 'none'
}

/** Table filter of a node that asks these chains about what comes from or goes to its pod. */
export function filterTable(...endpoints: readonly EndpointParts[]): Ruleset {
  const chains: Record<string, { policy?: 'ACCEPT'; rules: IptRule[] }> = {
    INPUT: { policy: 'ACCEPT', rules: [] },
    FORWARD: {
      policy: 'ACCEPT',
      rules: [rule(undefined, jump('cali-FORWARD')), rule({ kind: 'allowed-before' }, ACCEPT, marked(ALLOWED))],
    },
    OUTPUT: { policy: 'ACCEPT', rules: [] },
    'cali-FORWARD': { rules: [] },
  }
  for (const one of endpoints) {
    const { direction, endpoint } = one
    const isFrom = direction === 'egress'
    const name = isFrom ? 'cali-fw-cali1' : 'cali-tw-cali1'
    const at: Match = { kind: isFrom ? 'in-interface' : 'out-interface', name: 'cali1' }
    const dispatch = isFrom ? 'cali-from-wl-dispatch' : 'cali-to-wl-dispatch'
    chains['cali-FORWARD']!.rules.push(rule(undefined, jump(dispatch), at))
    chains[dispatch] = {
      rules: [
        rule({ kind: 'endpoint', direction, endpoint, host: false, dev: 'cali1' }, go(name), at),
        rule({ kind: 'unknown-interface' }, DROP),
      ],
    }
    chains[name] = { rules: endpointRules(one, chains) }
  }
  return { tables: { filter: { chains } } }
}

function endpointRules(
  { direction, tiers = [], profile = 'Allow' }: EndpointParts,
  chains: Record<string, { rules: IptRule[] }>,
): IptRule[] {
  const rules = [
    rule({ kind: 'established' }, ACCEPT, { kind: 'conntrack', state: { states: ['RELATED', 'ESTABLISHED'] } }),
    rule({ kind: 'invalid' }, DROP, { kind: 'conntrack', state: { states: ['INVALID'] } }),
    rule(undefined, clear(ALLOWED | PASSED)),
  ]
  for (const { tier, policies } of tiers) {
    const refs = policies.map(({ ref }) => ref)
    rules.push(rule({ kind: 'tier', tier, direction, policies: refs }, clear(PASSED)))
    for (const { ref, rules: own } of policies) {
      const chain = `cali-p${direction === 'ingress' ? 'i' : 'o'}-${ref.name}`
      chains[chain] = { rules: [...own] }
      rules.push(rule(undefined, jump(chain), marked(PASSED, true)), rule(undefined, RETURN, marked(ALLOWED)))
    }
    rules.push(rule({ kind: 'tier-end', tier, direction, policies: refs }, DROP, marked(PASSED, true)))
  }
  if (profile === 'none') return [...rules, rule({ kind: 'no-profile', direction }, DROP)]
  const chain = `cali-pr${direction === 'ingress' ? 'i' : 'o'}-kns.default`
  const meaning: RuleMeaning = { kind: 'profile', profile: 'kns.default', direction, action: profile }
  chains[chain] = {
    rules:
      profile === 'Allow'
        ? [rule(meaning, mark(ALLOWED)), rule(meaning, RETURN, marked(ALLOWED))]
        : [rule(meaning, DROP)],
  }
  return [
    ...rules,
    rule(undefined, jump(chain)),
    rule(undefined, RETURN, marked(ALLOWED)),
    rule({ kind: 'no-profile', direction }, DROP),
  ]
}

/** Table nat of a node with one Service, whose endpoint is `chosen` (from 1). */
export function natTable(chosen = 1, more: readonly IptRule[] = []): NonNullable<Ruleset['tables']['nat']> {
  const backend = BACKENDS[chosen - 1]!
  const range = {
    minAddress: backend.address,
    maxAddress: backend.address,
    minPort: backend.port,
    maxPort: backend.port,
  }
  const to: Match = { kind: 'destination', prefix: `${CLUSTER_IP}/32` as Prefix }
  return {
    chains: {
      PREROUTING: { policy: 'ACCEPT', rules: [rule(undefined, jump('KUBE-SERVICES'))] },
      INPUT: { policy: 'ACCEPT', rules: [] },
      OUTPUT: { policy: 'ACCEPT', rules: [rule(undefined, jump('KUBE-SERVICES'))] },
      POSTROUTING: { policy: 'ACCEPT', rules: [...more] },
      'KUBE-SERVICES': {
        rules: [
          rule(
            { kind: 'service', service: SVC, door: 'ClusterIP' },
            jump('KUBE-SVC-DB'),
            to,
            { kind: 'protocol', protocol: 6 },
            { kind: 'tcp', dport: { low: 5432, high: 5432 } },
          ),
        ],
      },
      'KUBE-SVC-DB': {
        rules: [
          rule({ kind: 'masquerade-mark', service: SVC, why: 'all' }, mark(0x4000)),
          rule({ kind: 'backend', service: SVC, chosen, backends: BACKENDS }, jump('KUBE-SEP-DB')),
        ],
      },
      'KUBE-SEP-DB': {
        rules: [
          rule(
            { kind: 'service-dnat', service: SVC, backend },
            { kind: 'DNAT', range },
            { kind: 'protocol', protocol: 6 },
          ),
        ],
      },
    },
  }
}

export const MASQUERADE_SERVICE = rule(
  { kind: 'service-masquerade' },
  { kind: 'MASQUERADE', range: {} },
  { kind: 'mark', mark: 0x4000, mask: 0x4000 },
)
export const NAT_OUTGOING = rule(
  { kind: 'nat-outgoing' },
  { kind: 'MASQUERADE', range: {} },
  { kind: 'source', prefix: `${POD_A}/32` as Prefix },
)

/** The two nodes with these rules. */
export function guarded(rules: { readonly n1?: Ruleset; readonly n2?: Ruleset }): Network {
  return TWO_NODES.edit((net) => {
    for (const [name, iptables] of Object.entries(rules)) Object.assign(net.namespaces[name]!, { iptables })
  })
}
