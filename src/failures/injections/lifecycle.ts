import { hostInterfaceName, type IPPoolResource, type WorkloadEndpoint } from '../../control/index.ts'
import { lackingPattern } from '../../model/index.ts'
import { type Ip, isIpv4 } from '../../wire/index.ts'
import { betweenNodes, broken, ping, unharmed } from '../flows.ts'
import { apply, type InjectionDraft, type InjectionStep, type } from '../injection.ts'
import { newPod } from '../made.ts'
import { addressOf, anyCrossing, crossing, type Pair, pairWith, type Situation } from '../situation.ts'

/** Programs of Calico on a node are stopped; what they wrote stays. */
function stopped(node: string, ...agents: readonly ('felix' | 'bird' | 'confd' | 'kube-proxy')[]): InjectionStep[] {
  return agents.map((agent) => ({
    says: `${agent} of ${node} is stopped`,
    event: { kind: 'agent', agent, node, action: 'stop' },
  }))
}

/** F10 */
export function halfChanged(situation: Situation): InjectionDraft {
  const pair = crossing(situation, ['ipip'], 'ipip', 'server')
  const { node } = pair.server
  const vxlan = situation.cluster.resources.ippools.map(
    (pool): IPPoolResource => ({ ...pool, spec: { ...pool.spec, ipipMode: 'Never', vxlanMode: 'Always' } }),
  )
  return {
    at: node,
    steps: [
      ...stopped(node, 'felix', 'bird', 'confd'),
      apply('pools change from IPIP to VXLAN, and this node does not follow', ...vxlan),
    ],
    shows: [{ ask: ping(pair), before: 'works', after: 'timeout' }, unharmed(betweenNodes(pair))],
    confirm: [
      {
        host: pair.client.node,
        line: `ip route get ${addressOf(pair.server)}`,
        shows: 'dev vxlan',
        because: `the others send by VXLAN, and ${node} takes out and sends IPIP`,
      },
    ],
    mends: [],
  }
}

/** F87 */
export function felixStopped(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation, 'server')
  const pod = newPod(situation, server.node)
  const name = `default/${pod.metadata.name}`
  return {
    at: server.node,
    steps: [...stopped(server.node, 'felix'), apply(`a pod starts on ${server.node}`, pod)],
    shows: [
      { ask: { kind: 'ping', from: client.netns, to: name }, after: 'timeout' },
      unharmed(ping({ client, server })),
    ],
    confirm: [
      {
        host: server.node,
        line: 'calico-node -felix-ready',
        shows: 'not ready',
        because: 'Felix does not answer: the device of the new pod is in no chain',
      },
    ],
    mends: [],
  }
}

/** F88 */
export function typhaStopped(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation)
  const pod = newPod(situation, server.node)
  const { interfacePrefix } = situation.cluster.settings
  const dev = hostInterfaceName(interfacePrefix, 'default', pod.metadata.name)
  return {
    at: 'typha',
    steps: [
      {
        says: 'Typha is down: nothing that changes is told to nodes',
        event: { kind: 'agent', agent: 'typha', action: 'stop' },
      },
      apply(`a pod starts on ${server.node}`, pod),
    ],
    shows: [
      { ask: { kind: 'ping', from: client.netns, to: `default/${pod.metadata.name}` }, after: 'timeout' },
      unharmed(ping({ client, server })),
    ],
    confirm: [
      {
        host: server.node,
        line: `ip -br link show ${dev}; iptables -S cali-tw-${dev}`,
        shows: `^${dev}[\\s\\S]*(?:No chain|does not exist)`,
        because: 'the device of the new pod is there, and no chain of Felix for it',
      },
    ],
    mends: [],
  }
}

/** Pods of two nodes with IPv6 addresses. */
function pairWithIpv6(situation: Situation): Pair & { readonly address: Ip } {
  const ipv6 = ({ addresses }: WorkloadEndpoint): Ip | undefined => addresses.find((ip) => !isIpv4(ip))
  const fits = ({ client, server }: Pair): boolean => ipv6(client) !== undefined && ipv6(server) !== undefined
  const pair = pairWith(situation, fits, 'ipv6')
  return { ...pair, address: ipv6(pair.client)! }
}

/** F85 */
export function noForwarding6(situation: Situation): InjectionDraft {
  const { client, server, address } = pairWithIpv6(situation)
  const { node } = client
  const key = 'net.ipv6.conf.all.forwarding'
  return {
    at: node,
    steps: [type(node, `sysctl -w ${key}=0`, `IPv6 is not forwarded on ${node}`)],
    shows: [
      broken({ kind: 'ping', from: server.netns, to: address }, 'timeout', node, 'ip6_not_forwarding'),
      unharmed(ping({ client, server })),
    ],
    confirm: [
      { host: node, line: `sysctl ${key}`, shows: '= 0', because: 'nothing is routed by IPv6 through this node' },
    ],
    mends: [type(node, `sysctl -w ${key}=1`, 'the node routes IPv6 again')],
  }
}

/** F86 */
export function lostRoute6(situation: Situation): InjectionDraft {
  const { client, server, address } = pairWithIpv6(situation)
  const { node, interfaceName } = client
  return {
    at: node,
    steps: [
      type(
        node,
        `ip -6 route del ${address} dev ${interfaceName}`,
        `the IPv6 route to ${client.netns} is gone from its node`,
      ),
    ],
    shows: [
      { ask: { kind: 'ping', from: server.netns, to: address }, before: 'works', after: 'timeout' },
      unharmed(ping({ client: server, server: client })),
    ],
    confirm: [
      {
        host: node,
        line: `ip -6 route show ${address}`,
        shows: lackingPattern('\\S'),
        because: 'no IPv6 route leads to the pod',
      },
    ],
    mends: [type(node, `ip -6 route add ${address} dev ${interfaceName} metric 1024`, 'the route is back')],
  }
}
