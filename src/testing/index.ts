/**
 * For tests of your own: fast-check arbitraries of addresses, clusters and networks, and matchers that read traces.
 *
 * ```ts
 * import { expect, test } from 'vitest'
 * import fc from 'fast-check'
 * import { Lab } from 'packetwalk'
 * import { cluster, traceMatchers } from 'packetwalk/testing'
 *
 * expect.extend(traceMatchers)
 *
 * test('pods reach each other over IPIP', () => {
 *   fc.assert(fc.property(cluster({ mode: 'ipip-always' }), ({ resources, pods }) => {
 *     expect(Lab.fromResources(resources).ping(pods[0], pods[1])).toBeAnswered()
 *   }))
 * })
 * ```
 *
 * `fast-check` is an optional peer dependency: the arbitraries alone need it, and say so when it is not installed. May import: wire, model, control.
 *
 * @packageDocumentation
 */

export { ipv4, ipv6, mac, type PrefixOptions, prefix } from './addresses.ts'
export { type ClusterMode, type ClusterOptions, cluster, type RandomCluster, type Range } from './cluster.ts'
export {
  type MatcherResult,
  type Traced,
  type TracedPacket,
  type TraceFacts,
  type TraceMatchers,
  traceMatchers,
} from './matchers.ts'
export { type NetworkOptions, network, type RandomNetwork } from './network.ts'
