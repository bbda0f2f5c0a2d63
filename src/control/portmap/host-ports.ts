import { type Family, familyOf, type Ip, parseIp } from '../../wire/index.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import type { FieldPath } from '../origin.ts'
import { protocolOf } from '../services/port-protocol.ts'

/** A port of a node that leads to a pod. */
export interface HostPort {
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  /** Port of the node. */
  readonly hostPort: number
  /** Port of the pod. */
  readonly containerPort: number
  /** Address of the node; absent = every one. */
  readonly hostIp?: Ip
  /** Where it stands in the pod. */
  readonly path: FieldPath
}

/** A pod with ports of its node. */
export interface MappedPod {
  /** The pod. */
  readonly pod: PodResource
  /** Addresses. */
  readonly addresses: readonly Ip[]
}

/** The ports of its node that lead to a pod: none where it shares the node's network. */
export function hostPortsOf(pod: PodResource): HostPort[] {
  if (pod.spec.hostNetwork === true) return []
  return (pod.spec.containers ?? []).flatMap((container, i) =>
    (container.ports ?? []).flatMap((port, j): HostPort[] => {
      const { hostPort, hostIP = '', containerPort } = port
      if (hostPort === undefined) return []
      const ip = parseIp(hostIP)
      const path = ['spec', 'containers', i, 'ports', j, 'hostPort']
      const word = protocolOf(port) as HostPort['protocol']
      return [{ protocol: word, hostPort, containerPort, ...(ip === undefined ? {} : { hostIp: ip }), path }]
    }),
  )
}

/** Those that lead to a pod's address of a family. */
export function hostPortsIn(pod: PodResource, family: Family): HostPort[] {
  return hostPortsOf(pod).filter(({ hostIp }) => hostIp === undefined || familyOf(hostIp) === family)
}
