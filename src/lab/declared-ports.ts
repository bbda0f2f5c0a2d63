import {
  type Cluster,
  clusterIpsOf,
  type FieldPath,
  isAlive,
  outsideIpsOf,
  type PodResource,
  type ServiceResource,
} from '../control/index.ts'
import { type Note, note } from '../model/index.ts'
import type { Endpoint } from './endpoint.ts'

/** Transport protocols packetwalk can ask with. */
const ASKED = ['TCP', 'UDP'] as const

/** A port that an object of the cluster declares. */
interface DeclaredPort {
  readonly resource: PodResource | ServiceResource
  readonly path: FieldPath
  /** Name of the field, as people say it. */
  readonly field: string
  /** `TCP`, `UDP` or `SCTP`. */
  readonly protocol: string
  /** Its number there. */
  readonly number: number
  /** Its name, where it has one. */
  readonly name: string | undefined
}

/**
 * What is open of a question about a port that the objects declare for other protocols only. What is declared for one that
 * packetwalk does not send leaves the answer undecided: it would be an answer for another protocol.
 * @param pod - the pod that the destination is, if it is one
 */
export function declaredPortNotes(
  cluster: Cluster | null,
  end: Endpoint,
  pod: PodResource | undefined,
  asked: (typeof ASKED)[number],
  port: number,
): Note[] {
  const declared = cluster === null ? [] : portsOf(cluster, end, pod).filter(({ number }) => number === port)
  if (declared.some(({ protocol }) => protocol === asked)) return []
  return declared.map(({ resource, path, field, protocol }): Note => {
    const { name, namespace = 'default' } = resource.metadata
    const place = resource.placeOf?.(path) ?? resource.placeOf?.([])
    const parts = { object: `${resource.kind}/${namespace}/${name}`, ...(place ?? {}) }
    if (!ASKED.some((one) => one === protocol)) {
      const what = `${field} ${port} is ${protocol}, which packetwalk does not send; what was asked is ${asked}`
      return note('port_protocol', what, { ...parts, check: checkOf(resource, protocol, port) })
    }
    const what = `${asked} is meant, though ${field} ${port} is ${protocol} (ask for :${port}/${protocol.toLowerCase()})`
    return note('port_protocol', what, { ...parts, effect: 'assumed' })
  })
}

/** Where one sees who speaks that protocol there. */
function checkOf({ kind, metadata }: PodResource | ServiceResource, protocol: string, port: number): string {
  const { name, namespace = 'default' } = metadata
  if (protocol === 'SCTP' && kind === 'Pod') return `kubectl exec -n ${namespace} ${name} -- ss -ln --sctp`
  return `kubectl describe ${kind.toLowerCase()} -n ${namespace} ${name}   (who is behind port ${port}?)`
}

/** A pod's own ports; at a node, and at an address that is no pod's, those of Services, too. */
export function portsOf(
  { resources, nodes }: Cluster,
  end: Endpoint,
  pod: PodResource | undefined,
): readonly DeclaredPort[] {
  if (pod !== undefined) return ofPod(pod, 'containerPort')
  const isNode = nodes.some(({ name }) => name === end.netns)
  const here = isNode ? resources.pods.filter((one) => one.spec.nodeName === end.netns && isAlive(one)) : []
  return [
    ...resources.services.flatMap((service) => ofService(service, end, isNode)),
    ...here.flatMap((one) => ofPod(one, one.spec.hostNetwork === true ? 'containerPort' : 'hostPort')),
  ]
}

/** Its ports at its virtual addresses, and at nodes those that kube-proxy opens there. */
function ofService(service: ServiceResource, end: Endpoint, isNode: boolean): DeclaredPort[] {
  const { spec, metadata } = service
  const isNamed = end.netns === undefined && end.label === `svc/${metadata.namespace ?? 'default'}/${metadata.name}`
  const own = [...clusterIpsOf(service), ...outsideIpsOf(service)]
  const isReached = isNamed || own.some((one) => end.addresses.includes(one))
  return (spec.ports ?? []).flatMap((entry, i): DeclaredPort[] => {
    const base = { resource: service, protocol: entry.protocol ?? 'TCP', name: entry.name }
    const path = ['spec', 'ports', i]
    const { port, nodePort } = entry
    return [
      ...(isReached ? [{ ...base, path, field: 'port', number: port }] : []),
      ...(isNode && nodePort !== undefined
        ? [{ ...base, path: [...path, 'nodePort'], field: 'nodePort', number: nodePort }]
        : []),
    ]
  })
}

function ofPod(pod: PodResource, field: 'containerPort' | 'hostPort'): DeclaredPort[] {
  return (pod.spec.containers ?? []).flatMap((container, i) =>
    (container.ports ?? []).flatMap((entry, j): DeclaredPort[] => {
      const { [field]: number, protocol = 'TCP', name } = entry
      if (number === undefined) return []
      return [{ resource: pod, path: ['spec', 'containers', i, 'ports', j], field, protocol, number, name }]
    }),
  )
}
