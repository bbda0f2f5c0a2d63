import {
  ALLOWS_ALL,
  type ClusterNode,
  type Conversion,
  type ConvertedProfile,
  endpointOfPod,
  type Metadata,
  NODE_LABELS,
  type OtherResource,
  profileOfAccount,
  profileOfNamespace,
  traitsOf,
  type WorkloadEndpoint,
} from '../../control/index.ts'
import { namespacesOf } from '../kubectl/listed.ts'
import type { AnyObject, Seen } from './seen.ts'

const V3 = 'projectcalico.org/v3'

/** Endpoints of the pods that have a network, as Calico's backend makes them of pods. */
export function allWorkloadEndpoints({ cluster }: Seen): readonly AnyObject[] {
  return cluster.workloadEndpoints.map((one) => endpointObject(one, cluster))
}

function endpointObject(one: WorkloadEndpoint, { settings }: Seen['cluster']): AnyObject {
  const { pod, addresses, node, namespace, interfaceName } = one
  const { name } = pod.metadata
  // A pod has its addresses here before kubelet could have written them into the object.
  const status = { ...pod.status, podIP: addresses[0], podIPs: addresses.map((ip) => ({ ip })) }
  const made = endpointOfPod(
    { ...pod, metadata: { ...pod.metadata, namespace }, spec: { ...pod.spec, nodeName: node }, status } as Parameters<
      typeof endpointOfPod
    >[0],
    traitsOf(settings.version),
  ).object
  const ipNetworks = addresses.map((ip) => `${ip}/${ip.includes(':') ? 128 : 32}`)
  const known = { node, pod: name, workload: name, interfaceName, ipNetworks }
  return {
    ...(made ?? { apiVersion: V3, kind: 'WorkloadEndpoint', metadata: { name, namespace } }),
    spec: { ...made?.spec, ...known, ...(made === undefined ? {} : { workload: undefined }) },
  }
}

/** Nodes as Calico sees them: those of Kubernetes, with what calico-node writes into annotations. */
export function allNodes({ cluster }: Seen): readonly AnyObject[] {
  return cluster.nodes.map((node) => nodeObject(node, cluster))
}

/** Calico's own labels stand among the others, and not in their annotation. */
function labelledMetadata(metadata: Metadata, labels: ClusterNode['labels']): Metadata {
  if (metadata.annotations?.[NODE_LABELS] === undefined) return metadata
  const { [NODE_LABELS]: _, ...annotations } = metadata.annotations
  return { ...metadata, annotations, labels }
}

function nodeObject(
  { name, resource, labels, ipv4, ipv6, asNumber, routeReflector }: ClusterNode,
  { settings, ipam }: Seen['cluster'],
): AnyObject {
  const text = (cidr: typeof ipv4): string | undefined =>
    cidr === undefined ? undefined : `${cidr.address}/${cidr.length}`
  const { ipip, vxlan, ['vxlan-v6']: vxlan6, wireguard } = ipam.tunnels.get(name) ?? {}
  const bgp = {
    ...(asNumber === settings.asNumber ? {} : { asNumber }),
    ...(ipv4 === undefined ? {} : { ipv4Address: text(ipv4) }),
    ...(ipv6 === undefined ? {} : { ipv6Address: text(ipv6) }),
    ...(ipip === undefined ? {} : { ipv4IPIPTunnelAddr: ipip }),
    ...(routeReflector === undefined ? {} : { routeReflectorClusterID: routeReflector }),
  }
  const addresses = [
    ...[ipv4, ipv6].flatMap((cidr) => (cidr === undefined ? [] : [{ address: text(cidr), type: 'CalicoNodeIP' }])),
    ...(resource.status?.addresses ?? []).filter(({ type }) => /IP$/.test(type ?? '')),
  ]
  return {
    apiVersion: V3,
    kind: 'Node',
    metadata: labelledMetadata(resource.metadata, labels),
    spec: {
      addresses,
      ...(Object.keys(bgp).length === 0 ? {} : { bgp }),
      ...(vxlan === undefined ? {} : { ipv4VXLANTunnelAddr: vxlan }),
      ...(vxlan6 === undefined ? {} : { ipv6VXLANTunnelAddr: vxlan6 }),
      ...(wireguard === undefined ? {} : { wireguard: { interfaceIPv4Address: wireguard } }),
      orchRefs: [{ nodeName: name, orchestrator: 'k8s' }],
    },
  }
}

/** Calico's own profiles, and those made of namespaces and service accounts. */
export function allProfiles({ objects, cluster }: Seen): readonly AnyObject[] {
  const traits = traitsOf(cluster.settings.version)
  const made = [
    ...namespacesOf({ resources: objects }).map(({ metadata }) =>
      withUid(metadata, (one) => profileOfNamespace(one, traits)),
    ),
    ...objects.serviceAccounts.map(({ metadata }) => withUid(metadata, (one) => profileOfAccount(one, traits))),
  ]
  const allow = [{ action: 'Allow' }]
  return [
    { apiVersion: V3, kind: 'Profile', metadata: { name: ALLOWS_ALL }, spec: { ingress: allow, egress: allow } },
    ...objects.profiles,
    ...made.flatMap((one) => one ?? []),
  ]
}

/** What is made of an object with a uid, which every object of a cluster has and not every one of a file. */
function withUid(
  metadata: Metadata,
  make: (metadata: Metadata) => Conversion<ConvertedProfile>,
): AnyObject | undefined {
  if (metadata.uid !== undefined) return make(metadata).object
  const { object } = make({ ...metadata, uid: '00000000-0000-0000-0000-000000000000' })
  if (object === undefined) return undefined
  const { uid: _, ...own } = object.metadata
  return { ...object, metadata: own }
}

/** Tiers that are stored, and those that Calico makes by itself. */
export function allTiers({ objects, cluster }: Seen): readonly AnyObject[] {
  const stored: readonly OtherResource[] = objects.tiers
  const names = new Set(stored.map(({ metadata }) => metadata.name))
  const others = cluster.policies.tiers.filter(({ name }) => !names.has(name))
  return [
    ...stored,
    ...others.map(({ name, order }) => ({
      apiVersion: V3,
      kind: 'Tier',
      metadata: { name },
      spec: Number.isFinite(order) ? { order } : {},
    })),
  ]
}
