import type { Arbitrary } from 'fast-check'
import { collectResources, type EncapMode, type KnownResource, type Resources } from '../control/index.ts'
import { type Ip, ipv4ToNumber, numberToIpv4, type Prefix, prefixAddress, prefixOf } from '../wire/index.ts'
import { mac } from './addresses.ts'
import { fc } from './fast-check.ts'

/** How pods of different nodes reach each other. */
export type ClusterMode = 'ipip-always' | 'ipip-cross-subnet' | 'vxlan-always' | 'vxlan-cross-subnet' | 'none'

/** A number, or bounds for one (both inclusive). */
export type Range = number | { readonly min: number; readonly max: number }

/** Which clusters {@link cluster} makes. */
export interface ClusterOptions {
  /** Nodes; absent = 2 to 12. */
  readonly nodes?: Range
  /** Subnets the nodes are spread over; absent = 1 to 3. There are never more subnets than nodes. */
  readonly subnets?: Range
  /** Mode of all pools; absent = any. */
  readonly mode?: ClusterMode | readonly ClusterMode[]
  /** Pods of each node; absent = 1 to 3. */
  readonly podsPerNode?: Range
  /** Calico release, e.g. `v3.16.3`; absent = any of a few that differ. */
  readonly calicoVersion?: string | readonly string[]
  /** MTU of the segments, in bytes; absent = usual ones from 1280 to 9000, each segment its own. */
  readonly mtu?: number
  /** Pools; absent = 1 or 2. */
  readonly pools?: Range
}

/** A cluster made at random, and what a test wants to know of it. */
export interface RandomCluster {
  /** The objects: nodes, pods, pools, calico-node, calico-config and an Underlay. */
  readonly resources: Resources
  /** Mode of its pools. */
  readonly mode: ClusterMode
  /** Calico release. */
  readonly calicoVersion: string
  /** Names of the nodes. */
  readonly nodes: readonly string[]
  /** Pods as `namespace/name`; at least two. */
  readonly pods: readonly string[]
  /** Ranges of the segments: the addresses nodes have. */
  readonly subnets: readonly Prefix[]
  /** Ranges of the pools: the addresses pods have. */
  readonly pools: readonly Prefix[]
}

const MODES: readonly ClusterMode[] = ['ipip-always', 'ipip-cross-subnet', 'vxlan-always', 'vxlan-cross-subnet', 'none']
const VERSIONS = ['v3.16.3', 'v3.20.6', 'v3.25.2', 'v3.29.7', 'v3.30.0', 'v3.31.0', 'v3.32.1', 'v3.33.0']
const MTUS = [1280, 1400, 1450, 1500, 1500, 9000]
const INTERFACES = ['eth0', 'ens3', 'enp1s0', 'eth1']

function range(wanted: Range | undefined, min: number, max: number): Arbitrary<number> {
  if (typeof wanted === 'number') return fc().constant(wanted)
  return fc().integer(wanted ?? { min, max })
}

function oneOf<T>(wanted: T | readonly T[] | undefined, all: readonly T[]): Arbitrary<T> {
  if (wanted === undefined) return fc().constantFrom(...all)
  return fc().constantFrom(...(Array.isArray(wanted) ? (wanted as readonly T[]) : [wanted as T]))
}

