import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareRoutes, inKernelOrder, type Route, withRouteInOrder } from '../../src/model/index.ts'
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

describe('the order of the kernel', () => {
  const one = (words: string): Route => {
    const [dst = '', ...rest] = words.split(' ')
    const fields = Object.fromEntries(rest.map((word) => word.split('=')))
    const family = dst.includes(':') ? 'inet6' : 'inet'
    const numbers = Object.fromEntries(
      ['metric', 'tos'].flatMap((key) => (key in fields ? [[key, Number(fields[key])]] : [])),
    )
    return {
      family,
      dst,
      type: 'unicast',
      dev: words,
      table: fields['table'] ?? 'main',
      protocol: 'static',
      scope: 'global',
      ...numbers,
    } as Route
  }
  it.each([
    ['the higher TOS first', ['10.0.0.0/8 tos=16', '10.0.0.0/8 tos=8', '10.0.0.0/8']],
    [
      'of one TOS the lower metric first',
      ['10.0.0.0/8 tos=8', '10.0.0.0/8 tos=8 metric=5', '10.0.0.0/8 metric=1', '10.0.0.0/8 metric=2'],
    ],
    ['the lower address first', ['9.0.0.0/8', '10.0.0.0/8', '200.0.0.0/8']],
    ['of one address the longer prefix first', ['10.0.0.0/32', '10.0.0.0/24', '10.0.0.0/8']],
    ['IPv6: the lower metric first', ['fd00::/8 metric=1', 'fd00::/8 metric=2']],
    ['equal ones as they came', ['10.0.0.0/8 metric=1 x=2', '10.0.0.0/8 metric=1 x=1']],
  ])('%s', (_what, words) => {
    const routes = words.map(one)
    const names = (list: readonly Route[]) => list.map(({ dev }) => dev)
    expect(names(inKernelOrder(routes))).toEqual(words)
    if (!words.some((word) => word.includes('x='))) expect(names(inKernelOrder([...routes].reverse()))).toEqual(words)
  })
})

describe('withRouteInOrder', () => {
  it.each([false, true])('is the place a stable sort gives, first: %s, in lists in order and others', (first) => {
    fc.assert(
      fc.property(fc.array(route, { maxLength: 30 }), fc.array(route, { maxLength: 5 }), (routes, more) => {
        let [known, unknown, sorted] = [inKernelOrder(routes), routes, routes]
        for (const one of more) {
          known = withRouteInOrder(known, one, first)
          unknown = withRouteInOrder([...unknown], one, first)
          sorted = [...(first ? [one, ...sorted] : [...sorted, one])].sort(compareRoutes)
        }
        expect(known).toEqual(more.length === 0 ? inKernelOrder(routes) : sorted)
        expect(unknown).toEqual(sorted)
      }),
      { numRuns: 300 },
    )
  })
})
