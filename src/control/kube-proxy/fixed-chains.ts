import type { Chain, IptRule, Match, Origin, Target } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'
import type { TablePart } from '../ruleset-part.ts'
import type { ProxyConfig } from './config.ts'
import { jumpTo, LOCALHOST, NEW, ruleOf } from './rule.ts'

const BY_KUBE_PROXY: Origin = { component: 'kube-proxy' }

function jump(chain: string, comment: string, modules: readonly Match[] = []): IptRule {
  // Of jumps the comment stands last: kube-proxy names what they ask first.
  const matches: Match[] = [...modules, ...(comment === '' ? [] : [{ kind: 'comment', comment } as const])]
  return ruleOf({ modules: matches }, { target: jumpTo(chain), origin: BY_KUBE_PROXY })
}

const FIREWALL = jump('KUBE-FIREWALL', '')
const PROXY_FIREWALL = jump('KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', [NEW])
const EXTERNAL = jump('KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', [NEW])
const REFUSALS = jump('KUBE-SERVICES', 'kubernetes service portals', [NEW])
const PORTALS = jump('KUBE-SERVICES', 'kubernetes service portals')

/** Jumps from chains of the kernel. kube-proxy puts each in front of those before: the last one of its list comes first. */
export const FILTER_JUMPS: TablePart['first'] = {
  INPUT: [FIREWALL, PROXY_FIREWALL, jump('KUBE-NODEPORTS', 'kubernetes health check service ports'), EXTERNAL],
  FORWARD: [PROXY_FIREWALL, jump('KUBE-FORWARD', 'kubernetes forwarding rules'), REFUSALS, EXTERNAL],
  OUTPUT: [FIREWALL, PROXY_FIREWALL, REFUSALS],
}

/** Jumps of the nat table. */
export const NAT_JUMPS: TablePart['first'] = {
  PREROUTING: [PORTALS],
  OUTPUT: [PORTALS],
  POSTROUTING: [jump('KUBE-POSTROUTING', 'kubernetes postrouting rules')],
}

const EMPTY: Chain = { rules: [] }

/** A chain by whose loss kube-proxy sees that somebody flushed the table. */
export const CANARY: readonly [string, () => Chain] = ['KUBE-PROXY-CANARY', () => EMPTY]

const ACCEPT: Target = { kind: 'ACCEPT' }
const DROP: Target = { kind: 'DROP' }

function fixed(tests: Parameters<typeof ruleOf>[0], target: Target, rest: Partial<IptRule> = {}): IptRule {
  return ruleOf(tests, { target, origin: BY_KUBE_PROXY, ...rest })
}

/** Chains of the filter table that are the same whatever Services there are. */
export function filterChains(
  family: Family,
  config: Pick<ProxyConfig, 'masqueradeMark' | 'tcpBeLiberal'>,
): Map<string, () => Chain> {
  const { masqueradeMark: mark, tcpBeLiberal } = config
  const states = (...some: ('INVALID' | 'RELATED' | 'ESTABLISHED')[]): Match => ({
    kind: 'conntrack',
    state: { states: some },
  })
  const forward = [
    ...(tcpBeLiberal ? [] : [fixed({ modules: [states('INVALID')] }, DROP, { meaning: { kind: 'invalid' } })]),
    fixed({ comment: 'kubernetes forwarding rules', modules: [{ kind: 'mark', mark, mask: mark }] }, ACCEPT),
    fixed({ comment: 'kubernetes forwarding conntrack rule', modules: [states('RELATED', 'ESTABLISHED')] }, ACCEPT, {
      meaning: { kind: 'established' },
    }),
  ]
  return new Map([
    ['KUBE-FIREWALL', () => ({ rules: family === 4 ? [LOCALNET] : [] })],
    ['KUBE-FORWARD', () => ({ rules: forward })],
    CANARY,
  ])
}

/** What `route_localnet` would let in: packets of others to the node's own 127.0.0.0/8. kubelet writes it, too. */
const LOCALNET = fixed(
  {
    notSource: LOCALHOST,
    destination: LOCALHOST,
    comment: 'block incoming localnet connections',
    modules: [{ kind: 'conntrack', state: { states: ['RELATED', 'ESTABLISHED', 'DNAT'], invert: true } }],
  },
  DROP,
)

/** Chains of the nat table that are the same whatever Services there are. */
export function natChains({ masqueradeMark: mark }: ProxyConfig): Map<string, () => Chain> {
  const xor: Target = { kind: 'MARK', op: 'set-xmark', value: mark, mask: 0 }
  const or: Target = { kind: 'MARK', op: 'set-xmark', value: mark, mask: mark }
  const postrouting = [
    fixed({ modules: [{ kind: 'mark', mark, mask: mark, invert: true }] }, { kind: 'RETURN' }),
    fixed({}, xor),
    fixed(
      { comment: 'kubernetes service traffic requiring SNAT' },
      { kind: 'MASQUERADE', range: { randomFully: true } },
      { meaning: { kind: 'service-masquerade' } },
    ),
  ]
  return new Map([
    ['KUBE-MARK-MASQ', () => ({ rules: [fixed({}, or)] })],
    ['KUBE-POSTROUTING', () => ({ rules: postrouting })],
    CANARY,
  ])
}
