import { isRecord, pushTo } from '../../model/index.ts'
import {
  type Cidr,
  type Family,
  familyOf,
  type Ip,
  type Prefix,
  parseCidr,
  parseIp,
  prefixOf,
} from '../../wire/index.ts'
import type { VersionTraits } from '../calico-version.ts'
import type {
  ConfdAffinity,
  ConfdDatastore,
  ConfdNode,
  ConfdPool,
  PoolEncapsulation,
  WorkloadPeer,
} from './datastore.ts'
import { asNumberAt, asNumberOf, fieldAt, flagAt, textAt, textMapAt, textsAt } from './plain-fields.ts'
import { readBgpPeer, readBgpSettings } from './read-bgp.ts'
import { readService, readSlice } from './read-services.ts'

/** An object of the datastore, not judged. */
export interface PlainObject {
  /** `apiVersion`. */
  readonly apiVersion: string
  /** Kind. */
  readonly kind: string
  /** The whole object. */
  readonly value: Readonly<Record<string, unknown>>
}

/** What of a node's confd is not in the datastore. */
export interface ConfdOptions {
  /** Environment of calico-node. */
  readonly env: Readonly<Record<string, string>>
  /** Local workloads that speak BGP. */
  readonly workloadPeers: readonly WorkloadPeer[]
  /** What the release does. */
  readonly traits: VersionTraits
}

/** What confd reads, from the objects of the datastore: what cannot be understood in them is taken as not said. */
export function confdDatastore(objects: readonly PlainObject[], options: ConfdOptions): ConfdDatastore {
  const of = (kind: string, group = /./): readonly PlainObject[] =>
    objects.filter((one) => one.kind === kind && group.test(one.apiVersion))
  const calico = (kind: string): readonly PlainObject[] => of(kind, /projectcalico\.org/)
  const configurations = calico('BGPConfiguration').map(({ value }) => [nameOf(value), readBgpSettings(value)] as const)
  return {
    nodes: readNodes(of('Node')),
    peers: byName(calico('BGPPeer')).map(({ value }) => readBgpPeer(nameOf(value), value)),
    filters: new Map(byName(calico('BGPFilter')).map(({ value }) => [nameOf(value), value['spec']])),
    settings: configurations.filter(([name]) => name === 'default').at(-1)?.[1],
    ofNode: new Map(
      configurations.flatMap(([name, one]) => (name.startsWith(PER_NODE) ? [[name.slice(PER_NODE.length), one]] : [])),
    ),
    pools: calico('IPPool').flatMap(({ value }) => readPool(value)),
    affinities: grouped(
      calico('BlockAffinity').flatMap(({ value }) => readAffinity(value)),
      ({ node }) => node,
    ),
    services: of('Service', /^v1$/).map(({ value }) => readService(value)),
    slices: grouped(
      of('EndpointSlice').flatMap(({ value }) => readSlice(value)),
      ({ service }) => service,
    ),
    secrets: new Map(of('Secret').map(({ value }) => [secretName(value), secretKeys(value)])),
    ...options,
  }
}

function grouped<T>(list: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const one of list) pushTo(groups, keyOf(one), one)
  return groups
}

/** Of the names of BGPConfigurations of one node. */
const PER_NODE = 'node.'

function nameOf(value: unknown): string {
  return textAt(value, 'metadata', 'name') ?? ''
}

function byName(objects: readonly PlainObject[]): PlainObject[] {
  return [...objects].sort((a, b) => (nameOf(a.value) < nameOf(b.value) ? -1 : 1))
}

/** A Secret of which nothing says where it is counts as there where it is looked for. */
function secretName(value: unknown): string {
  return `${textAt(value, 'metadata', 'namespace') ?? ''}/${nameOf(value)}`
}

function secretKeys(value: unknown): ReadonlySet<string> {
  const keys = ['data', 'stringData'].flatMap((field) => {
    const found = fieldAt(value, field)
    return isRecord(found) ? Object.keys(found) : []
  })
  return new Set(keys)
}

/** Nodes of Kubernetes and of the Calico API; what both say of one node is joined. */
function readNodes(objects: readonly PlainObject[]): ReadonlyMap<string, ConfdNode> {
  const nodes = new Map<string, ConfdNode>()
  const isCalico = ({ apiVersion }: PlainObject): boolean => apiVersion.includes('projectcalico.org')
  for (const one of objects.filter((node) => !isCalico(node))) nodes.set(nameOf(one.value), kubernetesNode(one.value))
  for (const one of objects.filter(isCalico)) {
    const name = nameOf(one.value)
    const known = nodes.get(name)
    const read = calicoNode(one.value)
    const podCidrs = read.podCidrs.length > 0 ? read.podCidrs : (known?.podCidrs ?? [])
    nodes.set(name, { ...read, labels: { ...read.labels, ...known?.labels }, podCidrs })
  }
  return nodes
}

/**
 * A node of Kubernetes, whose annotations say what Calico knows; those that are not valid count as absent.
 * @calico libcalico-go/lib/backend/k8s/resources/node.go
 */
