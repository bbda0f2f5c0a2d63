import { policyName } from '../../trace/index.ts'
import { natOf } from '../seen.ts'
import { blank } from '../tasks/task.ts'
import { fileOf, podText } from '../written.ts'
import { ALLOWED, allowanceOf, DENIED, networkPolicy, POLICY_HINTS, withPolicies } from './judged.ts'
import { type MisconceptionRow, pairOf } from './row.ts'

/** The port of PostgreSQL. */
const POSTGRES = 5432

/** What people believe of policy. */
export const POLICY: readonly MisconceptionRow[] = [
  {
    name: 'deny-all-dns',
    claim: 'A default deny leaves DNS alone.',
    truth:
      'DNS is UDP to a pod, like any other traffic, and a policy that denies all egress denies it. A rule that allows the server is of no use when the name of the server cannot be asked for.',
    why: 'Whoever denies egress needs one more rule: UDP and TCP 53 to the DNS pods.',
    source: 'failures F60 and F61; Kubernetes documentation “Network Policies”',
    plan: (ground) => {
      const { nodes, pods } = ground
      const [client, server] = pods
      const plan = withPolicies(
        pairOf(ground, {
          more: [
            podText('coredns-0', nodes[1].name, { namespace: 'kube-system', labels: 'k8s-app: kube-dns' }),
            `apiVersion: v1\nkind: Service\nmetadata: {name: kube-dns, namespace: kube-system}\nspec: {clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, protocol: UDP}]}`,
          ],
        }),
        networkPolicy(
          `${client}-out`,
          `podSelector: {matchLabels: {app: ${client}}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: ${server}}}}]}]`,
          `default/${client} may talk to default/${server}, and to nobody else.`,
        ),
      )
      return {
        ...plan,
        to: 'svc/kube-system/kube-dns',
        ask: { kind: 'udp', port: 53 },
        question: `Egress of default/${client} is allowed to default/${server} only. It asks DNS for an address. Is it answered?`,
        truth: ({ trace, ok }, lab) =>
          `DNS is ${ok ? 'answered' : 'not answered'}, the server by its address ${lab.ping(plan.from, `default/${server}`).ok ? 'is' : 'is not'}. ${trace.summary}`,
      }
    },
    blanks: [
      ...DENIED,
      blank('dns', 'endpoint', 'what 10.96.0.10:53 had become before', (seen) => natOf(seen, 'destination')?.to),
    ],
    hints: POLICY_HINTS,
  },
  {
    name: 'policy-order',
    claim: 'NetworkPolicies are read in order: a deny-all that comes first wins.',
    truth:
      'NetworkPolicies of Kubernetes have no order and no deny: each adds what it allows, and a pod refuses only what none of them allows. The deny-all is a policy that allows nothing, and takes nothing from the others.',
    why: 'Order, and rules that deny, are of Calico’s own policies and of AdminNetworkPolicy.',
    source: 'Kubernetes documentation “Network Policies” (additive); Calico policy model',
    plan: (ground, draw) => {
      const [client, server] = ground.pods
      const port = draw.int(5000, 5999)
      const [deny, allow] = draw.pick([
        ['aa-deny-all', 'zz-allow'],
        ['zz-deny-all', 'aa-allow'],
      ]) as readonly [string, string]
      return {
        ...withPolicies(
          pairOf(ground),
          networkPolicy(deny, 'podSelector: {}, policyTypes: [Ingress]', 'Nothing comes in.'),
          networkPolicy(
            `${allow}-${client}`,
            `podSelector: {matchLabels: {app: ${server}}}, ingress: [{from: [{podSelector: {matchLabels: {app: ${client}}}}]}]`,
          ),
        ),
        ask: { kind: 'tcp', port },
        question: `${deny} selects every pod and allows nothing; ${allow}-${client} allows default/${client} to ask default/${server}. Is it answered?`,
        truth: ({ trace, ok }) => {
          const decision = allowanceOf(trace)
          return `It is ${ok ? 'answered' : 'not answered'}: ${decision === undefined ? 'no policy' : policyName(decision.policy)} allows it, on ${decision?.netns}.`
        },
      }
    },
    blanks: ALLOWED,
    hints: POLICY_HINTS,
  },
  {
    name: 'and-or',
    claim: 'namespaceSelector and podSelector, one below the other with a dash each, mean both.',
    truth:
      'Two dashes are two entries, and either is enough; one dash with both selectors means both. So a policy meant for one pod of one namespace lets in every pod of that namespace, and every pod with that label of its own.',
    why: 'The difference is one character of YAML, and kubectl accepts both.',
    source: 'failure F62; Kubernetes documentation “Network Policies” (behavior of to and from selectors)',
    plan: (ground, draw) => {
      const [client, server, other] = ground.pods
      const team = draw.pick(['ops', 'build', 'data'])
      const plan = pairOf(ground, { client: { namespace: team, labels: `app: ${client}` } })
      return {
        ...withPolicies(
          {
            ...plan,
            files: [
              ...plan.files,
              fileOf('namespaces.yaml', [
                `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${team}, labels: {team: ${team}}}`,
              ]),
            ],
          },
          `# Meant: the pods app=${other} of namespace ${team}. Written: two entries.\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${server}-in, namespace: default}\nspec:\n  podSelector: {matchLabels: {app: ${server}}}\n  ingress:\n  - from:\n    - namespaceSelector: {matchLabels: {team: ${team}}}\n    - podSelector: {matchLabels: {app: ${other}}}`,
        ),
        ask: { kind: 'tcp', port: draw.int(5000, 5999) },
        question: `${team}/${client} is in namespace ${team}, but is not app=${other}. Is its connection to default/${server} answered?`,
        truth: ({ trace, ok }) => {
          const decision = allowanceOf(trace)
          return `It is ${ok ? 'let in' : 'not let in'}: ${decision === undefined ? 'no policy' : policyName(decision.policy)} has two entries, and the first is about every pod of ${team}.`
        },
      }
    },
    blanks: ALLOWED,
    hints: POLICY_HINTS,
  },
  {
    name: 'ping-denied',
    claim: 'The ping is denied, so the policy blocks the connection as well.',
    truth:
      'A rule with a port is about that port of TCP or UDP: ICMP has none, and is not allowed by it. The connection is answered and the ping is not.',
    why: 'It is the same the other way round: a ping that is answered says nothing of a port. Ask what you want to know.',
    source: 'Kubernetes documentation “Network Policies” (ports); RFC 792',
    choices: ['both are answered', 'the ping alone', 'the connection alone', 'neither'],
    chosen: ({ lab, from, to, run }) => {
      const tcp = lab.tcp(from, to, POSTGRES).ok
      if (run.ok) return tcp ? 'both are answered' : 'the ping alone'
      return tcp ? 'the connection alone' : 'neither'
    },
    plan: (ground) => {
      const [client, server] = ground.pods
      const plan = pairOf(ground)
      return {
        ...withPolicies(
          plan,
          networkPolicy(
            `${server}-in`,
            `podSelector: {matchLabels: {app: ${server}}}, ingress: [{from: [{podSelector: {}}], ports: [{port: ${POSTGRES}, protocol: TCP}]}]`,
            `Everybody of the namespace may ask TCP ${POSTGRES}.`,
          ),
        ),
        question: `${server}-in allows TCP ${POSTGRES} from every pod of the namespace. default/${client} pings default/${server} and connects to port ${POSTGRES}: which is answered?`,
        truth: ({ trace, ok }, lab) =>
          `The ping is ${ok ? 'answered' : 'not answered'}, the connection ${lab.tcp(plan.from, plan.to, POSTGRES).ok ? 'is' : 'is not'}. ${trace.summary}`,
      }
    },
    blanks: DENIED,
    hints: POLICY_HINTS,
  },
]
