import {
  type Cluster,
  hostPortsIn,
  nodePortOf,
  type PodResource,
  type ServiceResource,
  takesNodePorts,
  takingConnections,
} from '../../control/index.ts'
import { contains, familyOf, type Ip, parseIp, parsePrefix } from '../../wire/index.ts'
import type { Backend } from './backends.ts'

/** A port of a node that leads to pods. */
export interface NodeDoor {
  /** Whose it is, as people say it. */
  readonly title: string
  /** The Service; absent: a pod's hostPort. */
  readonly service?: ServiceResource
  /** Where it leads. */
  readonly backends: readonly Backend[]
  /** Whether the node sends packets on under its own address. */
  readonly masquerades: boolean
  /** Why it leads nowhere, where it is not that the Service has no endpoint at all. */
  readonly why?: string
}

/** A port of a node. */
interface NodePort {
  readonly node: string
  readonly address: Ip
  readonly port: number
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: string
}

/** Who asks it: the node itself, or the source that arrives there. */
interface Asker {
  readonly isOfNode: boolean
  readonly source: Ip
}

/** What a port of a node leads to: kube-proxy looks first, then the portmap plugin. Undefined: to the node itself. */
export function nodeDoorAt(cluster: Cluster, at: NodePort, asker: Asker): NodeDoor | undefined {
  const { resources, nodes } = cluster
  const found = nodePortOf(resources.services, at.port, at.protocol)
  return found !== undefined && takesNodePorts(resources, nodes, at.address)
    ? serviceDoor(cluster, at, found, asker)
    : hostPortAt(cluster, at)
}

/**
 * By the traffic policy Cluster any endpoint, and the node's own address; by Local those of the node, and the address stays. Pods and the
 * node itself are led to all of them all the same. @kubernetes pkg/proxy/iptables/proxier.go
 */
function serviceDoor(
  cluster: Cluster,
  at: NodePort,
  { service, port }: NonNullable<ReturnType<typeof nodePortOf>>,
  asker: Asker,
): NodeDoor | undefined {
  const { name, namespace = 'default' } = service.metadata
  const family = familyOf(at.address)
  const found = cluster
    .serviceEndpoints(service)
    .find((one) => one.family === family && one.service.port === port.port && one.service.protocol === at.protocol)
  if (found === undefined) return undefined
  const base = { title: `the nodePort of svc/${namespace}/${name}`, service }
  const all = takingConnections(found.endpoints)
  if (service.spec.externalTrafficPolicy !== 'Local') return { ...base, backends: all, masquerades: true }
  if (asker.isOfNode || isOfPod(cluster, asker.source)) {
    return { ...base, backends: all, masquerades: asker.isOfNode }
  }
  const here = takingConnections(found.endpoints.filter(({ node }) => node === at.node))
  const why = `none of its endpoints runs on ${at.node}, and its externalTrafficPolicy is Local: dropped`
  return { ...base, backends: here, masquerades: false, ...(all.length > 0 ? { why } : {}) }
}

/** Whether kube-proxy takes a source for a pod's: where nobody says otherwise, by the pools. */
function isOfPod({ resources }: Cluster, source: Ip): boolean {
  return resources.ippools.some(({ spec }) => {
    const cidr = parsePrefix(spec.cidr)
    return cidr !== undefined && contains(cidr, source)
  })
}

function hostPortAt({ workloadEndpoints }: Cluster, at: NodePort): NodeDoor | undefined {
  const family = familyOf(at.address)
  for (const { node, netns, pod, addresses } of workloadEndpoints) {
    const address = addresses.find((one) => familyOf(one) === family)
    if (node !== at.node || address === undefined) continue
    const found = hostPortOf(pod, at)
    if (found === undefined) continue
    return { title: `a hostPort of ${netns}`, backends: [{ address, port: found.containerPort }], masquerades: false }
  }
  return undefined
}

const UNSPECIFIED: readonly (Ip | undefined)[] = [undefined, parseIp('0.0.0.0'), parseIp('::')]

function hostPortOf(pod: PodResource, { address, port, protocol }: NodePort) {
  return hostPortsIn(pod, familyOf(address)).find(
    (one) =>
      one.hostPort === port &&
      one.protocol === protocol &&
      (UNSPECIFIED.includes(one.hostIp) || one.hostIp === address),
  )
}
