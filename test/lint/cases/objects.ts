// Objects of the smallest clusters that lint is asked about, short to write.
import type { LintName } from '../../../src/lint/index.ts'
import type { NetworkRecipe } from '../../../src/model/index.ts'

/** A plain object. */
export type Object_ = Readonly<Record<string, unknown>>

/** The smallest cluster that has a finding, and one that nearly has it. */
export interface Case {
  /** The finding. */
  readonly name: LintName
  /** Objects that have it. */
  readonly wrong: readonly Object_[]
  /** Objects that have not. */
  readonly right: readonly Object_[]
  /** Findings that it cannot be without. */
  readonly also?: readonly LintName[]
  /** What real machines hold otherwise than Calico would write it, where it is about these. */
  readonly machines?: NetworkRecipe
}

export const thing = (
  apiVersion: string,
  kind: string,
  name: string,
  rest: object = {},
  meta: object = {},
): Object_ => ({
  apiVersion,
  kind,
  metadata: { name, ...meta },
  ...rest,
})
export const calico = (kind: string, name: string, spec: object = {}, meta: object = {}): Object_ =>
  thing('projectcalico.org/v3', kind, name, { spec }, meta)

/** A node with an address, as Calico and Kubernetes know it. */
export function node(name: string, ip: string, own: Record<string, string> = {}, labels: object = {}): Object_ {
  const annotations = Object.fromEntries(
    Object.entries({ IPv4Address: `${ip}/24`, ...own }).map(([key, value]) => [`projectcalico.org/${key}`, value]),
  )
  const status = { addresses: [{ type: 'InternalIP', address: ip }] }
  return thing('v1', 'Node', name, { status }, { annotations, labels })
}

export const A: Object_ = node('a', '192.0.2.1')
export const B: Object_ = node('b', '192.0.2.2')
export const C: Object_ = node('c', '192.0.2.3')

export const pool = (name: string, cidr: string, spec: object = {}): Object_ =>
  calico('IPPool', name, { cidr, natOutgoing: true, ...spec })
export const POOL: Object_ = pool('p', '10.70.0.0/16')

/** A pod of namespace shop on node a, unless something else is said. */
export function pod(
  name: string,
  spec: object = {},
  { labels = {}, status, namespace = 'shop', annotations = {} }: PodMore = {},
): Object_ {
  const containers = [{ name: 'c' }]
  const rest = { spec: { nodeName: 'a', containers, ...spec }, ...(status === undefined ? {} : { status }) }
  return thing('v1', 'Pod', name, rest, { namespace, labels, annotations })
}

interface PodMore {
  readonly labels?: object
  readonly status?: object
  readonly namespace?: string
  readonly annotations?: object
}

export const ports = (...list: readonly object[]): object => ({ containers: [{ name: 'c', ports: list }] })
export const namespace = (name: string, labels: object = {}): Object_ => thing('v1', 'Namespace', name, {}, { labels })
export const SHOP: Object_ = namespace('shop')
export const service = (name: string, spec: object, namespace = 'shop'): Object_ =>
  thing('v1', 'Service', name, { spec }, { namespace })

/** A NetworkPolicy of Kubernetes in namespace shop, for all its pods. */
export const policy = (name: string, spec: object, meta: object = {}): Object_ =>
  thing(
    'networking.k8s.io/v1',
    'NetworkPolicy',
    name,
    { spec: { podSelector: {}, ...spec } },
    { namespace: 'shop', ...meta },
  )
export const ours = (name: string, spec: object): Object_ => calico('NetworkPolicy', name, spec, { namespace: 'shop' })
export const global = (name: string, spec: object): Object_ => calico('GlobalNetworkPolicy', name, spec)

/** An Underlay with a segment, and the machines of nodes a and b on it. */
export function underlay(
  segment: object = {},
  machines: Readonly<Record<string, object>> = { a: {}, b: {} },
  spec: object = {},
): Object_ {
  const address: Readonly<Record<string, string>> = { a: '192.0.2.1/24', b: '192.0.2.2/24' }
  const nodes = Object.entries(machines).map(([name, card]) => ({
    name,
    interfaces: [{ name: 'eth0', segment: 'lan', address: address[name], ...card }],
  }))
  const segments = [{ name: 'lan', cidr: '192.0.2.0/24', ...segment }]
  return thing('packetwalk/v1', 'Underlay', 'u', { spec: { segments, nodes, ...spec } })
}
