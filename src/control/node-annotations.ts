import { isRecord, keptIn } from '../model/index.ts'
import { type Cidr, familyOf, parseCidr, parseIp } from '../wire/index.ts'
import type { NodeResource } from './kubernetes-kinds.ts'

/** Mask taken for a node address that comes without one. */
const ASSUMED_LENGTH = { 4: 24, 6: 64 } as const

/** The annotation of a node's own address, behind `projectcalico.org/`. */
export const ADDRESS_ANNOTATION = { 4: 'IPv4Address', 6: 'IPv6Address' } as const

const keys = new Map<string, string>()

/** A Calico annotation of a node, by its name behind `projectcalico.org/`; empty counts as absent. */
export function calicoAnnotation(node: NodeResource, name: string): string | undefined {
  const value = node.metadata.annotations?.[keptIn(keys, name, () => `projectcalico.org/${name}`)]
  return value === '' ? undefined : value
}

/** The annotation in which Calico keeps labels of its own for a node: `calicoctl label node`. */
export const NODE_LABELS = 'projectcalico.org/labels'

/** Labels that Calico itself keeps for a node, as JSON in an annotation; none where that is no JSON of texts. */
export function ownNodeLabels({ metadata }: Pick<NodeResource, 'metadata'>): Readonly<Record<string, string>> {
  const text = metadata.annotations?.[NODE_LABELS]
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    const isMap = isRecord(value) && Object.values(value).every((one) => typeof one === 'string')
    return isMap ? (value as Readonly<Record<string, string>>) : {}
  } catch {
    return {}
  }
}

/** Labels by which Calico selects a node: those of Kubernetes go before its own. @calico libcalico-go/lib/backend/k8s/resources/node.go */
export function nodeLabels(node: Pick<NodeResource, 'metadata'>): Readonly<Record<string, string>> | undefined {
  const { labels, annotations } = node.metadata
  return annotations?.[NODE_LABELS] === undefined ? labels : { ...ownNodeLabels(node), ...labels }
}

/** An address annotation with its mask (`172.18.0.2/16`); without one, the address alone counts as /32 or /128. */
export function addressAnnotation(node: NodeResource, name: string): Cidr | undefined {
  const text = calicoAnnotation(node, name)
  if (text === undefined) return undefined
  const bare = parseIp(text)
  return bare === undefined ? parseCidr(text) : { address: bare, length: familyOf(bare) === 4 ? 32 : 128 }
}

/** The node's internal addresses as Kubernetes lists them, first of each family. */
export function internalIps(node: NodeResource): Cidr['address'][] {
  const found = new Map<number, Cidr['address']>()
  for (const { type, address } of node.status?.addresses ?? []) {
    const ip = type === 'InternalIP' ? parseIp(address) : undefined
    if (ip !== undefined && !found.has(familyOf(ip))) found.set(familyOf(ip), ip)
  }
  return [...found.values()]
}

/**
 * The addresses a node has on the underlay when nobody described it: Calico's annotations, else the internal addresses.
 * IPv4 first.
 */
export function nodeAddresses(node: NodeResource): Cidr[] {
  const internal = internalIps(node)
  const cidrs: Cidr[] = []
  for (const family of [4, 6] as const) {
    const annotated = addressAnnotation(node, ADDRESS_ANNOTATION[family])
    const address = annotated?.address ?? internal.find((ip) => familyOf(ip) === family)
    if (address === undefined) continue
    const given = annotated !== undefined && annotated.length < (family === 4 ? 32 : 128) ? annotated.length : undefined
    cidrs.push({ address, length: given ?? ASSUMED_LENGTH[family] })
  }
  return cidrs
}
