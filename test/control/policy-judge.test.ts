// What policies of an endpoint say of a packet, from hand-built values: which rule matches, and how tiers end.
import { describe, expect, it } from 'vitest'
import {
  judgeEndpoint,
  type Policy,
  type PolicyBook,
  type PolicyPacket,
  type PolicyRule,
  type Profile,
  ruleMatches,
  type SideMatch,
  type TierPolicies,
} from '../../src/control/index.ts'
import { ANY_SIDE } from '../../src/control/policy/profiles.ts'
import type { IpSet } from '../../src/model/index.ts'
import type { Ip, Prefix } from '../../src/wire/index.ts'

const ORIGIN = { component: 'felix' } as const
const side = (part: Partial<SideMatch>): SideMatch => ({ ...ANY_SIDE, ...part })
const rule = (part: Partial<PolicyRule> = {}): PolicyRule => ({
  action: 'Allow',
  source: ANY_SIDE,
  destination: ANY_SIDE,
  index: 1,
  origin: ORIGIN,
  ...part,
})
const net = (text: string): Prefix => text as Prefix
const ip = (text: string): Ip => text as Ip

const SETS: Readonly<Record<string, IpSet>> = {
  's:web': { name: 's:web', type: 'hash:net', members: ['10.0.0.1', '10.1.0.0/16', 'fd00::1'] },
  's:db': { name: 's:db', type: 'hash:net', members: ['10.0.0.2/32'] },
  'n:pg': { name: 'n:pg', type: 'hash:ip,port', members: ['10.0.0.2,tcp:5432', '10.0.0.2,udp:53'] },
}
const setOf: PolicyBook['set'] = (id) => SETS[id]!

const TCP: PolicyPacket = {
  source: ip('10.0.0.1'),
  destination: ip('10.0.0.2'),
  protocol: 6,
  sourcePort: 40000,
  destinationPort: 5432,
}
const PING: PolicyPacket = {
  source: ip('10.0.0.1'),
  destination: ip('10.0.0.2'),
  protocol: 1,
  icmp: { type: 8, code: 0 },
}
const SIX: PolicyPacket = { source: ip('fd00::1'), destination: ip('fd00::2'), protocol: 132, destinationPort: 80 }

describe('a rule matches', () => {
  it.each<readonly [string, Partial<PolicyRule>, PolicyPacket, boolean]>([
    ['anything', {}, TCP, true],
    ['its IP version', { ipVersion: 4 }, TCP, true],
    ['no other IP version', { ipVersion: 6 }, TCP, false],
    ['its protocol', { protocol: { number: 6 } }, TCP, true],
    ['no other protocol', { protocol: { number: 6 } }, PING, false],
    ['any protocol but one', { notProtocol: { number: 6 } }, PING, true],
    ['not that one', { notProtocol: { number: 6 } }, TCP, false],
    ['a type of ICMP', { icmp: { type: 8 } }, PING, true],
    ['type and code', { icmp: { type: 8, code: 1 } }, PING, false],
    ['no TCP, where a type is asked', { icmp: { type: 8 } }, TCP, false],
    ['any message but one', { notIcmp: { type: 8, code: 0 } }, PING, false],
    ['any other message', { notIcmp: { type: 3 } }, PING, true],
    ['a source in a range', { source: side({ nets: [net('10.9.0.0/16'), net('10.0.0.0/24')] }) }, TCP, true],
    ['no source outside', { source: side({ nets: [net('10.9.0.0/16')] }) }, TCP, false],
    ['no range of the other family', { source: side({ nets: [net('::/0')] }) }, TCP, false],
    ['a source outside of a range', { source: side({ notNets: [net('10.0.0.0/24')] }) }, TCP, false],
    ['an address of a set', { source: side({ sets: ['s:web'] }) }, TCP, true],
    ['a set that says /32', { destination: side({ sets: ['s:db'] }) }, TCP, true],
    ['a range of a set', { source: side({ sets: ['s:web'] }) }, { ...TCP, source: ip('10.1.2.3') }, true],
    ['only addresses of all sets', { source: side({ sets: ['s:web', 's:db'] }) }, TCP, false],
    ['an IPv6 address of a set', { source: side({ sets: ['s:web'] }) }, SIX, true],
    ['nobody of a set it excludes', { source: side({ notSets: ['s:web'] }) }, TCP, false],
    ['a port', { destination: side({ ports: [{ low: 5000, high: 5432 }] }) }, TCP, true],
    ['no port outside', { destination: side({ ports: [{ low: 1, high: 5431 }] }) }, TCP, false],
    ['a source port', { source: side({ ports: [{ low: 40000, high: 40000 }] }) }, TCP, true],
    ['no ping, where a port is asked', { destination: side({ ports: [{ low: 0, high: 65535 }] }) }, PING, false],
    ['a port by name', { destination: side({ namedPorts: ['n:pg'] }) }, TCP, true],
    [
      'a port by name of its protocol',
      { destination: side({ namedPorts: ['n:pg'] }) },
      { ...TCP, protocol: 17 },
      false,
    ],
    ['a number or a name', { destination: side({ ports: [{ low: 1, high: 1 }], namedPorts: ['n:pg'] }) }, TCP, true],
    ['any port but some', { destination: side({ notPorts: [{ low: 5432, high: 5432 }] }) }, TCP, false],
    ['any port but named ones', { destination: side({ notNamedPorts: ['n:pg'] }) }, TCP, false],
    ['a port that is not excluded', { destination: side({ notPorts: [{ low: 80, high: 80 }] }) }, TCP, true],
    ['endpoints of a Service', { destination: side({ ipPortSets: ['n:pg'] }) }, TCP, true],
    [
      'endpoints of a Service on their ports',
      { destination: side({ ipPortSets: ['n:pg'] }) },
      { ...TCP, destinationPort: 1 },
      false,
    ],
  ])('%s', (_what, part, packet, expected) => {
    expect(ruleMatches(rule(part), packet, setOf)).toBe(expected)
  })
})

