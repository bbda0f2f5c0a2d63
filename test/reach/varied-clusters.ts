// Clusters with policies in which more is going on: host endpoints, both families, a route that somebody removed, a node that is dumped.
import fc from 'fast-check'
import { collectResources, type KnownResource } from '../../src/control/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { routesOf } from '../../src/model/index.ts'
import { Shell } from '../../src/shell/index.ts'
import { simulatedDumps } from '../support/simulated-dumps.ts'
import { type PolicedCluster, policedClusters } from './policed-clusters.ts'

const rule = fc.record(
  {
    action: fc.constantFrom('Allow', 'Allow', 'Deny', 'Pass'),
    protocol: fc.constantFrom('TCP', 'UDP', 'ICMP'),
    source: fc.constantFrom({ nets: ['10.0.0.0/8'] }, { selector: "app == 'web'" }, { nets: ['172.16.0.0/12'] }),
    ports: fc.constantFrom([80], ['1:1000'], [53, 443]),
  },
  { requiredKeys: ['action'] },
)
type Rule = typeof rule extends fc.Arbitrary<infer T> ? T : never

const hostPolicy = fc.record({
  stage: fc.constantFrom({}, {}, { applyOnForward: true }, { preDNAT: true, applyOnForward: true }),
  order: fc.constantFrom(10, 100),
  types: fc.constantFrom(['Ingress'], ['Ingress', 'Egress']),
  ingress: fc.array(rule, { maxLength: 3 }),
  egress: fc.array(rule, { maxLength: 2 }),
})

const additions = fc.record({
  /** What of host endpoints there is on each node. */
  hosts: fc.array(fc.constantFrom('none', 'none', 'all', 'card'), { minLength: 4, maxLength: 4 }),
  hostPolicies: fc.array(hostPolicy, { maxLength: 2 }),
  isBoth: fc.boolean(),
  mode6: fc.constantFrom('Never', 'Always', 'CrossSubnet'),
  /** The node that loses its route to another, or is dumped. */
  node: fc.nat({ max: 3 }),
  edit: fc.constantFrom('none', 'none', 'route', 'dump', 'dumped route'),
})
type Additions = typeof additions extends fc.Arbitrary<infer T> ? T : never

/** A cluster, and what somebody did to one of its nodes. */
export interface VariedCluster {
  readonly objects: readonly KnownResource[]
  readonly nodes: readonly string[]
  readonly node: string
  readonly edit: Additions['edit']
}

/** Clusters of some nodes and pods. @param families - absent: some have both */
export function variedClusters(
  size: { readonly nodes: number; readonly podsPerNode: number },
  families?: 'both',
): fc.Arbitrary<VariedCluster> {
  return fc.tuple(policedClusters(size), additions).map(([made, more]) => {
    const isBoth = families === 'both' || more.isBoth
    const bare = Object.values(made.resources).flat() as KnownResource[]
    const objects = [...(isBoth ? ofBoth(bare, made.nodes) : bare), ...hostObjects(made, more)]
    if (isBoth) {
      objects.push(calico('IPPool', 'six', { cidr: 'fd10:7::/64', vxlanMode: more.mode6, ipipMode: 'Never' }))
    }
    return { objects, nodes: made.nodes, node: made.nodes[more.node % made.nodes.length]!, edit: more.edit }
  })
}

function calico(kind: string, name: string, spec: object): KnownResource {
  return { apiVersion: 'projectcalico.org/v3', kind, metadata: { name }, spec } as KnownResource
}

