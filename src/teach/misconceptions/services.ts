import { hopsOf } from '../../trace/index.ts'
import { firstRoute, lossOf, natOf, requestOf, routeOn, routersOf, type Seen, sourceFrom } from '../seen.ts'
import { blank } from '../tasks/task.ts'
import { fileOf, nodeText, objectText, outsideText, podText, poolText } from '../written.ts'
import { type MisconceptionRow, pairOf } from './row.ts'

/** A Service before the server of the plain cluster. */
const serviceText = (name: string, clusterIp: string, target: number): string =>
  objectText(
    ['v1', 'Service'],
    `name: ${name}`,
    `clusterIP: ${clusterIp}, selector: {app: ${name}}, ports: [{port: 80, targetPort: ${target}}]`,
  )

/** What TCP to port 80 of a Service becomes. */
function translated({ lab, from }: Seen, service: string): string | undefined {
  return natOf(lab.tcp(from, service, 80), 'destination')?.to
}

/** The Service of the plain cluster. */
const serviceOf = ({ to }: Pick<Seen, 'to'>): string => (to.startsWith('svc/') ? to : `svc/${to}`)

/** What people believe of translation. */
export const SERVICES: readonly MisconceptionRow[] = [
  {
    name: 'clusterip-ping',
    claim: 'A Service that works answers a ping to its ClusterIP.',
    truth:
      'A ClusterIP is no address of any interface: rules translate TCP or UDP to the ports of the Service, and nothing else. A ping is not translated, leaves by the default route and is lost, while the Service works.',
    why: 'Test a Service with a connection to its port. (In mode ipvs the address is on a device of every node, and is answered: that proves nothing either.)',
    source:
      'failure F83; Kubernetes `pkg/proxy/iptables/proxier.go`; Kubernetes documentation “Virtual IPs and Service Proxies”, “iptables proxy mode”',
    plan: (ground, draw) => {
      const { pods, clusterIp } = ground
      const [client, server] = pods
      const [a] = ground.nodes
      const plan = pairOf(ground, { more: [serviceText(server, clusterIp, draw.int(8000, 9999))] })
      return {
        ...plan,
        to: `svc/default/${server}`,
        question: `Service ${server} has the ClusterIP ${clusterIp} and a ready endpoint. Is a ping from default/${client} to ${clusterIp} answered?`,
        truth: ({ trace, ok }, lab) => {
          const tcp = lab.tcp(plan.from, `svc/default/${server}`, 80)
          return `The ping is ${ok ? 'answered' : 'not answered'}: on ${a.name} it takes ${routeOn(trace, a.name)}. TCP to port 80 is ${tcp.ok ? 'answered' : 'not answered'}: ${clusterIp}:80 becomes ${natOf(tcp, 'destination')?.to}.`
        },
      }
    },
    blanks: [
      blank(
        'via',
        'address',
        'the next hop that the node of the client takes for the ping',
        (seen) => firstRoute(seen)?.via,
      ),
      blank('machine', 'name', 'the machine where the ping ends', ({ trace }) => lossOf(trace)?.hop.netns),
      blank('endpoint', 'endpoint', 'what TCP to port 80 becomes', (seen) => translated(seen, serviceOf(seen))),
    ],
    belief: {
      predicts: 'it is answered',
      blank: 'machine',
      answer: ({ to }) => to.replace('svc/', ''),
    },
    hints: [
      'Which rule of the node speaks of the ClusterIP, and of which protocol?',
      'On the node: `iptables -t nat -S KUBE-SERVICES`, `ip route get CLUSTERIP`; then connect to port 80 and look at `conntrack -L`.',
      'The ping takes the default route; the connection has the endpoint in the reply direction of its conntrack entry.',
    ],
  },
  {
    name: 'service-proxy',
    claim: 'Traffic to a Service passes through the kube-proxy process.',
    truth:
      'kube-proxy writes rules, and the kernel follows them: no packet passes through a process. With kube-proxy stopped, Services go on as they were; they only stop following changes.',
    why: 'The name is from the days when it was a proxy. What fails when it is down is what comes after: new endpoints, new Services.',
    source:
      'failure F77; Kubernetes `pkg/proxy/iptables/proxier.go`; Kubernetes documentation “Virtual IPs and Service Proxies”, “iptables proxy mode”',
    plan: (ground, draw) => {
      const { pods, clusterIp, nodes } = ground
      const [client, server] = pods
      const [a] = nodes
      const plan = pairOf(ground, { more: [serviceText(server, clusterIp, draw.int(8000, 9999))] })
      return {
        ...plan,
        to: `svc/default/${server}`,
        changes: [{ kind: 'agent', agent: 'kube-proxy', node: a.name, action: 'stop' }],
        ask: { kind: 'tcp', port: 80 },
        question: `kube-proxy on ${a.name} has been stopped. Is a connection from default/${client} on ${a.name} to ${clusterIp}:80 answered?`,
        truth: (run, lab) =>
          `kube-proxy on ${a.name} is ${lab.agentState('kube-proxy', a.name)}, and the connection is ${run.ok ? 'answered' : 'not answered'}: ${natOf(run, 'destination')?.reason}.`,
      }
    },
    blanks: [
      blank('before', 'endpoint', 'the destination before the translation', (seen) => natOf(seen, 'destination')?.from),
      blank('after', 'endpoint', 'the destination after it', (seen) => natOf(seen, 'destination')?.to),
      blank('node', 'name', 'the machine that translates', (seen) => natOf(seen, 'destination')?.netns),
    ],
    belief: {
      predicts: 'it is not',
      blank: 'after',
      answer: (seen) => natOf(seen, 'destination')?.from,
    },
    hints: [
      'The rules are in the kernel, whoever wrote them.',
      'On the node: `iptables -t nat -nvL KUBE-SERVICES`, `conntrack -L`.',
      'The reply direction of the conntrack entry has the endpoint as its source.',
    ],
  },
  {
    name: 'nat-outgoing-always',
    claim: 'natOutgoing translates everything that leaves the cluster.',
    truth:
      'It translates what goes to addresses outside of all IPPools, also disabled ones. A pool over the office network, made to announce or to reserve it, switches translation off for it: the packet arrives with the pod’s address, and the answer finds no way.',
    why: 'That is used on purpose, too: a disabled pool is how one exempts a network from NAT.',
    source:
      'failures F73 and F74; Calico `felix/rules/nat.go`, `felix/dataplane/linux/masq_mgr.go`; Calico documentation “Configure outgoing NAT”',
    plan: (ground) => {
      const { nodes, far, pods, pool, farLan } = ground
      const [a, b] = nodes
      const [client, , , word] = pods
      const host = { ...far[0], name: `${word}-server` }
      return {
        files: [
          fileOf('cluster.yaml', [
            nodeText(a),
            nodeText(b),
            podText(client, a.name),
            poolText(pool, 'ipipMode: Always, natOutgoing: true', 'natOutgoing is on.'),
            poolText(farLan, 'disabled: true', 'Somebody wrote the office network down as a pool, disabled.', 'office'),
          ]),
          fileOf('underlay.yaml', [outsideText(ground, [a, b], host)]),
        ],
        from: `default/${client}`,
        to: host.name,
        ask: { kind: 'ping' },
        question: `natOutgoing is on, and ${host.name}, ${host.address}, is outside of the cluster. Is a ping from default/${client} to it answered?`,
        truth: ({ trace, ok }) => {
          const count = hopsOf(trace, 'nat').length
          return `It is ${ok ? 'answered' : 'not answered'}, with ${count} translations: ${host.address} is in the pool “office”. ${trace.summary}`
        },
      }
    },
    blanks: [
      blank('source', 'address', 'the IP source the destination sees', ({ trace }) =>
        sourceFrom(trace, routersOf(trace).at(-1), 'request'),
      ),
      blank('destination', 'address', 'the IP source of the answer', ({ trace, lab, to }) =>
        sourceFrom(trace, lab.endpoint(to).netns, 'reply'),
      ),
      blank(
        'machine',
        'name',
        'the machine where the answer is lost',
        ({ trace }) =>
          hopsOf(trace, 'drop').find(({ harmless, packet }) => !harmless && packet !== requestOf(trace))?.netns,
      ),
    ],
    belief: {
      predicts: 'it is answered',
      blank: 'source',
      answer: ({ lab, trace }) => lab.endpoint(`node/${routersOf(trace)[0]}`).address,
    },
    hints: [
      'Which addresses does the rule of natOutgoing leave out?',
      'On the node: `ipset list cali40all-ipam-pools`, `iptables -t nat -nvL cali-nat-outgoing`; on the destination: `tcpdump -n icmp`.',
      'Without translation the source is the pod; the router of the destination has no route to pods.',
    ],
  },
]