const policy = (name: string, rules: readonly PolicyRule[], part: Partial<Policy> = {}): Policy => ({
  ref: { kind: 'GlobalNetworkPolicy', api: 'calico', name, tier: 'default' },
  id: name,
  order: 1,
  selector: 'all()',
  directions: ['ingress'],
  staged: false,
  applyOnForward: false,
  preDNAT: false,
  doNotTrack: false,
  ingress: rules,
  egress: [],
  origin: ORIGIN,
  ...part,
})
const tier = (name: string, ingress: readonly Policy[], defaultAction: 'Deny' | 'Pass' = 'Deny'): TierPolicies => ({
  tier: { name, order: 1, defaultAction, origin: ORIGIN },
  ingress,
  egress: [],
})
const NEVER = side({ nets: [net('203.0.113.0/24')] })
const no = (action: PolicyRule['action']): PolicyRule => rule({ action, source: NEVER })
const does = (action: PolicyRule['action']): PolicyRule => rule({ action })
const profile = (rules: readonly PolicyRule[]): Profile => ({
  name: 'kns.x',
  ingress: rules,
  egress: [],
  origin: ORIGIN,
})
const OPEN = [profile([does('Allow')])]

describe('an endpoint', () => {
  it.each<readonly [string, readonly TierPolicies[], readonly Profile[] | undefined, string]>([
    ['without policy is what its profile says', [], OPEN, 'allow'],
    ['without policy and profile denies', [], [], 'deny'],
    ['whose profile denies', [], [profile([does('Deny'), does('Allow')])], 'deny'],
    ['whose profile only passes denies', [], [profile([does('Pass')])], 'deny'],
    [
      'takes the first rule that matches',
      [tier('a', [policy('p', [no('Deny'), does('Allow'), does('Deny')])])],
      [],
      'allow',
    ],
    ['asks policies in order', [tier('a', [policy('p', [does('Deny')]), policy('q', [does('Allow')])])], OPEN, 'deny'],
    ['goes on behind Log', [tier('a', [policy('p', [does('Log'), does('Allow')])])], [], 'allow'],
    ['denies at the end of a tier', [tier('a', [policy('p', [no('Allow')])])], OPEN, 'deny'],
    ['passes at the end of a tier that passes', [tier('a', [policy('p', [no('Allow')])], 'Pass')], OPEN, 'allow'],
    [
      'passes by a rule, behind other policies',
      [tier('a', [policy('p', [does('Pass')]), policy('q', [does('Deny')])])],
      OPEN,
      'allow',
    ],
    [
      'asks tiers in order',
      [tier('a', [policy('p', [does('Pass')])]), tier('b', [policy('q', [does('Deny')])])],
      OPEN,
      'deny',
    ],
    ['does not enforce what is staged', [tier('a', [policy('p', [does('Deny')], { staged: true })])], OPEN, 'allow'],
    [
      'a staged policy is no policy of a tier',
      [tier('a', [policy('p', [no('Deny')], { staged: true })])],
      OPEN,
      'allow',
    ],
    [
      'a staged policy does not hide others',
      [tier('a', [policy('p', [does('Allow')], { staged: true }), policy('q', [no('Allow')])])],
      OPEN,
      'deny',
    ],
    ['passes by a tier without policies for the direction', [tier('a', [])], OPEN, 'allow'],
    ['says nothing where no profile is asked', [], undefined, 'none'],
  ])('%s', (_what, tiers, profiles, verdict) => {
    const question = { tiers, direction: 'ingress', ...(profiles === undefined ? {} : { profiles }) } as const
    expect(judgeEndpoint(question, TCP, setOf).verdict).toBe(verdict)
  })

  it('has no end of a tier where nobody asks for one', () => {
    const tiers = [tier('a', [policy('p', [no('Allow')])])]
    expect(judgeEndpoint({ tiers, direction: 'ingress', hasEnd: false }, TCP, setOf).verdict).toBe('none')
  })

  it('tells which rule decided, and who was asked before', () => {
    const tiers = [
      tier('a', [policy('p', [no('Deny')]), policy('q', [no('Allow'), rule({ action: 'Deny', index: 2 })])]),
    ]
    const { tiers: asked } = judgeEndpoint({ tiers, direction: 'ingress', profiles: OPEN }, TCP, setOf)
    expect(asked).toMatchObject([
      { atEnd: false, end: 'Deny', answers: [{ answer: 'none' }, { answer: 'Deny', rule: { index: 2 } }] },
    ])
  })
})
