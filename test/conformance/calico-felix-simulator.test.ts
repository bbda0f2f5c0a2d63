// The simulator and the verbs are two ways to the same routes: felix-state and felix-kernel must say what a simulated
// cluster has, also where addresses are borrowed, blocks are single addresses and subnets differ by node.
import { describe, expect, it } from 'vitest'
import { answerCalico, type FelixKernelResult, type FelixStateResult } from '../../src/calico/index.ts'
import type { Cluster, KnownResource } from '../../src/control/index.ts'
import { type Route, routesOf } from '../../src/model/index.ts'
import { build, node, object, pod, pool } from '../control/cluster-objects.ts'

const PREFIX = 'projectcalico.org/'

/** Numbers that look random and are the same every time. */
function numbersFrom(seed: number): <T>(...choices: readonly [T, ...T[]]) => T {
  let state = seed
  return <T>(...choices: readonly [T, ...T[]]): T => {
    state = (state * 1103515245 + 12345) % 2147483648
    return choices[Math.floor(state / 65536) % choices.length] as T
  }
}

interface Lab {
  readonly nodes: readonly KnownResource[]
  readonly pools: readonly KnownResource[]
  readonly pods: readonly KnownResource[]
  /** Fields of FelixConfiguration. */
  readonly felix: object
}

const configuration = ({ felix }: Lab): KnownResource => object('FelixConfiguration', 'default', felix)

const range = (n: number): number[] => [...Array(n).keys()]

/** A cluster of small pools: some nodes have no block of their own, and borrow. */
function lab(seed: number): Lab {
  const pick = numbersFrom(seed)
  const names = range(pick(2, 3, 4, 5)).map((i) => `n${i}`)
  const modes = [
    { vxlanMode: 'Always' },
    { vxlanMode: 'CrossSubnet' },
    { ipipMode: 'Always' },
    { ipipMode: 'CrossSubnet' },
    {},
  ] as const
  const blockSize = pick(26, 29, 30, 32)
  const first = pool('first', `192.168.0.0/${Math.min(pick(26, 28, 29), blockSize)}`, { ...pick(...modes), blockSize })
  const second = pool('second', '192.168.64.0/28', { ...pick(...modes), blockSize: 30 })
  return {
    nodes: names.map((name, i) => node(name, `10.0.${pick(0, 0, 1)}.${i + 1}/${pick(24, 24, 16)}`)),
    pools: pick([first], [first, second]),
    pods: range(pick(3, 7, 12)).map((i) => pod(`w${i}`, pick(...(names as [string, ...string[]])))),
    felix: { programClusterRoutes: pick('Enabled', 'Disabled') },
  }
}

const annotationsOf = ({ metadata }: KnownResource): Readonly<Record<string, string>> => metadata.annotations ?? {}
const addressOf = (one: KnownResource): string => annotationsOf(one)[`${PREFIX}IPv4Address`]?.split('/')[0] ?? ''

/** What the datastore of a simulated cluster holds. */
function stored(setup: Lab, { ipam, workloadEndpoints }: Cluster): readonly object[] {
  const { nodes, pools } = setup
  const withTunnels = nodes.map((one) => {
    const { ipip, vxlan } = ipam.tunnels.get(one.metadata.name) ?? {}
    const tunnels = {
      ...(ipip === undefined ? {} : { [`${PREFIX}IPv4IPIPTunnelAddr`]: ipip }),
      ...(vxlan === undefined ? {} : { [`${PREFIX}IPv4VXLANTunnelAddr`]: vxlan }),
    }
    return { ...one, metadata: { ...one.metadata, annotations: { ...annotationsOf(one), ...tunnels } } }
  })
  const blocks = ipam.blocks.map(({ cidr, affinity, slots, size }) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPAMBlock',
    metadata: { name: cidr.replaceAll(/[./]/g, '-') },
    spec: {
      cidr,
      affinity: affinity === undefined ? null : `host:${affinity}`,
      allocations: range(size).map((i) => (slots[i] === undefined ? null : i)),
      attributes: range(size).map((i) => ({ secondary: { node: slots[i]?.node ?? '' } })),
    },
  }))
  const pods = workloadEndpoints.map((endpoint) => ({
    ...endpoint.pod,
    status: { phase: 'Running', podIPs: endpoint.addresses.map((ip) => ({ ip })) },
  }))
  return [...withTunnels, ...pools, ...blocks, ...pods, configuration(setup)]
}

function resultOf<T>(request: object): T {
  const answer = answerCalico(request as never)
  if (!('result' in answer)) throw new Error(JSON.stringify(answer))
  return answer.result as T
}

const words = (dst: string, ...parts: readonly unknown[]): string =>
  [dst.replace(/\/32$/, ''), ...parts.map((part) => part ?? '-')].join(' ')

/** What the verbs say; a route by the node itself the kernel refuses: its gateway is no neighbour. */
function byVerbs(me: KnownResource, setup: Lab, cluster: Cluster, calicoVersion: string): string[] {
  const common = { node: me.metadata.name, calicoVersion }
  const state = resultOf<FelixStateResult>({ verb: 'felix-state', ...common, objects: stored(setup, cluster) })
  const { ipip, vxlan } = state.encapsulation
  const kernel = resultOf<FelixKernelResult>({
    verb: 'felix-kernel',
    ...common,
    ipVersion: 4,
    parent: { device: 'eth0', address: addressOf(me) },
    felix: setup.felix,
    hosts: Object.fromEntries(setup.nodes.map((one) => [one.metadata.name, addressOf(one)])),
    ...(ipip ? { ipip: { mtu: 1480 } } : {}),
    ...(vxlan ? { vxlan: { mtu: 1450 } } : {}),
    vteps: state.vteps,
    routes: state.routes,
    objects: setup.pools,
  })
  return (kernel.routes ?? [])
    .filter(({ gw }) => gw !== addressOf(me))
    .map(({ dst, type, dev, gw, onlink, mtu }) => words(dst, type, dev, gw, onlink, mtu))
    .sort()
}

/** Those that Felix has for other nodes and own blocks; the rest are of pods, devices and BIRD. */
function isOfResolver({ table, dst, dev = '', protocol }: Route): boolean {
  return table === 'main' && dst.startsWith('192.168.') && !dev.startsWith('cali') && !/bird|kernel/.test(protocol)
}

function bySimulator(me: KnownResource, { network }: Cluster): string[] {
  return routesOf(network, network.namespaces[me.metadata.name]!)
    .filter(isOfResolver)
    .map(({ dst, type, dev, via, onlink, mtu }) => words(dst, type, dev, via, onlink === true, mtu))
    .sort()
}

describe('routes of a simulated cluster', () => {
  it.each(['v3.34.0', 'v3.32.1', 'v3.30.0', 'v3.28.0'])('are those that Felix %s calculates', (version) => {
    let borrowed = 0
    for (const seed of range(12)) {
      const setup = lab(seed + 1)
      const cluster = build([...setup.nodes, ...setup.pools, ...setup.pods, configuration(setup)], version)
      for (const { affinity, slots } of cluster.ipam.blocks) {
        borrowed += slots.filter((slot) => slot !== undefined && slot.node !== affinity).length
      }
      for (const me of setup.nodes) {
        expect([seed, ...bySimulator(me, cluster)]).toEqual([seed, ...byVerbs(me, setup, cluster, version)])
      }
    }
    expect(borrowed).toBeGreaterThan(0)
  })
})
