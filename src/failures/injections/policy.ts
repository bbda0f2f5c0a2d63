import type { GlobalNetworkPolicyResource, HostEndpointResource, WorkloadEndpoint } from '../../control/index.ts'
import { broken, ping, tcp, unharmed } from '../flows.ts'
import { apply, type Confirmation, type InjectionDraft, scene, type } from '../injection.ts'
import { labelled, MARK, nameFor, policyOf, serviceOf } from '../made.ts'
import { addressOf, anyCrossing, lacks, type Situation } from '../situation.ts'
import { nodeAddress } from './kernel.ts'

/** The counter of the rule that ends a pod's chain. */
function dropsAt({ node, interfaceName }: WorkloadEndpoint, direction: 'from' | 'to'): Confirmation {
  const chain = `cali-${direction === 'from' ? 'fw' : 'tw'}-${interfaceName}`
  return {
    host: node,
    line: `iptables -vnL ${chain}`,
    shows: '^ *[1-9]\\d* +\\d+ DROP .*/\\* .*(passed|[Dd]rop).*\\*/',
    because: `the rule at the end of ${chain} has counted what no policy let pass`,
  }
}

/** F60 */
export function denyForgetsDns(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation)
  const dns = serviceOf(situation, [server], { port: { port: 53, protocol: 'UDP', targetPort: 53 } })
  const allowed = { ipBlock: { cidr: `${addressOf(server)}/32` } }
  const policy = policyOf(situation, client, 'client', {
    policyTypes: ['Egress'],
    egress: [{ to: [allowed], ports: [{ protocol: 'TCP', port: 8080 }] }],
  })
  return {
    at: client.netns,
    steps: [
      scene(apply(`${server.netns} answers names behind a Service`, dns.service, dns.slice)),
      apply(
        `a policy lets ${client.netns} reach the port it needs and nothing else: names are forgotten`,
        labelled(client, 'client'),
        policy,
      ),
    ],
    shows: [
      broken({ kind: 'udp', from: client.netns, to: dns.address, port: 53 }, 'timeout', client.node, 'netfilter_drop'),
      unharmed(tcp({ client, server })),
    ],
    confirm: [dropsAt(client, 'from')],
  }
}

/** F61 */
export function denyOfNodeCache(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation)
  const cache = '169.254.20.10'
  const policy = policyOf(situation, client, 'client', {
    policyTypes: ['Egress'],
    egress: [{ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }] }],
  })
  return {
    at: client.netns,
    steps: [
      scene(type(client.node, 'ip link add nodelocaldns type dummy', `a cache of names runs on ${client.node}`)),
      scene(type(client.node, `ip addr add ${cache}/32 dev nodelocaldns`, `its address is ${cache}`)),
      scene(type(client.node, 'ip link set nodelocaldns up', 'pods ask it')),
      apply('a policy allows the pods of kube-dns, as the recipe says', labelled(client, 'client'), policy),
    ],
    shows: [
      {
        ask: { kind: 'udp', from: client.netns, to: cache, port: 53 },
        after: 'timeout',
        lost: { netns: client.node, causes: ['netfilter_drop'] },
      },
      { ask: ping({ client: server, server: client }), before: 'works', after: 'works' },
    ],
    confirm: [dropsAt(client, 'from')],
    mends: [],
  }
}

/** F62 */
export function andForOr(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation, 'server')
  const both = {
    namespaceSelector: { matchLabels: { [MARK]: 'friends' } },
    podSelector: { matchLabels: { [MARK]: 'client' } },
  }
  const policy = policyOf(situation, server, 'server', { policyTypes: ['Ingress'], ingress: [{ from: [both] }] })
  return {
    at: server.netns,
    steps: [
      apply(
        `${server.netns} takes connections of labelled pods or of labelled namespaces, as its policy was meant; both stand in one item`,
        labelled(client, 'client'),
        labelled(server, 'server'),
        policy,
      ),
    ],
    shows: [broken(tcp({ client, server }), 'timeout', server.node, 'netfilter_drop')],
    confirm: [dropsAt(server, 'to')],
  }
}

function globalPolicy(situation: Situation, spec: GlobalNetworkPolicyResource['spec']): GlobalNetworkPolicyResource {
  const metadata = { name: nameFor(situation, 'policy') }
  return { apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata, spec }
}

/** F63 */
export function globalDeny(situation: Situation): InjectionDraft {
  const pair = anyCrossing(situation)
  const deny = globalPolicy(situation, { selector: 'all()', types: ['Ingress', 'Egress'] })
  return {
    at: 'the cluster',
    steps: [apply('a GlobalNetworkPolicy selects all() and allows nothing', deny)],
    shows: [broken(tcp(pair), 'timeout', pair.client.node, 'netfilter_drop')],
    confirm: [dropsAt(pair.client, 'from')],
  }
}

/** F64 */
export function logOnly(situation: Situation): InjectionDraft {
  const pair = anyCrossing(situation, 'server')
  const log = globalPolicy(situation, {
    selector: `${MARK} == 'server'`,
    types: ['Ingress'],
    ingress: [{ action: 'Log' }],
  })
  return {
    at: pair.server.netns,
    steps: [apply(`a policy only logs what comes to ${pair.server.netns}`, labelled(pair.server, 'server'), log)],
    shows: [broken(tcp(pair), 'timeout', pair.server.node, 'netfilter_drop')],
    confirm: [dropsAt(pair.server, 'to')],
  }
}

