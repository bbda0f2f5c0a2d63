// Clusters of IPv6 alone: nodes, pods and Services have no address of the other family, and policies name ranges of this one.
import fc from 'fast-check'
import type { KnownResource } from '../../src/control/index.ts'
import { type VariedCluster, variedClusters } from './varied-clusters.ts'

/** What stands for a range of IPv4 that a policy names. */
const RANGES: Readonly<Record<string, string>> = {
  '0.0.0.0/0': '::/0',
  '10.0.0.0/8': 'fd10:7::/64',
  '10.0.0.0/9': 'fd10:7::/65',
  '10.128.0.0/9': 'fd10:7::8000:0:0:0/65',
  '172.16.0.0/12': 'fd00::/32',
  '8.8.8.0/24': '2001:4860:4860::/48',
  '8.8.8.8/32': '2001:4860:4860::8888/128',
}

/** Where virtual addresses of Services begin. */
const SERVICES = 'fd00:10:96::'

const IPAM = { type: 'calico-ipam', assign_ipv4: 'false', assign_ipv6: 'true' }
const CNI = JSON.stringify({ plugins: [{ type: 'calico', ipam: IPAM }] })

/** Clusters of some nodes and pods. */
export function sixOnlyClusters(size: {
  readonly nodes: number
  readonly podsPerNode: number
}): fc.Arbitrary<VariedCluster> {
  const more = fc.record({
    /** Without, BIRD has no identity on a node that has no address of IPv4. */
    routerId: fc.constantFrom('hash', 'hash', 'hash', undefined),
    natOutgoing: fc.boolean(),
    hasServices: fc.boolean(),
    hasPolicies: fc.boolean(),
  })
  return fc.tuple(variedClusters(size, 'both'), more).map(([made, { routerId, natOutgoing, ...has }]) => ({
    ...made,
    objects: made.objects
      .filter(({ kind }) => has.hasServices || kind !== 'Service')
      .filter(({ kind }) => has.hasPolicies || !kind.endsWith('NetworkPolicy'))
      .flatMap((one) => ofSix(one, routerId, natOutgoing)),
  }))
}

function ofSix(one: KnownResource, routerId: string | undefined, natOutgoing: boolean): KnownResource[] {
  switch (one.kind) {
    case 'IPPool':
      return one.spec.cidr.includes(':') ? [{ ...one, spec: { ...one.spec, natOutgoing } }] : []
    case 'Node': {
      const [address] = (one.metadata.annotations?.['projectcalico.org/IPv6Address'] ?? '').split('/')
      return [{ ...one, status: { ...one.status, addresses: [{ type: 'InternalIP', address }] } } as KnownResource]
    }
    case 'Underlay': {
      const isSix = (text: string): boolean => text.includes(':')
      const segments = (one.spec.segments ?? []).map(({ cidrs = [], gateways = [], ...rest }) => ({
        ...rest,
        cidrs: cidrs.filter(isSix),
        gateways: gateways.filter(isSix),
      }))
      const nodes = (one.spec.nodes ?? []).map(({ interfaces = [], ...node }) => ({
        ...node,
        interfaces: interfaces.map((card) => ({ ...card, addresses: (card.addresses ?? []).filter(isSix) })),
      }))
      return [{ ...one, spec: { ...one.spec, segments, nodes } } as KnownResource]
    }
    case 'DaemonSet': {
      const env = [
        { name: 'IP', value: 'none' },
        { name: 'IP6', value: 'autodetect' },
        { name: 'FELIX_IPV6SUPPORT', value: 'true' },
        // Where there is no pool of IPv4 calico-node would make one.
        { name: 'NO_DEFAULT_POOLS', value: 'true' },
        ...(routerId === undefined ? [] : [{ name: 'CALICO_ROUTER_ID', value: routerId }]),
      ]
      return [replaced(one, (key, value) => (key === 'env' ? env : value))]
    }
    case 'ConfigMap':
      return [{ ...one, data: { ...one.data, cni_network_config: CNI } }]
    case 'Service':
      return [
        replaced(one, (key, value) =>
          key === 'clusterIP' ? `${SERVICES}${String(value).split('.')[3] as string}` : value,
        ),
      ]
    default:
      return one.kind.endsWith('NetworkPolicy')
        ? [
            replaced(one, (key, value) =>
              key === 'protocol' && value === 'ICMP'
                ? 'ICMPv6'
                : typeof value === 'string'
                  ? (RANGES[value] ?? value)
                  : value,
            ),
          ]
        : [one]
  }
}

function replaced(one: KnownResource, by: (key: string, value: unknown) => unknown): KnownResource {
  return JSON.parse(JSON.stringify(one, by)) as KnownResource
}
