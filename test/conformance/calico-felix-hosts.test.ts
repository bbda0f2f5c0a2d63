// The verb `felix-hosts`: which host endpoint an interface has.
import { describe, expect, it } from 'vitest'
import { answerCalico } from '../../src/calico/index.ts'
import { felixOf, hostOf } from '../support/felix-objects.ts'

const ENS3 = { name: 'ens3', addresses: ['192.0.2.10/24', '2001:db8::10'] }
const ENS4 = { name: 'ens4', addresses: ['198.51.100.4'] }
const LO = { name: 'lo', addresses: ['127.0.0.1', '::1'] }

const on = (name: string, interfaceName: string | undefined, ...expectedIPs: readonly string[]): object =>
  hostOf('alder', name, { ...(interfaceName === undefined ? {} : { interfaceName }), expectedIPs })

interface Expected {
  readonly interfaces?: Readonly<Record<string, string>>
  readonly allInterfaces?: string
  readonly status?: Readonly<Record<string, string>>
}

describe('a host endpoint stands for', () => {
  it.each<[what: string, hosts: readonly object[], expected: Expected]>([
    ['nothing where there is none', [], {}],
    ['the interface it names', [on('a', 'ens3')], { interfaces: { ens3: 'a' }, status: { a: 'up' } }],
    ['nothing where its interface is not there', [on('a', 'ens9')], { status: { a: 'error' } }],
    [
      'the interface with its address',
      [on('a', undefined, '198.51.100.4')],
      { interfaces: { ens4: 'a' }, status: { a: 'up' } },
    ],
    [
      'the interface with its IPv6 address, however it is written',
      [on('a', undefined, '2001:db8:0:0::10')],
      { interfaces: { ens3: 'a' }, status: { a: 'up' } },
    ],
    [
      'every interface with one of its addresses',
      [on('a', undefined, '198.51.100.4', '192.0.2.10')],
      { interfaces: { ens3: 'a', ens4: 'a' }, status: { a: 'up' } },
    ],
    ['nothing where nobody has its address', [on('a', undefined, '203.0.113.1')], { status: { a: 'error' } }],
    [
      'the interface it names alone, whatever its addresses are',
      [on('a', 'ens3', '198.51.100.4')],
      { interfaces: { ens3: 'a' }, status: { a: 'up' } },
    ],
    [
      'nothing by its addresses where its interface is not there',
      [on('a', 'ens9', '198.51.100.4')],
      { status: { a: 'error' } },
    ],
    [
      'an interface that another one claims, if its name comes first',
      [on('b', 'ens3'), on('a', undefined, '192.0.2.10')],
      { interfaces: { ens3: 'a' }, status: { a: 'up', b: 'error' } },
    ],
    [
      'an interface by capital letters first',
      [on('b', 'ens3'), on('C', 'ens3')],
      { interfaces: { ens3: 'C' }, status: { b: 'error', C: 'up' } },
    ],
    [
      'all interfaces that have none of their own',
      [on('z', '*'), on('a', 'lo')],
      { interfaces: { lo: 'a' }, allInterfaces: 'z', status: { a: 'up', z: 'up' } },
    ],
    [
      'all interfaces, if its name comes first',
      [on('z', '*', '192.0.2.10'), on('y', '*')],
      { allInterfaces: 'y', status: { y: 'up', z: 'error' } },
    ],
    ['nothing of other nodes', [hostOf('birch', 'a', { interfaceName: 'ens3' })], {}],
    ['nothing by a name that no interface can have', [on('a', 'an-interface-too-long')], {}],
  ])('%s', (_what, objects, { interfaces = {}, allInterfaces = null, status = {} }) => {
    for (const given of [objects, [...objects].reverse()]) {
      const asked = { verb: 'felix-hosts', node: 'alder', interfaces: [ENS3, ENS4, LO], objects: given }
      expect(answerCalico(asked)).toEqual({ result: { interfaces, allInterfaces, status } })
    }
  })
})

describe('no interface of the host is', () => {
  const ask = (name: string, ...settings: readonly object[]): unknown => {
    const objects = [hostOf('alder', 'a', { interfaceName: name }), ...settings]
    const answer = answerCalico({ verb: 'felix-hosts', node: 'alder', interfaces: [{ name }], objects })
    return (answer as { readonly result: { readonly status: unknown } }).result.status
  }

  it.each<[what: string, name: string, settings: readonly object[], status: string]>([
    ['one of a workload', 'cali12345', [], 'error'],
    ['one with a prefix of workloads', 'tap7', [felixOf({ interfacePrefix: 'cali,tap' })], 'error'],
    ['one that is passed over, as that of IPVS', 'kube-ipvs0', [], 'error'],
    [
      'one that is passed over by a pattern',
      'veth9',
      [felixOf({ interfaceExclude: 'dummy0, /^veth[0-9]+$/' })],
      'error',
    ],
  ])('%s', (_what, name, settings, status) => {
    expect(ask(name, ...settings)).toEqual({ a: status })
  })

  it('but with other prefixes those of workloads are', () => {
    expect(ask('cali12345', felixOf({ interfacePrefix: 'tap' }))).toEqual({ a: 'up' })
  })
})

it('an address that is none is an error', () => {
  const interfaces = [{ name: 'ens3', addresses: ['192.0.2.300'] }]
  expect(answerCalico({ verb: 'felix-hosts', node: 'alder', interfaces })).toHaveProperty('error')
})
