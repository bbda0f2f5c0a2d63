import { hopsOf } from '../../trace/index.ts'
import type { SceneRow } from '../plan.ts'
import { fileOf, nodeText, objectText, outsideText, podText, poolText } from '../written.ts'

/** From a pod to a machine outside. */
export const NAT_OUTGOING: SceneRow = {
  name: 'nat-outgoing',
  title: 'Out of the cluster: natOutgoing',
  summary: 'Nobody outside has a route to pods, so the node puts its own address in the place of the pod’s.',
  shows: ['the rule cali-nat-outgoing', 'source NAT, and what conntrack keeps of it', 'the reply translated back'],
  plan: ({ nodes: [a, b], far: [c], pods: [client, , , archive], pool, lan, gateway, farLan, farGateway }) => {
    const host = { ...c, name: `${archive}-server` }
    return {
      files: [
        fileOf('cluster.yaml', [
          nodeText(a, 4, 'Two machines of the cluster.'),
          nodeText(b),
          podText(client, a.name),
          poolText(
            pool,
            'ipipMode: Always, natOutgoing: true',
            'Where pods get their addresses from; natOutgoing is on.',
          ),
        ]),
        fileOf('underlay.yaml', [outsideText({ lan, gateway, farLan, farGateway }, [a, b], host)]),
      ],
      from: `default/${client}`,
      to: host.name,
      ask: { kind: 'ping' },
      question: `Which source address does ${host.name} see, and how does its answer find default/${client}?`,
      truth: ({ trace }) => {
        const nat = hopsOf(trace, 'nat', a.name).find(({ side }) => side === 'source')
        return `${a.name} writes ${nat?.to} over ${nat?.from}: ${host.name} answers the node. Conntrack on ${a.name} knows whose answer it is and writes the pod’s address back. ${trace.summary}`
      },
    }
  },
}

/** From a pod to a Service. */
export const SERVICE: SceneRow = {
  name: 'service',
  title: 'A pod asks a Service',
  summary: 'No interface has a ClusterIP: kube-proxy’s rules replace it by the address of one of the endpoints.',
  shows: [
    'KUBE-SERVICES and an endpoint chosen by chance',
    'destination NAT on the client’s node',
    'the reply translated back',
  ],
  plan: ({ nodes: [a, b], pods: [client, app], pool, clusterIp }, draw) => {
    const target = draw.int(8000, 9999)
    const labels = `app: ${app}`
    return {
      files: [
        fileOf('cluster.yaml', [
          nodeText(a),
          nodeText(b),
          podText(client, a.name, { comment: 'Who asks.' }),
          podText(`${app}-0`, b.name, { labels, comment: 'Who answers: the Service selects them by their label.' }),
          podText(`${app}-1`, b.name, { labels }),
          objectText(
            ['v1', 'Service'],
            `name: ${app}`,
            `clusterIP: ${clusterIp}, selector: {${labels}}, ports: [{name: http, port: 80, targetPort: ${target}}]`,
            'A virtual address: no interface of the cluster has it.',
          ),
          poolText(pool, 'ipipMode: Always, natOutgoing: true'),
        ]),
      ],
      from: `default/${client}`,
      to: `svc/default/${app}`,
      ask: { kind: 'tcp', port: 80 },
      question: `Where is ${clusterIp} replaced, by which address and port, and what does the client see as the source of the answer?`,
      truth: ({ trace }) => {
        const nat = hopsOf(trace, 'nat', a.name).find(({ side }) => side === 'destination')
        return `On ${a.name}, before it routes: ${nat?.from} becomes ${nat?.to}. The answer is translated back there, so the client sees ${clusterIp}:80. ${trace.summary}`
      },
    }
  },
}

/** Policy at both ends. */
export const POLICY: SceneRow = {
  name: 'policy',
  title: 'Policy at the source and at the destination',
  summary: 'Egress is judged on the client’s node, ingress on the server’s: both must let the packet through.',
  shows: [
    'cali-fw-… on one node, cali-tw-… on the other',
    'which policy decided, and where',
    'silence: nobody is told of a drop',
  ],
  plan: ({ nodes: [a, b], pods: [client, server], pool }, draw) => {
    const port = draw.int(5000, 5999)
    const role = draw.pick(['frontend', 'batch', 'admin'])
    return {
      files: [
        fileOf('cluster.yaml', [
          nodeText(a),
          nodeText(b),
          podText(client, a.name, { labels: `app: ${client}` }),
          podText(server, b.name, { labels: `app: ${server}` }),
          poolText(pool, 'ipipMode: Always, natOutgoing: true'),
        ]),
        fileOf('policy.yaml', [
          objectText(
            ['networking.k8s.io/v1', 'NetworkPolicy'],
            `name: ${client}-out`,
            `podSelector: {matchLabels: {app: ${client}}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: ${server}}}}]}]`,
            'At the source: the client may ask the server, and nobody else.',
          ),
          objectText(
            ['networking.k8s.io/v1', 'NetworkPolicy'],
            `name: ${server}-in`,
            `podSelector: {matchLabels: {app: ${server}}}, ingress: [{from: [{podSelector: {matchLabels: {role: ${role}}}}], ports: [{port: ${port}}]}]`,
            `At the destination: only pods with role ${role}.`,
          ),
        ]),
      ],
      from: `default/${client}`,
      to: `default/${server}`,
      ask: { kind: 'tcp', port },
      question: `default/${client} connects to port ${port} of default/${server}. On which node does the packet end, and by which policy?`,
      truth: ({ trace }) => {
        const d = trace.disposition
        const where = d.kind === 'dropped' ? d.netns : 'no node'
        return `It ends on ${where}: egress is allowed on ${a.name} by ${client}-out, and ingress of default/${server} is judged on ${b.name}, where ${server}-in wants role ${role}. Nobody tells the client: it waits. ${trace.summary}`
      },
    }
  },
}
