import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareRoutes, inKernelOrder, type Route } from '../../src/model/index.ts'
import { type Ip, prefixOf } from '../../src/wire/index.ts'

const addresses4 = ['0.0.0.0', '10.0.0.0', '10.0.0.1', '10.0.1.0', '10.255.0.0', '192.168.0.1', '255.255.255.255']
const addresses6 = ['::', '::1', 'fd00::', 'fd00::1', 'fd00:0:0:1::', 'fe80::1', 'ff02::1', 'ffff::ffff']

const route: fc.Arbitrary<Route> = fc
  .record({
    v6: fc.boolean(),
    pick: fc.nat(7),
    length: fc.nat(128),
    table: fc.constantFrom('main', 'local', 'default', '254', '7', '263', '70000', 'named'),
    metric: fc.option(fc.nat(3), { nil: undefined }),
    tos: fc.option(fc.nat(2), { nil: undefined }),
    src: fc.nat(1000),
  })
  .map(({ v6, pick, length, table, metric, tos, src }) => ({
    family: v6 ? 'inet6' : 'inet',
    dst: v6
      ? prefixOf(addresses6[pick % addresses6.length] as Ip, length)
      : prefixOf(addresses4[pick % addresses4.length] as Ip, length % 33),
    type: 'unicast',
    dev: `eth${src}`,
    table,
    protocol: 'static',
    scope: 'global',
    ...(metric === undefined ? {} : { metric }),
    ...(tos === undefined ? {} : { tos }),
  }))

describe('inKernelOrder', () => {
  it('is a stable sort by compareRoutes', () => {
    fc.assert(
      fc.property(fc.array(route, { maxLength: 30 }), (routes) => {
        expect(inKernelOrder(routes)).toEqual([...routes].sort(compareRoutes))
      }),
      { numRuns: 500 },
    )
  })
})