function kubernetesNode(value: unknown): ConfdNode {
  const annotation = (name: string): string | undefined =>
    textAt(value, 'metadata', 'annotations', `projectcalico.org/${name}`)
  const clusterId = annotation('RouteReflectorClusterID')
  const asNumber = annotation('ASNumber')
  const own = textMapAt({ labels: parsedJson(annotation('labels')) }, 'labels')
  return nodeOf(
    nameOf(value),
    { ...own, ...textMapAt(value, 'metadata', 'labels') },
    { 4: addressOf(annotation('IPv4Address'), 4), 6: addressOf(annotation('IPv6Address'), 6) },
    asNumber === undefined ? undefined : asNumberOf(asNumber),
    isNetwork(clusterId) ? clusterId : undefined,
    {
      4: isNetwork(annotation('IPv4WireguardInterfaceAddr')),
      6: isNetwork(annotation('IPv6WireguardInterfaceAddr'), 6),
    },
    textsAt(value, 'spec', 'podCIDRs'),
  )
}

/** A node of the Calico API. */
function calicoNode(value: unknown): ConfdNode {
  const bgp = fieldAt(value, 'spec', 'bgp')
  const wireguard = (family: Family): boolean =>
    textAt(value, 'spec', 'wireguard', `interfaceIPv${family}Address`) !== undefined
  return nodeOf(
    nameOf(value),
    textMapAt(value, 'metadata', 'labels'),
    { 4: addressOf(textAt(bgp, 'ipv4Address')), 6: addressOf(textAt(bgp, 'ipv6Address')) },
    asNumberAt(bgp, 'asNumber'),
    textAt(bgp, 'routeReflectorClusterID'),
    { 4: wireguard(4), 6: wireguard(6) },
    textsAt(value, 'status', 'podCIDRs'),
  )
}

function nodeOf(
  name: string,
  labels: ConfdNode['labels'],
  cidrs: Readonly<Record<Family, Cidr | undefined>>,
  asNumber: number | undefined,
  clusterId: string | undefined,
  wireguard: ConfdNode['wireguard'],
  podCidrs: readonly string[],
): ConfdNode {
  const addresses: Partial<Record<Family, Ip>> = {}
  const networks: Partial<Record<Family, Prefix>> = {}
  for (const family of [4, 6] as const) {
    const cidr = cidrs[family]
    if (cidr === undefined) continue
    addresses[family] = cidr.address
    networks[family] = prefixOf(cidr.address, cidr.length)
  }
  return {
    name,
    labels,
    addresses,
    networks,
    ...(asNumber === undefined ? {} : { asNumber }),
    ...(clusterId === undefined ? {} : { clusterId }),
    wireguard,
    podCidrs: podCidrs.flatMap((text) => networkOf(text) ?? []),
  }
}

function parsedJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An address with or without length; of the family where one is asked for. */
function addressOf(text: string | undefined, family?: Family): Cidr | undefined {
  if (text === undefined) return undefined
  const ip = parseIp(text)
  const cidr = ip === undefined ? parseCidr(text) : { address: ip, length: familyOf(ip) === 4 ? 32 : 128 }
  return cidr === undefined || (family !== undefined && familyOf(cidr.address) !== family) ? undefined : cidr
}

/** Whether a text is an address or a network without host bits. */
function isNetwork(text: string | undefined, family: Family = 4): boolean {
  const cidr = addressOf(text, family)
  return cidr !== undefined && prefixOf(cidr.address, cidr.length).startsWith(`${cidr.address}/`)
}

/** A range; host bits do not count. */
export function networkOf(text: string | undefined): Prefix | undefined {
  const cidr = text === undefined ? undefined : parseCidr(text)
  return cidr === undefined ? undefined : prefixOf(cidr.address, cidr.length)
}

const ENCAPSULATIONS: Readonly<Record<string, PoolEncapsulation>> = { Always: 'always', CrossSubnet: 'cross-subnet' }

function readPool(value: unknown): ConfdPool[] {
  const cidr = networkOf(textAt(value, 'spec', 'cidr'))
  const mode = (field: string): PoolEncapsulation => {
    const text = textAt(value, 'spec', field) ?? ''
    return Object.hasOwn(ENCAPSULATIONS, text) ? ENCAPSULATIONS[text]! : 'never'
  }
  if (cidr === undefined) return []
  const disableBgpExport = flagAt(value, 'spec', 'disableBGPExport')
  return [{ cidr, ipip: mode('ipipMode'), vxlan: mode('vxlanMode'), disableBgpExport }]
}

/** An affinity of a node; those that are being deleted are gone for everybody who lists them. */
function readAffinity(value: unknown): ConfdAffinity[] {
  const cidr = networkOf(textAt(value, 'spec', 'cidr'))
  const node = textAt(value, 'spec', 'node')
  const deleted = fieldAt(value, 'spec', 'deleted')
  if (cidr === undefined || node === undefined || deleted === true || deleted === 'true') return []
  if ((textAt(value, 'spec', 'type') ?? 'host') !== 'host') return []
  return [{ node, cidr, state: textAt(value, 'spec', 'state') ?? 'confirmed' }]
}
