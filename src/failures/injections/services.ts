import type { IPPoolResource, ServiceResource, WorkloadEndpoint } from '../../control/index.ts'
import { lackingPattern } from '../../model/index.ts'
import { contains, type Ip, prefixOf } from '../../wire/index.ts'
import { broken, ping, tcp, unharmed } from '../flows.ts'
import { apply, type InjectionDraft, scene, type } from '../injection.ts'
import { labelled, nameFor, policyOf, serviceOf } from '../made.ts'
import { addressOf, anyCrossing, chosen, lacks, podAt, podsByNode, type Situation } from '../situation.ts'
import { nodeAddress } from './kernel.ts'
import { felixSettings } from './netfilter.ts'

/** Somebody in the internet. */
const OUTSIDE = '8.8.8.8' as Ip

/** A pod whose packets are translated as they leave for the internet. @throws InputError where there is none */
function translatedPod(situation: Situation): WorkloadEndpoint {
  const pools = situation.cluster.ipam.pools.filter((pool) => pool.family === 4 && pool.natOutgoing)
  if (!Object.hasOwn(situation.network.namespaces, 'internet')) throw lacks(situation, 'nat-outgoing')
  const fitting = podsByNode(situation).filter((one) => pools.some(({ cidr }) => contains(cidr, addressOf(one))))
  return chosen(fitting, situation, () => lacks(situation, 'nat-outgoing'))
}

/** Pools, each changed in one field. */
export function poolsWith({ cluster }: Situation, change: Partial<IPPoolResource['spec']>): IPPoolResource[] {
  return cluster.resources.ippools.map((pool) => ({ ...pool, spec: { ...pool.spec, ...change } }))
}

/** F73 */
export function noNatOutgoing(situation: Situation): InjectionDraft {
  const pod = translatedPod(situation)
  return {
    at: 'the pools',
    steps: [apply('natOutgoing of the pools is false', ...poolsWith(situation, { natOutgoing: false }))],
    shows: [{ ask: { kind: 'tcp', from: pod.netns, to: OUTSIDE, port: 443 }, before: 'works', after: 'timeout' }],
    confirm: [
      {
        host: pod.node,
        line: 'iptables -t nat -S cali-nat-outgoing',
        shows: lackingPattern('MASQUERADE'),
        because: 'nothing is masqueraded',
      },
    ],
  }
}

/** F74 */
export function exemptDestination(situation: Situation): InjectionDraft {
  const pod = translatedPod(situation)
  const pool: IPPoolResource = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: nameFor(situation, 'pool') },
    spec: { cidr: prefixOf(OUTSIDE, 24), nodeSelector: '!all()', natOutgoing: false },
  }
  return {
    at: `IPPool/${pool.metadata.name}`,
    steps: [apply(`a pool covers ${pool.spec.cidr}, where the packet is to go`, pool)],
    shows: [
      { ask: { kind: 'tcp', from: pod.netns, to: OUTSIDE, port: 443 }, before: 'works', after: 'timeout' },
      unharmed({ kind: 'tcp', from: pod.netns, to: '1.1.1.1', port: 443 }),
    ],
    confirm: [
      {
        host: pod.node,
        line: 'calicoctl get ippool -o wide',
        shows: '8\\.8\\.8\\.0/24',
        because: 'what goes to a pool, whichever, is not translated',
      },
    ],
  }
}

