// Objects for questions about BGP, short: what confd of a node reads.

const V3 = 'projectcalico.org/v3'

/** A node of Kubernetes with Calico's annotations. */
export function kubeNode(
  name: string,
  address: string,
  more: { readonly v6?: string; readonly as?: string; readonly cluster?: string; readonly labels?: object } = {},
): object {
  const annotation = (field: string, value: string | undefined): object =>
    value === undefined ? {} : { [`projectcalico.org/${field}`]: value }
  const annotations = {
    ...annotation('IPv4Address', address === '' ? undefined : address),
    ...annotation('IPv6Address', more.v6),
    ...annotation('ASNumber', more.as),
    ...annotation('RouteReflectorClusterID', more.cluster),
  }
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, annotations, labels: more.labels ?? {} } }
}

/** An object of Calico's. */
export function calicoObject(kind: string, name: string, spec: object): object {
  return { apiVersion: V3, kind, metadata: { name }, spec }
}

/** BGPConfiguration `default`. */
export const bgpDefault = (spec: object): object => calicoObject('BGPConfiguration', 'default', spec)

/** A BGPPeer. */
export const bgpPeer = (name: string, spec: object): object => calicoObject('BGPPeer', name, spec)

/** A pool. */
export const pool = (name: string, cidr: string, spec: object = {}): object =>
  calicoObject('IPPool', name, { cidr, ...spec })

/** An affinity of a node to a block. */
export const affinity = (node: string, cidr: string, state = 'confirmed'): object =>
  calicoObject('BlockAffinity', `${node}-${cidr.replace(/[./:]/g, '-')}`, { node, cidr, state })

/** A Service and its EndpointSlice, with the nodes of its ready endpoints. */
export function service(
  name: string,
  spec: object,
  readyOn: readonly string[],
  more: { readonly ingress?: readonly string[]; readonly unready?: readonly string[]; readonly family?: string } = {},
): readonly object[] {
  const endpoint = (nodeName: string, ready: boolean): object => ({
    addresses: ['10.9.0.1'],
    nodeName,
    conditions: { ready },
  })
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'shop' },
      spec,
      status: { loadBalancer: { ingress: (more.ingress ?? []).map((ip) => ({ ip })) } },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-x`, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
      addressType: more.family ?? 'IPv4',
      endpoints: [
        ...readyOn.map((node) => endpoint(node, true)),
        ...(more.unready ?? []).map((node) => endpoint(node, false)),
      ],
    },
  ]
}