/** F65 */
export function establishedSurvives(situation: Situation): InjectionDraft {
  const pair = anyCrossing(situation, 'server')
  const { client, server } = pair
  const deny = policyOf(situation, server, 'server', { policyTypes: ['Ingress'], ingress: [] })
  return {
    at: server.netns,
    steps: [
      type(
        client.netns,
        `ping -c 1 ${addressOf(server)}`,
        `${client.netns} speaks with ${server.netns}: the connection is tracked`,
      ),
      apply(`a policy denies everything to ${server.netns}`, labelled(server, 'server'), deny),
    ],
    shows: [broken(tcp(pair), 'timeout', server.node, 'netfilter_drop')],
    confirm: [
      {
        host: server.node,
        line: 'conntrack -L',
        shows: `icmp.*src=${addressOf(client)} dst=${addressOf(server)}`,
        because: 'what is tracked passes before any policy is asked',
      },
    ],
  }
}

/** F66 */
export function clientHidden(situation: Situation): InjectionDraft {
  if (!Object.hasOwn(situation.network.namespaces, 'internet')) throw lacks(situation, 'internet')
  const { client, server } = anyCrossing(situation, 'server')
  const outside = situation.network.namespaces['internet']!
  const address = Object.values(outside.interfaces)
    .flatMap(({ name, addresses }) => (name === 'lo' ? [] : addresses))
    .find(({ family }) => family === 'inet')?.local
  const port = { port: 80, nodePort: 30066, targetPort: 8080 }
  const { service, slice } = serviceOf(situation, [server], { port, spec: { type: 'NodePort' } })
  const policy = policyOf(situation, server, 'server', {
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ ipBlock: { cidr: `${address}/32` } }] }],
  })
  return {
    at: server.netns,
    steps: [
      scene(apply('a NodePort leads there; its externalTrafficPolicy is Cluster', service, slice)),
      apply(`a policy of ${server.netns} allows one client outside by its address`, labelled(server, 'server'), policy),
    ],
    shows: [
      broken(
        { kind: 'tcp', from: 'internet', to: nodeAddress(situation, client), port: 30066 },
        'timeout',
        server.node,
        'netfilter_drop',
      ),
    ],
    confirm: [dropsAt(server, 'to')],
  }
}

/** F67 */
export function nodePortOfAnother(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation)
  const port = { port: 80, nodePort: 30067, targetPort: 8080 }
  const { service, slice } = serviceOf(situation, [server], { port, spec: { type: 'NodePort' } })
  const policy = policyOf(situation, client, 'client', {
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr: `${nodeAddress(situation, server)}/32` } }] }],
  })
  const to = (pod: WorkloadEndpoint) =>
    ({ kind: 'tcp', from: client.netns, to: nodeAddress(situation, pod), port: 30067 }) as const
  return {
    at: client.netns,
    steps: [
      scene(apply('a NodePort leads to a pod', service, slice)),
      apply(
        `a policy lets ${client.netns} reach it by the address of another node`,
        labelled(client, 'client'),
        policy,
      ),
    ],
    shows: [broken(to(client), 'timeout', client.node, 'netfilter_drop'), unharmed(to(server))],
    confirm: [dropsAt(client, 'from')],
  }
}

/** F68 */
export function nodesUnnamed(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation, 'server')
  const policy = policyOf(situation, server, 'server', {
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ namespaceSelector: {} }] }],
  })
  return {
    at: server.netns,
    steps: [
      apply(
        `a policy of ${server.netns} allows all namespaces, and nodes are in none`,
        labelled(server, 'server'),
        policy,
      ),
    ],
    shows: [
      broken(
        { kind: 'tcp', from: `node/${client.node}`, to: server.netns, port: 8080 },
        'timeout',
        server.node,
        'netfilter_drop',
      ),
      unharmed(tcp({ client, server })),
    ],
    confirm: [dropsAt(server, 'to')],
  }
}

/** F69 */
export function ownNodePasses(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation, 'server')
  const deny = policyOf(situation, server, 'server', { policyTypes: ['Ingress'], ingress: [] })
  return {
    at: server.netns,
    steps: [apply(`a policy denies everything to ${server.netns}`, labelled(server, 'server'), deny)],
    shows: [
      {
        ask: { kind: 'tcp', from: `node/${server.node}`, to: server.netns, port: 8080 },
        before: 'works',
        after: 'works',
      },
      broken(tcp({ client, server }), 'timeout', server.node, 'netfilter_drop'),
    ],
    confirm: [
      {
        host: server.node,
        line: `kubectl -n ${server.namespace} get networkpolicy`,
        shows: nameFor(situation, 'policy'),
        because: 'the policy is there: what its own node says to the pod is not asked about',
      },
    ],
  }
}

/** F71 */
export function hostEndpoint(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation, 'server')
  const endpoint: HostEndpointResource = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'HostEndpoint',
    metadata: { name: nameFor(situation, server.node) },
    spec: { node: server.node, interfaceName: '*', expectedIPs: [nodeAddress(situation, server)] },
  }
  return {
    at: server.node,
    steps: [apply(`${server.node} gets a HostEndpoint, and no policy selects it`, endpoint)],
    shows: [
      broken(
        { kind: 'tcp', from: `node/${client.node}`, to: `node/${server.node}`, port: 10250 },
        'timeout',
        server.node,
        'netfilter_drop',
      ),
      unharmed({ kind: 'tcp', from: `node/${client.node}`, to: `node/${server.node}`, port: 6443 }),
    ],
    confirm: [
      {
        host: server.node,
        line: 'iptables -S cali-failsafe-in',
        shows: '--dports 6443',
        because: 'only these ports are open whatever policies say',
      },
    ],
  }
}
