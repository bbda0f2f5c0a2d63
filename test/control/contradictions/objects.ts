// Plain objects for the tests of contradictions, short to write.
import type { FindingName } from '../../../src/control/contradictions/finding.ts'

/** A plain object. */
export type Object_ = Record<string, unknown>

export const calico = (kind: string, name: string, spec: object = {}, labels: object = {}): Object_ => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name, labels },
  spec,
})
export const pool = (name: string, cidr: string, spec: object = {}): Object_ =>
  calico('IPPool', name, { cidr, ...spec })
export const block = (cidr: string, affinity?: string): Object_ =>
  calico('IPAMBlock', cidr.replace(/[./:]/g, '-'), { cidr, ...(affinity ? { affinity } : {}) })
export const affinity = (node: string, cidr: string, state = 'confirmed'): Object_ =>
  calico('BlockAffinity', `${node}-${cidr.replace(/[./:]/g, '-')}`, { node, cidr, state })

export function node(
  name: string,
  annotations: Record<string, string> = {},
  labels: object = {},
  spec: object = {},
): Object_ {
  const own = Object.entries(annotations).map(([key, value]) => [`projectcalico.org/${key}`, value])
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels, annotations: Object.fromEntries(own) }, spec }
}

export function pod(name: string, ip: string, annotations: Record<string, string> = {}, spec: object = {}): Object_ {
  const own = Object.entries(annotations).map(([key, value]) => [`cni.projectcalico.org/${key}`, value])
  const metadata = { name, namespace: 'shop', annotations: Object.fromEntries(own) }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec, status: { podIP: ip, podIPs: [{ ip }] } }
}

export const service = (clusterIP: string): Object_ => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'shop' },
  spec: { clusterIP },
})
export const A = node('a', { IPv4Address: '192.0.2.1/24' }, { rr: 'yes', zone: 'x' })
export const B = node('b', { IPv4Address: '192.0.2.2/24' }, { zone: 'y' })
export const C = node('c', { IPv4Address: '192.0.2.3/24' }, { zone: 'y' })
export const POOL = pool('p', '10.70.0.0/16')

/** A pair of objects that contradict each other, the finding, and a like pair that does not. */
export type Row = readonly [what: string, name: FindingName, wrong: readonly Object_[], right?: readonly Object_[]]