/** A name as Kubernetes takes it. */
function names(count: number): Arbitrary<string[]> {
  const letters = fc().constantFrom(...'abcdefghijklmnopqrstuvwxyz')
  const rest = fc().array(fc().constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-'), { maxLength: 8 })
  const name = fc()
    .tuple(letters, rest, letters)
    .map(([first, middle, last]) => `${first}${middle.join('')}${last}`)
  return fc().uniqueArray(name, { minLength: count, maxLength: count })
}

/** Where the nodes are: one segment. */
interface Segment {
  readonly prefix: Prefix
  readonly mtu: number
  /** Places of its stations inside the subnet; the first is the gateway's. */
  readonly hosts: readonly number[]
}

function segment(index: number, stations: number, mtu: number | undefined): Arbitrary<Segment> {
  return fc()
    .integer({ min: 16, max: 27 })
    .chain((length) => {
      const base = ipv4ToNumber('172.16.0.0' as Ip as never) + index * 0x10000
      const room = 2 ** (32 - length) - 2
      return fc().record({
        prefix: fc()
          .integer({ min: 0, max: 2 ** (length - 16) - 1 })
          .map((at) => prefixOf(numberToIpv4(base + at * 2 ** (32 - length)), length)),
        mtu: mtu === undefined ? fc().constantFrom(...MTUS) : fc().constant(mtu),
        hosts: fc().uniqueArray(fc().integer({ min: 1, max: room }), {
          minLength: stations + 1,
          maxLength: stations + 1,
        }),
      })
    })
}

function addressIn(range: Prefix, host: number): string {
  return numberToIpv4(ipv4ToNumber(prefixAddress(range) as never) + host)
}

/** One of so many pools; each lies in a share of 10.0.0.0/8 of its own. */
function pool(index: number, count: number, mode: ClusterMode): Arbitrary<KnownResource> {
  const share = 8 + Math.max(1, Math.ceil(Math.log2(count)))
  const blocks = fc().tuple(fc().integer({ min: 20, max: 32 }), fc().integer({ min: 6, max: 10 }))
  const cidr = blocks.chain(([blockSize, bits]) => {
    const length = Math.max(blockSize - bits, share + 1)
    const base = ipv4ToNumber('10.0.0.0' as Ip as never) + index * 2 ** (32 - share)
    return fc().record({
      blockSize: fc().constant(blockSize),
      cidr: fc()
        .integer({ min: 0, max: 2 ** (length - share) - 1 })
        .map((at) => prefixOf(numberToIpv4(base + at * 2 ** (32 - length)), length)),
    })
  })
  const wanted: EncapMode = mode.endsWith('always') ? 'Always' : mode === 'none' ? 'Never' : 'CrossSubnet'
  return fc()
    .tuple(cidr, fc().boolean())
    .map(([range, natOutgoing]) => ({
      apiVersion: 'projectcalico.org/v3',
      kind: 'IPPool',
      metadata: { name: `pool-${index}` },
      spec: {
        ...range,
        ipipMode: mode.startsWith('ipip') ? wanted : 'Never',
        vxlanMode: mode.startsWith('vxlan') ? wanted : 'Never',
        natOutgoing,
      },
    }))
}

/** The manifest: which release runs, and beside what. */
function manifest(mode: ClusterMode, version: string): Arbitrary<KnownResource[]> {
  const backends = mode.startsWith('vxlan') ? ['bird', 'vxlan'] : ['bird']
  return fc()
    .tuple(fc().constantFrom(...backends), fc().constantFrom('0', '0', '1200'))
    .map(([backend, vethMtu]) => [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'calico-config', namespace: 'kube-system' },
        data: { calico_backend: backend, ...(vethMtu === '0' ? {} : { veth_mtu: vethMtu }) },
      },
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'calico-node', namespace: 'kube-system' },
        spec: {
          template: {
            spec: {
              containers: [
                { name: 'calico-node', image: `calico/node:${version}`, env: [{ name: 'IP', value: 'autodetect' }] },
              ],
            },
          },
        },
      },
    ])
}

/** Everything that is drawn before the objects are put together. */
interface Plan {
  readonly mode: ClusterMode
  readonly version: string
  readonly nodes: readonly string[]
  readonly segmentOf: readonly number[]
  readonly segments: readonly Segment[]
  readonly interfaces: readonly { readonly name: string; readonly mac: string | undefined }[]
  readonly pods: readonly { readonly name: string; readonly namespace: string; readonly node: number }[]
  readonly pools: readonly KnownResource[]
  readonly manifest: readonly KnownResource[]
}

