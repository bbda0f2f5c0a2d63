import { hostPortsIn, nodePortAddresses, nodePortOf, takesNodePorts, takingConnections } from '../control/index.ts'
import { familyOf, type Ip, withPort } from '../wire/index.ts'
import type { Cause, DropPlace } from './cause.ts'
import type { Facts } from './facts.ts'
import { emptyService } from './service-causes.ts'

type Cluster = NonNullable<Facts['cluster']>

/** A port at an address of a node. */
interface Asked {
  readonly node: string
  readonly address: Ip
  readonly protocol: string
  readonly port: number
}

/**
 * A port of a node that nobody took there, though objects speak of it: a pod's hostPort that is another node's or another address's,
 * a Service's nodePort that leads nowhere.
 */
export function untakenPort({ drop, lost, facts }: DropPlace): Cause | undefined {
  const { cluster } = facts
  const { flow } = lost
  if (cluster === null || flow === undefined || !cluster.nodes.some(({ name }) => name === drop.netns)) return undefined
  const { destination, protocol, to } = flow
  const asked = { node: drop.netns, address: destination as Ip, protocol, port: Number(to) }
  return untakenNodePort(cluster, asked, facts) ?? untakenHostPort(cluster, asked)
}

function untakenNodePort(cluster: Cluster, { address, protocol, port }: Asked, facts: Facts): Cause | undefined {
  const { resources, nodes } = cluster
  const found = nodePortOf(resources.services, port, protocol)
  if (found === undefined) return undefined
  const { name, namespace = 'default' } = found.service.metadata
  const title = `svc/${namespace}/${name}`
  const mine = `${port} is the nodePort of ${title}`
  if (!takesNodePorts(resources, nodes, address)) {
    return {
      code: 'port_elsewhere',
      because: `${mine}, and kube-proxy takes ports of nodes at ${nodePortAddresses(resources).join(', ')} only`,
      right: 'Ask an address of the node that nodePortAddresses names',
      placed: ['kubectl get configmap -n kube-system kube-proxy -o yaml'],
    }
  }
  const behind = cluster
    .serviceEndpoints(found.service)
    .find((one) => one.family === familyOf(address) && one.service.port === found.port.port)
  if (takingConnections(behind?.endpoints ?? []).length > 0) return undefined
  const { because = '', ...cause } = emptyService({ namespace, name }, found.service, title, facts)
  return { ...cause, because: [mine, because].filter((part) => part !== '').join('; ') }
}

function untakenHostPort({ workloadEndpoints, nodes }: Cluster, asked: Asked): Cause | undefined {
  const { address, protocol, port } = asked
  const family = familyOf(address)
  for (const { pod, node, netns } of workloadEndpoints) {
    const found = hostPortsIn(pod, family).find((one) => one.hostPort === port && one.protocol === protocol)
    if (found === undefined) continue
    const home = nodes.find(({ name }) => name === node)
    const there = found.hostIp ?? (family === 4 ? home?.ipv4 : home?.ipv6)?.address ?? node
    const { name, namespace = 'default' } = pod.metadata
    const where = node === asked.node ? `only at ${there}` : `on ${node}, where it runs`
    return {
      code: 'port_elsewhere',
      because: `${port} is a hostPort of ${netns}: it is taken ${where}`,
      right: `Ask ${withPort(there, port)}; a nodePort of a Service is taken on every node`,
      placed: [`kubectl get pod -n ${namespace} ${name} -o wide`],
    }
  }
  return undefined
}
