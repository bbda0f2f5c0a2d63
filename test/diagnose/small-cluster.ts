// Three nodes, two of them on one segment, a pod or two on each; dual-stack, in any encapsulation.
import { Lab, type LabOptions } from '../../src/lab/index.ts'

/** How pods of two nodes reach each other. */
export type Encap = 'none' | 'ipip' | 'vxlan' | 'wireguard'

/** What may be said of a cluster besides how it is wired. */
export interface ClusterParts {
  /** Absent = none. */
  readonly encap?: Encap
  /** Fields of the IPv4 pool. */
  readonly pool?: object
  /** Further objects, or those that replace others of the same kind and name. */
  readonly objects?: readonly object[]
  readonly options?: LabOptions
}

export interface Thing {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly annotations?: object }
  readonly spec?: object
  readonly status?: object
  readonly data?: object
}

/** An object of Calico's. */
export function calico(kind: string, name: string, spec: object): Thing {
  return { apiVersion: 'projectcalico.org/v3', kind, metadata: { name }, spec }
}

const KEYS = [
  'YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU=',
  'enl4d3Z1dHNycXBvbm1sa2ppaGdmZWRjYmE5ODc2NTQ=',
  'MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=',
]

/** A node: `n1` and `n2` on one segment, `n3` on another. */
export function node(i: number, extra: object = {}): Thing {
  const subnet = i === 3 ? 3 : 2
  const annotations = {
    'projectcalico.org/IPv4Address': `10.${subnet}.0.${10 + i}/24`,
    'projectcalico.org/IPv6Address': `fd0e:${subnet}::${10 + i}/64`,
    ...extra,
  }
  const addresses = [{ type: 'InternalIP', address: `10.${subnet}.0.${10 + i}` }]
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: `n${i}`, annotations }, status: { addresses } }
}

/** A pod on a node, with both addresses. */
export function pod(name: string, i: number, extra: object = {}): Thing {
  const last = name.charCodeAt(0) - 'a'.charCodeAt(0) + 2
  const podIPs = [{ ip: `192.168.${i}.${last}` }, { ip: `fd00:10:0:${i}::${last}` }]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { nodeName: `n${i}`, containers: [{ name: 'c', image: 'x' }] },
    status: { podIPs, podIP: podIPs[0]!.ip },
    ...extra,
  }
}

function modes(encap: Encap): object {
  if (encap === 'ipip') return { ipipMode: 'Always' }
  return encap === 'vxlan' ? { vxlanMode: 'Always' } : {}
}

/** The objects of a cluster. */
function objectsOf({ encap = 'none', pool = {}, objects = [] }: ClusterParts = {}): Thing[] {
  const keys = (i: number): object =>
    encap === 'wireguard'
      ? {
          'projectcalico.org/WireguardPublicKey': KEYS[i - 1],
          'projectcalico.org/IPv4WireguardInterfaceAddr': `192.168.${i}.1`,
          'projectcalico.org/WireguardPublicKeyV6': KEYS[i - 1],
          'projectcalico.org/IPv6WireguardInterfaceAddr': `fd00:10:0:${i}::1`,
        }
      : {}
  const own: Thing[] = [
    ...[1, 2, 3].map((i) => node(i, keys(i))),
    calico('IPPool', 'four', { cidr: '192.168.0.0/16', natOutgoing: true, ...modes(encap), ...pool }),
    calico('IPPool', 'six', { cidr: 'fd00:10::/48', natOutgoing: true, ...(encap === 'vxlan' ? modes(encap) : {}) }),
    ...(encap === 'wireguard'
      ? [calico('FelixConfiguration', 'default', { wireguardEnabled: true, wireguardEnabledV6: true })]
      : []),
    pod('a', 1),
    pod('b', 2),
    pod('c', 2),
    pod('d', 3),
  ]
  const key = ({ kind, metadata }: Thing): string => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`
  const all = new Map(own.map((one) => [key(one), one]))
  for (const one of objects as Thing[]) all.set(key(one), one)
  return [...all.values()]
}

/** A lab of such a cluster. */
export function clusterLab(parts: ClusterParts = {}): Lab {
  const items = objectsOf(parts)
  return Lab.load({ name: 'c.json', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) }, parts.options)
}

/** Types commands, each behind its place: `n1$ ip route del …`. */
export function broken(lab: Lab, ...lines: readonly string[]): Lab {
  for (const line of lines) {
    const [where = '', ...command] = line.split('$ ')
    const done = lab.sh(where, command.join('$ '))
    if (done.stderr !== '') throw new Error(`${line}: ${done.stderr}`)
  }
  return lab
}