function plan(options: ClusterOptions): Arbitrary<Plan> {
  const counts = fc().record({
    mode: oneOf(options.mode, MODES),
    version: oneOf(options.calicoVersion, VERSIONS),
    nodes: range(options.nodes, 2, 12),
    subnets: range(options.subnets, 1, 3),
    pools: range(options.pools, 1, 2),
  })
  return counts.chain(({ mode, version, nodes, subnets, pools }) => {
    const segments = Math.min(subnets, nodes)
    const perNode = fc().array(range(options.podsPerNode, 1, 3), { minLength: nodes, maxLength: nodes })
    const iface = fc().record({ name: fc().constantFrom(...INTERFACES), mac: fc().option(mac(), { nil: undefined }) })
    return fc()
      .record({
        nodes: names(nodes),
        pods: perNode.chain((count) => {
          const homes = count.flatMap((n, node) => Array.from({ length: n }, () => node))
          const namespaces = fc().array(fc().constantFrom('default', 'shop', 'kube-system'), {
            minLength: homes.length,
            maxLength: homes.length,
          })
          return fc()
            .tuple(names(homes.length), namespaces)
            .map(([podNames, spaces]) => homes.map((node, i) => ({ name: podNames[i]!, namespace: spaces[i]!, node })))
        }),
        interfaces: fc().uniqueArray(iface, {
          minLength: nodes,
          maxLength: nodes,
          selector: (dev) => dev.mac ?? dev,
        }),
        segments: fc().tuple(...Array.from({ length: segments }, (_, i) => segment(i, nodes, options.mtu))),
        pools: fc().tuple(...Array.from({ length: pools }, (_, i) => pool(i, pools, mode))),
        manifest: manifest(mode, version),
      })
      .map((drawn) => ({ mode, version, segmentOf: Array.from({ length: nodes }, (_, i) => i % segments), ...drawn }))
  })
}

function objects(drawn: Plan): KnownResource[] {
  const addressOf = (node: number): string => {
    const { prefix: range, hosts } = drawn.segments[drawn.segmentOf[node]!]!
    return addressIn(range, hosts[node + 1]!)
  }
  const lengthOf = (node: number): string => drawn.segments[drawn.segmentOf[node]!]!.prefix.split('/')[1]!
  return [
    ...drawn.manifest,
    ...drawn.pools,
    ...drawn.nodes.map(
      (name, i): KnownResource => ({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels: { 'kubernetes.io/hostname': name } },
        status: { addresses: [{ type: 'InternalIP', address: addressOf(i) }] },
      }),
    ),
    ...drawn.pods.map(
      ({ name, namespace, node }): KnownResource => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace },
        spec: { nodeName: drawn.nodes[node]! },
        status: { phase: 'Running' },
      }),
    ),
    {
      apiVersion: 'packetwalk/v1',
      kind: 'Underlay',
      metadata: { name: 'random' },
      spec: {
        segments: drawn.segments.map(({ prefix: cidr, hosts, mtu }, i) => ({
          name: `lan${i}`,
          cidr,
          gateway: addressIn(cidr, hosts[0]!),
          mtu,
        })),
        nodes: drawn.nodes.map((name, i) => {
          const { name: dev, mac: lladdr } = drawn.interfaces[i]!
          const address = `${addressOf(i)}/${lengthOf(i)}`
          const common = { name: dev, segment: `lan${drawn.segmentOf[i]}`, address }
          return { name, interfaces: [lladdr === undefined ? common : { ...common, mac: lladdr }] }
        }),
      },
    },
  ]
}

/**
 * A random Calico cluster: nodes in subnets joined by a router, pools of various sizes and block sizes, pods, MTUs, names,
 * hardware addresses. Every object of it is valid. Pods have no addresses yet: IPAM gives them out.
 */
export function cluster(options: ClusterOptions = {}): Arbitrary<RandomCluster> {
  return plan(options).map((drawn) => ({
    resources: collectResources(objects(drawn)),
    mode: drawn.mode,
    calicoVersion: drawn.version,
    nodes: drawn.nodes,
    pods: drawn.pods.map(({ namespace, name }) => `${namespace}/${name}`),
    subnets: drawn.segments.map((each) => each.prefix),
    pools: drawn.pools.flatMap((each) => (each.kind === 'IPPool' ? [each.spec.cidr as Prefix] : [])),
  }))
}