function hostObjects({ nodes }: PolicedCluster, { hosts, hostPolicies }: Additions): KnownResource[] {
  const endpoints = nodes.flatMap((node, i): KnownResource[] => {
    const kind = hosts[i % hosts.length]
    if (kind === 'none') return []
    const name = `${node}-hep`
    const spec = { node, interfaceName: '*', profiles: kind === 'all' ? ['projectcalico-default-allow'] : [] }
    const metadata = { name, labels: { host: kind } }
    return [{ ...calico('HostEndpoint', name, spec), metadata } as KnownResource]
  })
  if (endpoints.length === 0) return []
  const policies = hostPolicies.map(({ stage, order, types, ingress, egress }, i) => {
    // What is decided before addresses are translated is only about what comes in.
    const own = 'preDNAT' in stage ? { types: ['Ingress'], ingress } : { types, ingress, egress }
    const spec = { ...own, ...stage, order, selector: i === 0 ? 'has(host)' : "host == 'all'" }
    return calico('GlobalNetworkPolicy', `host-${i}`, {
      ...spec,
      ingress: ingress.map(ruleOf),
      ...('preDNAT' in stage ? {} : { egress: egress.map(ruleOf) }),
    })
  })
  return [...endpoints, ...policies]
}

function ruleOf({ action, protocol, source, ports }: Rule): object {
  const isPorted = protocol === 'TCP' || protocol === 'UDP'
  return {
    action,
    ...(protocol === undefined ? {} : { protocol }),
    ...(source === undefined ? {} : { source }),
    ...(isPorted && ports !== undefined ? { destination: { ports } } : {}),
  }
}

/** The objects of a cluster as one of both families: every segment has a range of IPv6, and every machine an address in it. */
function ofBoth(objects: readonly KnownResource[], nodes: readonly string[]): KnownResource[] {
  const underlay = objects.find((one) => one.kind === 'Underlay')
  const count = underlay?.kind === 'Underlay' ? (underlay.spec.segments?.length ?? 1) : 1
  const addressOf = (at: number): string => `fd00:${at % count}::${at + 2}/64`
  return objects.map((one): KnownResource => {
    if (one.kind === 'ConfigMap') return { ...one, data: { ...one.data, veth_mtu: '0' } }
    if (one.kind === 'Node') {
      const annotations = { 'projectcalico.org/IPv6Address': addressOf(nodes.indexOf(one.metadata.name)) }
      return { ...one, metadata: { ...one.metadata, annotations: { ...one.metadata.annotations, ...annotations } } }
    }
    if (one.kind !== 'Underlay') return one
    const spec = {
      ...one.spec,
      segments: (one.spec.segments ?? []).map(({ cidr, gateway, mtu, ...rest }, i) => ({
        ...rest,
        // IPv6 is off on devices that are narrower than 1280 bytes: room for a tunnel is left.
        mtu: Math.max(1400, mtu!),
        cidrs: [cidr!, `fd00:${i}::/64`],
        gateways: [gateway!, `fd00:${i}::1`],
      })),
      nodes: (one.spec.nodes ?? []).map(({ name, interfaces }, i) => {
        const [{ address, ...card }] = interfaces as [(typeof interfaces)[0]]
        return { name, interfaces: [{ ...card, addresses: [address!, addressOf(i)] }] }
      }),
    }
    return { ...one, spec } as KnownResource
  })
}

/** A lab of it, with what somebody did. */
export function labOf({ objects, node, edit }: VariedCluster): Lab {
  const lab = Lab.fromResources(collectResources(objects))
  if (edit.endsWith('route')) withoutRoute(lab, node)
  if (!edit.startsWith('dump')) return lab
  return Lab.fromDumps(simulatedDumps(lab, [node]), { objects: textOf(objects) })
}

function textOf(objects: readonly KnownResource[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, (key, value) =>
    key === 'placeOf' ? undefined : value,
  )
}

/** A node without its first route to pods of another. */
function withoutRoute(lab: Lab, node: string): void {
  const isSix = lab.cluster?.nodes.every(({ ipv4 }) => ipv4 === undefined) === true
  const route = routesOf(lab.network, lab.network.namespaces[node]!).find(
    ({ protocol, via, family }) => protocol === 'bird' && via !== undefined && family === (isSix ? 'inet6' : 'inet'),
  )
  if (route !== undefined) new Shell(lab, node).execute(`ip${isSix ? ' -6' : ''} route del ${route.dst}`)
}
