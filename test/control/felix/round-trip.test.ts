import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PolicyRule, SideMatch } from '../../../src/control/policy/model.ts'
import { iptablesSave, parseIptablesSave } from '../../../src/linux/index.ts'
import type { Issue, Ruleset } from '../../../src/model/index.ts'
import type { Family, Prefix } from '../../../src/wire/index.ts'
import { context, host, policy, policyRule, rulesetOf, tierOf, workload } from './node-policies.ts'

/** What the kernel has of a ruleset: no origins, no meanings, no words. */
function bare(ruleset: Ruleset): unknown {
  return Object.entries(ruleset.tables).map(([table, { chains }]) => [
    table,
    Object.entries(chains).map(([name, { policy: end, rules }]) => [
      name,
      end,
      rules.map(({ matches, target }) => ({ matches, target })),
    ]),
  ])
}

const port = fc.integer({ min: 1, max: 65535 })
const range = fc.tuple(port, port).map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) }))
const RANGES: Readonly<Record<Family, readonly string[]>> = {
  4: ['10.0.0.0/8', '10.1.2.3/32', '0.0.0.0/0', '192.168.0.0/16'],
  6: ['fd00::/8', 'fd00::1/128', '::/0', '2001:db8::/32'],
}

function side(family: Family): fc.Arbitrary<Partial<SideMatch>> {
  const nets = fc.subarray([...RANGES[family], RANGES[family === 4 ? 6 : 4][0]!]) as fc.Arbitrary<Prefix[]>
  const ids = (prefix: string) => fc.subarray([`${prefix}:a`, `${prefix}:bcd`])
  return fc.record(
    {
      nets,
      notNets: nets,
      sets: ids('s'),
      notSets: ids('s'),
      ports: fc.array(range, { maxLength: 20 }),
      notPorts: fc.array(range, { maxLength: 20 }),
      namedPorts: ids('n'),
      notNamedPorts: ids('n'),
      ipPortSets: ids('svc'),
    },
    { requiredKeys: [] },
  )
}

function anyRule(family: Family): fc.Arbitrary<PolicyRule> {
  const icmp = family === 4 ? { number: 1, name: 'icmp' } : { number: 58, name: 'icmpv6' }
  const message = fc.record({ type: fc.nat(254), code: fc.nat(255) }, { requiredKeys: ['type'] })
  const tcp = fc.constantFrom({ number: 6, name: 'tcp' }, { number: 17, name: 'udp' }, { number: 132, name: 'sctp' })
  const action = fc.constantFrom('Allow', 'Deny', 'Pass', 'Log')
  const ofPorts = fc.record({ protocol: tcp, source: side(family), destination: side(family) })
  const ofIcmp = fc.record({ protocol: fc.constant(icmp), icmp: message })
  const others = fc.record({ notProtocol: fc.constantFrom({ number: 47 }, { number: 6, name: 'tcp' }) })
  return fc
    .tuple(action, fc.oneof(ofPorts, ofIcmp, others))
    .map(([what, parts]) => policyRule(what as PolicyRule['action'], parts))
}

describe('what is printed of Felix’ rules reads back to the same rules', () => {
  test.each([4, 6] as const)('IPv%d', (family) => {
    const settings = fc.constantFrom({}, { iptablesFilterDenyAction: 'Reject', logActionRateLimit: '10/minute' })
    const version = fc.constantFrom('v3.21.0', 'v3.27.0', 'v3.28.0', 'v3.30.0', 'v3.33.0')
    fc.assert(
      fc.property(fc.array(anyRule(family), { maxLength: 6 }), version, settings, (rules, release, given) => {
        const tiers = [tierOf({ ingress: [policy('p', { ingress: rules })], egress: [policy('q', { egress: rules })] })]
        const of = context(release, { family, enabled: ['tunl0', 'vxlan.calico', 'vxlan-v6.calico'] }, given)
        const hosts = [host('eth0', { tiers, forward: tiers, untracked: tiers, preDnat: tiers }), host('*')]
        const made = rulesetOf({ workloads: [workload('cali1', { tiers }), workload('cali2')], hosts }, of)
        const tool = family === 4 ? 'inet' : 'inet6'
        const issues: Issue[] = []
        const read = parseIptablesSave(iptablesSave(made, { family: tool }), { file: 'x', path: [], issues }, tool)
        expect([issues, bare(read)]).toEqual([[], bare(made)])
      }),
      { numRuns: 30 },
    )
  })
})