/** F75 */
export function translatedToNodes(situation: Situation): InjectionDraft {
  const client = translatedPod(situation)
  const server = podsByNode(situation).find(({ node }) => node !== client.node)
  if (server === undefined) throw lacks(situation, 'two-nodes')
  const node = nodeAddress(situation, server)
  return {
    at: client.node,
    steps: [
      scene(
        apply(
          'natOutgoing leaves out pools and nodes',
          felixSettings(situation, { natOutgoingExclusions: 'IPPoolsAndHostIPs' }),
        ),
      ),
      apply(
        'natOutgoing leaves out pools only, not nodes',
        felixSettings(situation, { natOutgoingExclusions: 'IPPoolsOnly' }),
      ),
    ],
    shows: [{ ask: { kind: 'tcp', from: client.netns, to: node, port: 22 }, after: 'works' }],
    confirm: [
      {
        host: client.node,
        line: 'conntrack -L',
        shows: `src=${addressOf(client)} dst=${node} .*dst=${nodeAddress(situation, client)} `,
        because: 'the answer is addressed to the node: it took the pod’s place',
      },
    ],
  }
}

/** F76 */
export function noEndpoints(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation)
  const { service, slice, address } = serviceOf(situation, [server], { port: { port: 80, targetPort: 8080 } })
  const empty = { ...slice, endpoints: [] }
  return {
    at: `Service/${service.metadata.namespace}/${service.metadata.name}`,
    steps: [
      scene(apply('a Service leads to a pod', service, slice)),
      apply('nobody is ready behind it any more', empty),
    ],
    shows: [
      broken({ kind: 'tcp', from: client.netns, to: address, port: 80 }, 'unreach-port', client.node, 'netfilter_drop'),
    ],
    confirm: [
      {
        host: client.node,
        line: 'iptables -t filter -S KUBE-SERVICES',
        shows: `${address}.*has no endpoints.*REJECT`,
        because: 'kube-proxy rejects what is for it',
      },
    ],
  }
}

/** F77 */
export function noServiceRules(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation)
  const { service, slice, address } = serviceOf(situation, [server], { port: { port: 80, targetPort: 8080 } })
  return {
    at: client.node,
    steps: [
      scene(apply('a Service leads to a pod', service, slice)),
      {
        says: `kube-proxy of ${client.node} is stopped`,
        event: { kind: 'agent', agent: 'kube-proxy', node: client.node, action: 'stop' },
      },
      type(client.node, 'iptables -t nat -F KUBE-SERVICES', 'and its rules are gone'),
    ],
    shows: [
      { ask: { kind: 'tcp', from: client.netns, to: address, port: 80 }, before: 'works', after: 'timeout' },
      unharmed({ kind: 'tcp', from: `node/${server.node}`, to: address, port: 80 }),
    ],
    confirm: [
      {
        host: client.node,
        line: `iptables -t nat -S KUBE-SERVICES`,
        shows: lackingPattern('KUBE-SVC'),
        because: 'no rule takes the address of a Service',
      },
    ],
    mends: [],
  }
}

/** F81 */
export function localWithoutEndpoint(situation: Situation): InjectionDraft {
  if (!Object.hasOwn(situation.network.namespaces, 'internet')) throw lacks(situation, 'internet')
  const { client, server } = anyCrossing(situation)
  const port = { port: 80, nodePort: 30081, targetPort: 8080 }
  const { service, slice } = serviceOf(situation, [server], { port, spec: { type: 'NodePort' } })
  const local: ServiceResource = { ...service, spec: { ...service.spec, externalTrafficPolicy: 'Local' } }
  const to = (pod: WorkloadEndpoint) =>
    ({ kind: 'tcp', from: 'internet', to: nodeAddress(situation, pod), port: 30081 }) as const
  return {
    at: client.node,
    steps: [
      scene(apply(`a NodePort has its one endpoint on ${server.node}`, service, slice)),
      apply('its externalTrafficPolicy becomes Local', local),
    ],
    shows: [broken(to(client), 'timeout', client.node, 'netfilter_drop'), unharmed(to(server))],
    confirm: [
      {
        host: client.node,
        line: 'iptables -t filter -S KUBE-EXTERNAL-SERVICES',
        shows: 'no local endpoints.*DROP',
        because: 'kube-proxy drops what comes to a node without an endpoint',
      },
    ],
  }
}

