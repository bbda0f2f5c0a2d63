import { decisionsOf, hopsOf } from '../../trace/index.ts'
import { firstRoute, lossOf, natOf, routersOf, type Seen } from '../seen.ts'
import { blank, choice } from '../tasks/task.ts'
import { fileOf, nodeText, objectText, outsideText, podText, poolText } from '../written.ts'
import { denyingPolicy, networkPolicy, withPolicies } from './judged.ts'
import { type MisconceptionRow, pairOf } from './row.ts'

/** What people believe of where, when and of whom policy is asked. */
export const POLICY_PLACES: readonly MisconceptionRow[] = [
  {
    name: 'nodeport-client',
    claim: 'A policy sees the client that asks a NodePort.',
    truth:
      'The node that is asked translates the source to its own address when the endpoint is elsewhere, and does so before the policy of the endpoint is asked. A policy that allows the client by its address denies it; with externalTrafficPolicy: Local it would see it.',
    why: 'The answer must come back through the node that was asked, to be translated back: hence its address.',
    source:
      'failure F66; Kubernetes `pkg/proxy/iptables/proxier.go`; Kubernetes documentation “Using Source IP”, “Source IP for Services with Type=NodePort”',
    plan: (ground, draw) => {
      const { nodes, far, pods, pool, clusterIp } = ground
      const [a, b] = nodes
      const [, server, , word] = pods
      const host = { ...far[0], name: `${word}-laptop` }
      const nodePort = draw.int(30000, 32767)
      return {
        files: [
          fileOf('cluster.yaml', [
            nodeText(a),
            nodeText(b),
            podText(server, b.name, { labels: `app: ${server}` }),
            poolText(pool, 'ipipMode: Always, natOutgoing: true'),
            objectText(
              ['v1', 'Service'],
              `name: ${server}`,
              `type: NodePort, clusterIP: ${clusterIp}, selector: {app: ${server}}, ports: [{port: 80, targetPort: 8080, nodePort: ${nodePort}}]`,
            ),
          ]),
          fileOf('policy.yaml', [
            networkPolicy(
              `${server}-from-the-laptop`,
              `podSelector: {matchLabels: {app: ${server}}}, ingress: [{from: [{ipBlock: {cidr: ${host.address}/32}}]}]`,
              `Only ${host.name}, by its address.`,
            ),
          ]),
          fileOf('underlay.yaml', [outsideText(ground, [a, b], host)]),
        ],
        from: host.name,
        to: `node/${a.name}`,
        ask: { kind: 'tcp', port: nodePort },
        question: `${host.name} asks port ${nodePort} of ${a.name}; the endpoint is on ${b.name}. A policy allows the address of ${host.name}, ${host.address}. Is it answered?`,
        truth: ({ trace, ok }) => {
          const nat = hopsOf(trace, 'nat').find(({ side }) => side === 'source')
          return `It is ${ok ? 'answered' : 'not answered'}: on ${nat?.netns} ${nat?.from} becomes ${nat?.to}, and that is what ${denyingPolicy(trace) ?? 'the policy'} sees.`
        },
      }
    },
    blanks: [
      blank('seen', 'endpoint', 'the source that the policy sees', (seen) => natOf(seen, 'source')?.to),
      blank('dropped', 'name', 'the node that drops the connection', ({ trace }) => lossOf(trace)?.hop.netns),
      blank('denies', 'name', 'the policy that denies it, as `NAMESPACE/NAME`', ({ trace }) => denyingPolicy(trace)),
    ],
    belief: { predicts: 'it is answered', blank: 'seen', answer: (seen) => natOf(seen, 'source')?.from },
    hints: [
      'By which node must the answer come back, and what does that ask of the source?',
      'On the node that is asked: `conntrack -L`; on the other: `tcpdump -ni cali…`.',
      'Through IPIP the node’s own address is that of tunl0; the port stands in the conntrack entry.',
    ],
  },
  {
    name: 'host-network',
    claim: 'A policy protects a pod with hostNetwork like any other.',
    truth:
      'A pod with hostNetwork has no device of its own: it answers at the address of its node, and no NetworkPolicy is asked for it. What protects it is a HostEndpoint, or a firewall of the node.',
    why: 'The same the other way round: what such a pod sends comes from the node, and a podSelector never matches it.',
    source:
      'failure F68; Calico `libcalico-go/lib/backend/k8s/conversion/conversion.go`; Kubernetes documentation “Network Policies”, “NetworkPolicy and hostNetwork pods”',
    plan: (ground, draw) => {
      const [client, server] = ground.pods
      return {
        ...withPolicies(
          pairOf(ground, { server: { labels: `app: ${server}`, spec: 'hostNetwork: true' } }),
          networkPolicy(
            `${server}-deny-all`,
            `podSelector: {matchLabels: {app: ${server}}}, policyTypes: [Ingress]`,
            'Nobody may come in.',
          ),
        ),
        ask: { kind: 'tcp', port: draw.int(8000, 8999) },
        question: `${server}-deny-all selects default/${server}, which has hostNetwork: true. Is a connection from default/${client} to it answered?`,
        truth: ({ trace, ok }) =>
          `It is ${ok ? 'answered' : 'not answered'}, at ${firstRoute({ trace })?.destination}, the address of the node. Decisions about ingress of it: ${decisionsOf(trace).filter((one) => one.kind === 'tier-end').length}.`,
      }
    },
    blanks: [
      blank(
        'asked',
        'number',
        'how many policies are asked about what comes in to the server',
        ({ trace }) => decisionsOf(trace).filter((one) => one.kind === 'tier-end' || one.kind === 'policy').length,
      ),
      blank('address', 'address', 'the address the server answers at', (seen) => firstRoute(seen)?.destination),
      blank('seen', 'endpoint', 'the source the server sees', (seen) => natOf(seen, 'source')?.to),
      blank('device', 'name', 'the device by which it leaves the first node', (seen) => firstRoute(seen)?.out),
    ],
    belief: { predicts: 'it is not', blank: 'asked', answer: () => 1 },
    hints: [
      'Where does a process with hostNetwork listen?',
      'On the first node: `ip route get ADDRESS`, `conntrack -L`.',
      'The node of the server is outside of every pool: natOutgoing translates.',
    ],
  },
  {
    name: 'new-deny',
    claim: 'A new policy that denies cuts open connections.',
    truth:
      'What belongs to a connection that was admitted is let through before any policy is asked (conntrack: ESTABLISHED). The new policy is for new connections; the open one lives on until it ends, or its entry is deleted.',
    why: 'To cut what is open: `conntrack -D` on the nodes, or restart the pod.',
    source:
      'failure F65; Calico `felix/rules/endpoints.go`; docs/what-happens-when.md “… a policy is applied under an open connection”',
    choices: ['both', 'the open one alone', 'the new one alone', 'neither'],
    chosen: ({ trace, run }) => {
      const open = openSegments(trace) > 0
      if (run.ok) return open ? 'both' : 'the new one alone'
      return open ? 'the open one alone' : 'neither'
    },
    plan: (ground, draw) => {
      const [client, server] = ground.pods
      const port = draw.int(5000, 5999)
      const plan = pairOf(ground)
      const deny = networkPolicy(
        `${server}-deny-all`,
        `podSelector: {matchLabels: {app: ${server}}}, policyTypes: [Ingress]`,
      )
      return {
        ...plan,
        prepare: (lab) => {
          lab.every(500, { tcp: { from: plan.from, to: plan.to, port, hold: true } })
          lab.wait(2).apply(deny).wait(1)
        },
        ask: { kind: 'tcp', port },
        question: `default/${client} holds a connection to TCP ${port} of default/${server}. Then ${server}-deny-all is applied, and default/${client} opens a second one. Which of the two gets answers from now on?`,
        truth: ({ trace, ok }) =>
          `Segments of the open connection that arrived after it: ${openSegments(trace)}. The new one is ${ok ? 'answered' : 'not answered'}: ${denyingPolicy(trace) ?? 'no policy'} denies it on ${lossOf(trace)?.hop.netns ?? 'no node'}.`,
      }
    },
    blanks: [
      choice('open', ['goes on', 'ends'], 'what becomes of the connection that was open', ({ trace }) =>
        openSegments(trace) > 0 ? 'goes on' : 'ends',
      ),
      blank('port', 'number', 'the client’s port of it, as conntrack has it', ({ lab, trace }) => {
        const held = /ESTABLISHED src=\S+ dst=\S+ sport=(\d+)/.exec(
          lab.sh(routersOf(trace)[0] ?? '', 'conntrack -L').stdout,
        )
        return held?.[1]
      }),
      blank('new', 'name', 'the policy that denies the new one, as `NAMESPACE/NAME`', ({ trace }) =>
        denyingPolicy(trace),
      ),
      blank('node', 'name', 'the node that drops the new one', ({ trace }) => lossOf(trace)?.hop.netns),
    ],
    belief: { predicts: 'neither', blank: 'open', answer: () => 'ends' },
    hints: [
      'The first rule of the pod’s chain is about connections, not about pods.',
      'On both nodes: `conntrack -L`; on that of the server: `iptables -nvL cali-tw-…`.',
      'The entry that is ESTABLISHED is the open connection; SYN_SENT is the new one.',
    ],
  },
]

/** Segments that a pod took in, of connections that are not the one that was denied. */
function openSegments(trace: Seen['trace']): number {
  const denied = new Set(
    hopsOf(trace, 'drop')
      .filter(({ harmless }) => !harmless)
      .map(({ packet }) => packet),
  )
  return hopsOf(trace, 'deliver').filter(
    ({ protocol, taken, packet }) => protocol === 6 && taken && !denied.has(packet),
  ).length
}
