import { describe, expect, it } from 'vitest'
import { cable, InputError, iface, namespace, networkOf, type Route, type Rule, route } from '../../src/model/index.ts'
import { type Ip, parseIp } from '../../src/wire/index.ts'
import { explainLookup, type LookupQuery } from './lookup.ts'

const ip = (text: string): Ip => parseIp(text)!

function ask(
  routes: readonly Route[],
  query: Partial<LookupQuery> & { dst: Ip },
  rules: readonly Rule[] = [],
  extra: object = {},
) {
  const interfaces = [
    iface({ name: 'eth0', addresses: ['10.0.0.1/24'] }),
    iface({ name: 'eth1', addresses: ['10.1.0.1/24'] }),
    iface({ name: 'off', up: false, addresses: [] }),
  ]
  const network = networkOf([namespace('n', { interfaces, routes, rules, ...extra })])
  return explainLookup(network, 'n', query)
}

const DEFAULT = route('default', { via: '10.0.0.254', dev: 'eth0' })

describe('a lookup', () => {
  it.each<[string, Route[], Partial<LookupQuery> & { dst: Ip }, string, string | undefined]>([
    ['asks the local table first', [DEFAULT], { dst: ip('10.0.0.1') }, '10.0.0.1/32', undefined],
    ['prefers the longer prefix', [DEFAULT], { dst: ip('10.0.0.7') }, '10.0.0.0/24', 'its prefix /0 is shorter'],
    [
      'prefers the lower metric',
      [route('10.9.0.0/16', { dev: 'eth0', metric: 20 }), route('10.9.0.0/16', { dev: 'eth1', metric: 10 })],
      { dst: ip('10.9.0.1') },
      '10.9.0.0/16',
      'its metric 20 is higher',
    ],
    [
      'takes the first of equals',
      [route('10.9.0.0/16', { dev: 'eth1' }), route('10.9.0.0/16', { dev: 'eth0' })],
      { dst: ip('10.9.0.1') },
      '10.9.0.0/16',
      'it is equal and stands later in the table',
    ],
    [
      'passes over a device that is down',
      [DEFAULT, route('10.9.0.0/16', { dev: 'off' })],
      { dst: ip('10.9.0.1') },
      '0.0.0.0/0',
      'its device off is down',
    ],
    [
      'passes over another device than the one asked for',
      [DEFAULT, route('10.9.0.0/16', { dev: 'eth1' })],
      { dst: ip('10.9.0.1'), oif: 'eth0' },
      '0.0.0.0/0',
      'its device eth1 is not the one asked for',
    ],
    [
      'passes over a route for another TOS',
      [DEFAULT, route('10.9.0.0/16', { dev: 'eth1', tos: 16 })],
      { dst: ip('10.9.0.1') },
      '0.0.0.0/0',
      'it is for TOS 16 only',
    ],
    [
      'takes a route for this TOS',
      [DEFAULT, route('10.9.0.0/16', { dev: 'eth1', tos: 16 })],
      { dst: ip('10.9.0.1'), tos: 16 },
      '10.9.0.0/16',
      'its prefix /0 is shorter',
    ],
  ])('%s', (_, routes, query, dst, why) => {
    const found = ask(routes, query)
    expect([found.route?.dst, found.runnerUp?.why]).toEqual([dst, why])
  })

  it('says none when nothing matches', () => {
    const found = ask([], { dst: ip('8.8.8.8') })
    expect(found.result).toBe('none')
    expect(found.steps.map((step) => step.outcome)).toEqual(['no-route', 'no-route', 'no-route'])
  })

  it('gives the type of a refusing route', () => {
    expect(ask([route('8.0.0.0/8', { type: 'prohibit' })], { dst: ip('8.8.8.8') }).result).toBe('prohibit')
  })

  it('goes on after throw, suppression, nop and goto, and past rules that do not match', () => {
    const rules: Rule[] = [
      { family: 'inet', priority: 1, action: 'nop' },
      { family: 'inet', priority: 2, action: 'lookup', table: '100', fwmark: 7, fwmask: 255 },
      { family: 'inet', priority: 3, action: 'lookup', table: '100' },
      { family: 'inet', priority: 4, action: 'lookup', table: 'main', suppressPrefixlength: 0 },
      { family: 'inet', priority: 5, action: 'goto', goto: 7 },
      { family: 'inet', priority: 6, action: 'unreachable' },
      { family: 'inet', priority: 7, action: 'lookup', table: 'main' },
    ]
    const found = ask([DEFAULT, route('8.0.0.0/8', { type: 'throw', table: '100' })], { dst: ip('8.8.8.8') }, rules)
    expect(found.steps.map((step) => step.outcome)).toEqual([
      'nop',
      'not-matched',
      'throw',
      'suppressed',
      'goto',
      'answer',
    ])
    expect(found.route?.dst).toBe('0.0.0.0/0')
  })

  it.each<[string, Partial<Rule>, Partial<LookupQuery>, boolean]>([
    ['from', { from: '10.0.0.0/8' as Rule['from'] & string }, { src: ip('10.1.1.1') }, true],
    ['from without a source', { from: '10.0.0.0/8' as Rule['from'] & string }, {}, false],
    ['to', { to: '9.0.0.0/8' as Rule['to'] & string }, {}, false],
    ['iif lo for what is made here', { iif: 'lo' }, {}, true],
    ['iif', { iif: 'eth0' }, { iif: 'eth1' }, false],
    ['oif', { oif: 'eth1' }, { oif: 'eth1' }, true],
    ['fwmark with mask', { fwmark: 0x10, fwmask: 0xf0 }, { mark: 0x1f }, true],
    ['fwmark', { fwmark: 0x10 }, { mark: 0x1f }, false],
    ['not', { not: true, fwmark: 1 }, { mark: 1 }, false],
    ['not, the other way', { not: true, fwmark: 1 }, {}, true],
    ['ipproto and port', { ipproto: 17, dport: { low: 53, high: 60 } }, { ipproto: 17, dport: 54 }, true],
    ['a port of nothing', { dport: { low: 53, high: 60 } }, {}, false],
    ['tos', { tos: 16 }, { tos: 16 }, true],
  ])('a rule matches by %s', (_, selector, query, matches) => {
    const rule: Rule = { family: 'inet', priority: 1, action: 'unreachable', ...selector }
    const found = ask([], { dst: ip('8.8.8.8'), ...query }, [rule])
    expect(found.result).toBe(matches ? 'unreachable' : 'none')
  })

  it('passes over a device without carrier only where the sysctl says so', () => {
    const linkdown = (value: string): string | undefined => {
      const interfaces = [iface({ name: 'eth0', addresses: ['10.0.0.1/24'] })]
      const sysctls = { 'net.ipv4.conf.eth0.ignore_routes_with_linkdown': value }
      const network = networkOf(
        [namespace('a', { interfaces, sysctls }), namespace('b', { interfaces: [iface({ name: 'eth0', up: false })] })],
        [cable(['a', 'eth0'], ['b', 'eth0'])],
      )
      return (
        explainLookup(network, 'a', { dst: ip('10.0.0.9') }).runnerUp?.why ??
        explainLookup(network, 'a', { dst: ip('10.0.0.9') }).route?.dst
      )
    }
    expect(linkdown('0')).toBe('10.0.0.0/24')
    expect(linkdown('1')).toBeUndefined()
  })

  it('refuses a namespace that is not there', () => {
    expect(() => explainLookup(networkOf([]), 'x', { dst: ip('10.0.0.1') })).toThrow(InputError)
  })
})