/** F82 */
export function noHairpin(situation: Situation): InjectionDraft {
  const pod = podAt(situation)
  const { service, slice, address } = serviceOf(situation, [pod], { port: { port: 80, targetPort: 8080 } })
  return {
    at: pod.node,
    steps: [
      scene(apply('a Service has the pod itself for its endpoint', service, slice)),
      type(pod.node, `iptables -t nat -F KUBE-MARK-MASQ`, `no rule on ${pod.node} marks what is to be masqueraded`),
    ],
    shows: [{ ask: { kind: 'tcp', from: pod.netns, to: address, port: 80 }, before: 'works', after: 'timeout' }],
    confirm: [
      {
        host: pod.node,
        line: 'iptables -t nat -S KUBE-MARK-MASQ',
        shows: lackingPattern('MARK --'),
        because: 'a request of a pod to itself keeps its source',
      },
    ],
    mends: [],
  }
}

/** F83 */
export function pingOfService(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation)
  const { service, slice, address } = serviceOf(situation, [server], { port: { port: 80, targetPort: 8080 } })
  return {
    at: `Service/${service.metadata.namespace}/${service.metadata.name}`,
    steps: [apply('a Service leads to a pod, and somebody pings it', service, slice)],
    shows: [
      { ask: { kind: 'ping', from: client.netns, to: address }, after: 'timeout' },
      { ask: { kind: 'tcp', from: client.netns, to: address, port: 80 }, after: 'works' },
    ],
    confirm: [
      {
        host: client.node,
        line: 'iptables -t nat -S KUBE-SERVICES',
        shows: `-d ${address}/32 -p tcp`,
        because: 'the rule takes TCP to the port, and no ICMP',
      },
    ],
  }
}

/** F26 */
export function podAddressAsService(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation, 'server')
  const address = addressOf(server)
  const words = { port: { port: 8080, targetPort: 8080 }, address }
  const { service, slice } = serviceOf(situation, [server], words)
  return {
    at: server.netns,
    steps: [
      apply(
        `the range of Services overlaps the pool: a Service without endpoints gets ${address}, which ${server.netns} has`,
        service,
        { ...slice, endpoints: [] },
      ),
    ],
    shows: [
      broken({ ...tcp({ client, server }), to: address }, 'unreach-port', client.node, 'netfilter_drop'),
      unharmed({ ...ping({ client, server }), to: address }),
    ],
    confirm: [
      {
        host: client.node,
        line: 'iptables -t filter -S KUBE-SERVICES',
        shows: `-d ${address}/32 `,
        because: 'kube-proxy takes the address of the pod for that of a Service',
      },
    ],
  }
}

/** F27 */
export function otherClusterCidr(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation)
  const { service, slice, address } = serviceOf(situation, [server], { port: { port: 80, targetPort: 8080 } })
  const policy = policyOf(situation, server, 'server', {
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ namespaceSelector: {} }] }],
  })
  return {
    at: 'kube-proxy',
    steps: [
      apply('kube-proxy is told that pods are of 100.64.0.0/16', {
        apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
        kind: 'KubeProxyConfiguration',
        metadata: { name: 'kube-proxy' },
        clusterCIDR: '100.64.0.0/16',
      }),
      apply('a Service leads to a pod', service, slice),
      apply(`a policy of ${server.netns} allows pods of all namespaces`, labelled(server, 'server'), policy),
    ],
    shows: [
      {
        ask: { kind: 'tcp', from: client.netns, to: address, port: 80 },
        after: 'timeout',
        lost: { netns: server.node, causes: ['netfilter_drop'] },
      },
      unharmed(tcp({ client, server })),
    ],
    confirm: [
      {
        host: client.node,
        line: 'iptables -t nat -S',
        shows: '! -s 100\\.64\\.0\\.0/16 .*KUBE-MARK-MASQ',
        because: 'what is not of this range is masqueraded, and pods are not of it',
      },
    ],
  }
}
