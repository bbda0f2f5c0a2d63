// The rules under which the kernel was captured (made by hand, without comments, in the marks of v3.27) come out of values
// that describe them.
import { describe, expect, test } from 'vitest'
import type { RuleContext } from '../../../src/control/felix/rules/context.ts'
import { felixPart } from '../../../src/control/felix/rules/node-part.ts'
import type { FelixTableName } from '../../../src/control/felix/rules/shared-chains.ts'
import { SharedChains } from '../../../src/control/felix/rules/shared-chains.ts'
import type { Pool } from '../../../src/control/ipam/pool.ts'
import type { Policy, TierPolicies } from '../../../src/control/policy/model.ts'
import { mergedRuleset } from '../../../src/control/ruleset-part.ts'
import type { Ruleset } from '../../../src/model/index.ts'
import type { Prefix } from '../../../src/wire/index.ts'
import { readScenario, scenarioText } from '../../support/captures.ts'
import { context, linesOf, policy, policyRule, profile, tierOf, workload } from './node-policies.ts'

/** Lines of Felix' chains by table, in the words of a dump. */
function dumped(scenario: string, node: string): Map<string, string[]> {
  const text: string = JSON.parse(scenarioText(readScenario(scenario), 'state.json'))[node]['iptables.txt']
  const tables = new Map<string, string[]>()
  let table = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    const rule = line.replace(/^\[0:0\] /, '')
    if (rule.startsWith('-A cali-')) tables.set(table, [...(tables.get(table) ?? []), plain(rule)])
  }
  return tables
}

/**
 * What both say: no comments; whoever made the captures asked for no random ports, and for a rejection by policies alone,
 * where Felix rejects everything that it denies.
 */
function plain(line: string): string {
  return line
    .replace('-j REJECT --reject-with icmp-port-unreachable', '-j DROP')
    .replace(/ -m comment --comment ("[^"]*"|\S+)/g, '')
    .replace(' --random-fully', '')
}

/** The same lines of rendered tables: a rule that was only a comment is nothing, and VXLAN was tracked in the captures. */
function rendered(ruleset: Ruleset, table: FelixTableName): string[] {
  const chains = Object.keys(ruleset.tables[table]!.chains).filter((name) => name.startsWith('cali-'))
  const lines = chains.flatMap((chain) => linesOf(ruleset, table, chain).map(plain))
  return lines.filter((line) => line.split(' ').length > 2 && !line.endsWith('NOTRACK'))
}

const TCP = { number: 6, name: 'tcp' }
const UDP = { number: 17, name: 'udp' }
const ICMP = { number: 1, name: 'icmp' }
const port = (low: number, high = low) => ({ ports: [{ low, high }] })

const named = (id: string, parts: Partial<Policy>): Policy => policy(id, { id, ...parts })

/** Who may ask the web server, of the captures 19. */
function web(id: string, suffix: string): Policy {
  return named(id, {
    ingress: [
      policyRule('Allow', { protocol: TCP, source: { sets: [`s:frontend${suffix}`] }, destination: port(8080) }),
      policyRule('Allow', { protocol: ICMP, source: { nets: ['192.168.49.66/32' as Prefix] } }),
      policyRule('Deny', { protocol: UDP, destination: port(9999) }),
      policyRule('Allow', { protocol: UDP, destination: port(5000, 5010) }),
    ],
  })
}

/** Where one pod may send. */
function client(id: string, suffix: string): Policy {
  return named(id, {
    egress: [
      policyRule('Allow', { protocol: TCP, destination: { namedPorts: [`s:ports${suffix}`] } }),
      policyRule('Allow', { protocol: UDP, destination: port(53) }),
      policyRule('Pass', { protocol: ICMP, icmp: { type: 8 } }),
    ],
  })
}

const NODE01 = ['cali43e63c74d2c', 'caliedb5e8f426b']
const anything = (id: string): Policy => named(id, { egress: [policyRule('Allow')] })

/** Policies of node01 in the captures 19: the web server's, and of its neighbour one that denies all, and all may go out. */
const node01 = (suffix: string, pi: string, none: string, po: string): Record<string, TierPolicies[]> => ({
  cali43e63c74d2c: [tierOf({ ingress: [web(pi, suffix)] })],
  caliedb5e8f426b: [tierOf({ ingress: [named(none, {})], egress: [anything(po)] })],
})

const controlplane = (suffix: string, po: string): Record<string, TierPolicies[]> => ({
  caliea24b57b21f: [tierOf({ egress: [client(po, suffix)] })],
})

const POOL = { family: 4, natOutgoing: true, cidr: '192.168.0.0/16' } as unknown as Pool
const IPIP: Partial<RuleContext> = { enabled: ['tunl0'], addressed: ['tunl0'] }
const VXLAN: Partial<RuleContext> = { enabled: ['vxlan.calico'], addressed: ['vxlan.calico'] }
const REJECT = { iptablesFilterDenyAction: 'Reject' }
const MASTER = ['cali3593afd424a', 'cali81c4f903bf4', 'caliea24b57b21f']

type Row = [string, string, string[], Record<string, TierPolicies[]>, Partial<RuleContext>, Record<string, unknown>?]

describe('chains of captures', () => {
  test.each<Row>([
    ['03b-ipip-felix', 'node01', NODE01, {}, IPIP],
    ['04c-vxlan-felix', 'node01', NODE01, {}, VXLAN],
    [
      '19-policy-ipip',
      'node01',
      NODE01,
      node01('2feba4', '_cd51ce787bab6730', '_00030f94c11f674c', '_ca8ee4f29a1241af'),
      IPIP,
    ],
    ['19-policy-ipip', 'controlplane', MASTER, controlplane('2feba4', '_649487709fe535b2'), IPIP],
    [
      '19b-policy-noencap-reject',
      'node01',
      NODE01,
      node01('196187', '_c819a3987c0b1bd8', '_3b3a942f3af2f3f7', '_f128b86a7d7b9bc4'),
      {},
      REJECT,
    ],
    ['19b-policy-noencap-reject', 'controlplane', MASTER, controlplane('196187', '_0d916add2b413e1b'), {}, REJECT],
    [
      '19c-policy-vxlan',
      'node01',
      NODE01,
      node01('7a1127', '_863d6ed5a16feca7', '_9bf15c62aa1ebe64', '_def904cb7fda0267'),
      VXLAN,
    ],
    ['19c-policy-vxlan', 'controlplane', MASTER, controlplane('7a1127', '_511e82fd0ec91011'), VXLAN],
  ])('%s, %s', (scenario, node, devs, tiers, parts, settings = {}) => {
    const profiles = [profile('kns.default')]
    const workloads = devs.map((dev) => workload(dev, { tiers: tiers[dev] ?? [], profiles }))
    const shared = new SharedChains(context('v3.27.0', parts, settings), [POOL])
    const ruleset = mergedRuleset([felixPart({ workloads, hosts: [] }, node, shared)])
    const want = dumped(scenario, node)
    for (const table of ['filter', 'nat', 'raw'] as const) {
      expect([table, rendered(ruleset, table)]).toEqual([table, want.get(table)])
    }
  })
})
