// Rules that tell a collector of flows (felix-iptables.md §6): off by default, on with Goldmane from v3.30.
import { describe, expect, it, test } from 'vitest'
import { flowLog } from '../../../src/control/felix/rules/flow-logs.ts'
import { clusterOf, object } from '../policy/objects.ts'
import { context, host, policy, policyRule, profile, rulesetOf, textsOf, tierOf, workload } from './node-policies.ts'

const ON = { flowLogsGoldmaneServer: 'goldmane:7443' }
const KNS = [profile('kns.x')]

/** NFLOG rules of a chain, with the rule before and behind each left out. */
function logs(chain: string, settings: object, version = 'v3.32.0', parts: object = {}): string[] {
  const rules = [policyRule('Deny'), policyRule('Log'), policyRule('Pass'), policyRule('Allow')]
  const made = policy('p', { id: 'knp/d/p', ingress: rules, ...parts })
  const staged = policy('s', { id: 'sknp/s', staged: true })
  const tiers = [tierOf({ ingress: [made] }), tierOf({ ingress: [staged] }, { name: 'trial' })]
  const hosts = [host('eth0', { untracked: tiers, profiles: KNS })]
  const of = context(version, {}, settings as Readonly<Record<string, unknown>>)
  const ruleset = rulesetOf({ workloads: [workload('cali1', { tiers, profiles: KNS })], hosts }, of)
  return textsOf(ruleset, 'filter', chain).filter((line) => line.includes('NFLOG'))
}

const nflog = (prefix: string, match = '') =>
  `${match}-j NFLOG --nflog-prefix ${prefix} --nflog-group 1 --nflog-size 80`
const bit = (mark: string) => `-m mark --mark ${mark}/${mark} `
const UNPASSED = '-m mark --mark 0x0/0x20000 '

describe('a verdict is told of by the place of its rule', () => {
  it.each<[chain: string, lines: string[]]>([
    [
      'cali-pi-knp/d/p',
      [
        nflog('"DPI0|knp/d/p"', bit('0x40000')),
        nflog('"PPI2|knp/d/p"', bit('0x20000')),
        nflog('"API3|knp/d/p"', bit('0x10000')),
      ],
    ],
    ['cali-pri-kns.x', [nflog('"ARI0|kns.x"', bit('0x10000'))]],
    ['cali-tw-cali1', [nflog('"DPI|default"', UNPASSED), nflog('"PPI|trial"', UNPASSED), nflog('DRI')]],
  ])('%s', (chain, lines) => {
    expect(logs(chain, ON)).toEqual(lines)
  })

  test.each<[string, object, string]>([
    ['nobody asks', {}, 'v3.32.0'],
    ['no server is named', { flowLogsGoldmaneServer: '' }, 'v3.32.0'],
    ['the local reporter is off', { flowLogsLocalReporter: 'Disabled' }, 'v3.32.0'],
    ['the release knows none', ON, 'v3.29.0'],
  ])('of none where %s', (_, settings, version) => {
    expect(logs('cali-pri-kns.x', settings, version)).toEqual([])
  })

  it('the local reporter is enough', () => {
    expect(logs('cali-pri-kns.x', { flowLogsLocalReporter: 'Enabled' })).toHaveLength(1)
  })

  it('of none before connection tracking', () => {
    expect(logs('cali-pi-knp/d/p', ON, 'v3.32.0', { doNotTrack: true })).toEqual([])
  })

  it('by the name without the tier up to v3.31', () => {
    expect(logs('cali-pi-t/d/knp.default.p', ON, 'v3.31.0', { id: 't/d/knp.default.p' })[0]).toBe(
      nflog('"DPI0|d/knp.default.p"', bit('0x40000')),
    )
  })
})

test.each([
  ['0|np/namespace1/default.policy', 'DPI0|np/namespace1/default.policy'],
  [
    '88|gnp/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0',
    'DPI88|gnp/_12IXaBPahNM7a7dZhI8zg6PStmHsgneYaax8LVSIq_RSTUVWXYZ0',
  ],
])('a prefix that is too long is cut in the middle: %s', (rest, prefix) => {
  expect(flowLog('Deny', 'policy', 'ingress', rest)).toMatchObject({ prefix })
})

test.each([
  ['with Goldmane', [object('Goldmane', 'default', {}, {}, 'operator.tigera.io/v1')], true],
  ['without', [], false],
])('the operator %s', (_, more, isOn) => {
  const installation = object(
    'Installation',
    'default',
    { calicoNetwork: { ipPools: [] } },
    {},
    'operator.tigera.io/v1',
  )
  const { settings } = clusterOf([installation, ...more], 'v3.31.0')
  expect(settings.felixOf('n1').rules.flowLogs).toBe(isOn)
})
