// Objects of a small cluster, as a datastore holds them, for questions to Felix.

/** Fields of an object. */
type Fields = Readonly<Record<string, unknown>>

const V3 = 'projectcalico.org/v3'

const object = (kind: string, name: string, spec: Fields, metadata: Fields = {}): Fields => ({
  apiVersion: V3,
  kind,
  metadata: { name, ...metadata },
  spec,
})

/** A node of Kubernetes with annotations of Calico. */
export const nodeWith = (name: string, annotations: Readonly<Record<string, string>>, status: Fields = {}): Fields => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [`projectcalico.org/${key}`, value]),
    ),
  },
  status,
})

/** A pool. */
export const poolOf = (name: string, cidr: string, spec: Fields = {}): Fields =>
  object('IPPool', name, { cidr, ...spec })

/** A block of a node, with the users of its first slots. */
export const blockOf = (cidr: string, affinity: string, users: readonly string[] = []): Fields =>
  object('IPAMBlock', cidr.replaceAll(/[./:]/g, '-'), {
    cidr,
    affinity,
    allocations: [...users.map((_, i) => i), null],
    attributes: users.map((node) => ({ secondary: { node } })),
  })

/** A workload endpoint of an orchestrator that is not Kubernetes. */
export const workloadOf = (node: string, workload: string, addresses: readonly string[], rest: Fields = {}): Fields => {
  const { labels = {}, ...spec } = rest
  const names = { node, orchestrator: 'lab', workload, endpoint: 'eth0', interfaceName: `cali-${workload}` }
  return object(
    'WorkloadEndpoint',
    `${node}-lab-${workload}-eth0`,
    { ...names, ipNetworks: addresses, ...spec },
    { labels },
  )
}

/** A host endpoint. */
export const hostOf = (node: string, name: string, rest: Fields = {}): Fields => {
  const { labels = {}, ...spec } = rest
  return object('HostEndpoint', name, { node, ...spec }, { labels })
}

/** A GlobalNetworkPolicy. */
export const policyOf = (name: string, spec: Fields): Fields => object('GlobalNetworkPolicy', name, spec)

/** A tier. */
export const tierOf = (name: string, order?: number): Fields =>
  object('Tier', name, order === undefined ? {} : { order })

/** A profile with labels and rules. */
export const profileOf = (name: string, labelsToApply: Fields, rules: Fields = {}): Fields =>
  object('Profile', name, { labelsToApply, ...rules })

/** A set of ranges of the whole cluster. */
export const rangesOf = (name: string, labels: Fields, nets: readonly string[]): Fields =>
  object('GlobalNetworkSet', name, { nets }, { labels })

/** Settings of Felix on all nodes. */
export const felixOf = (spec: Fields, name = 'default'): Fields => object('FelixConfiguration', name, spec)

/** Endpoints of a Service. */
export const sliceOf = (
  name: string,
  service: string,
  addresses: readonly string[],
  ports: readonly Fields[],
): Fields => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': service } },
  addressType: 'IPv4',
  endpoints: addresses.map((address) => ({ addresses: [address] })),
  ports,
})
