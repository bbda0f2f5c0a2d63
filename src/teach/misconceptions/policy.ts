import type { Lab } from '../../lab/index.ts'
import { policyName } from '../../trace/index.ts'
import { lossOf, natOf } from '../seen.ts'
import { blank, choice } from '../tasks/task.ts'
import { fileOf, podText } from '../written.ts'
import {
  allowanceOf,
  allowingPolicy,
  DENIED,
  denyingPolicy,
  networkPolicy,
  POLICY_HINTS,
  withPolicies,
} from './judged.ts'
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
    source:
      'failures F60 and F61; Calico `libcalico-go/lib/backend/k8s/conversion/conversion.go`; Kubernetes documentation “Network Policies”, “Default deny all egress traffic”',
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
      blank(
        'end',
        'name',
        'the machine or pod where the question for an address ends',
        ({ trace }) => lossOf(trace)?.hop.netns,
      ),
      blank('policy', 'name', 'the policy that denies it, as `NAMESPACE/NAME`', ({ trace }) => denyingPolicy(trace)),
      blank('dns', 'endpoint', 'what 10.96.0.10:53 had become before', (seen) => natOf(seen, 'destination')?.to),
    ],
    belief: { predicts: 'it is answered', blank: 'end', answer: () => 'kube-system/coredns-0' },
    hints: POLICY_HINTS,
  },
  {
    name: 'policy-order',
    claim: 'NetworkPolicies are read in order: a deny-all that comes first wins.',
    truth:
      'NetworkPolicies of Kubernetes have no order and no deny: each adds what it allows, and a pod refuses only what none of them allows. The deny-all is a policy that allows nothing, and takes nothing from the others.',
    why: 'Order, and rules that deny, are of Calico’s own policies and of AdminNetworkPolicy.',
    source:
      'Calico `felix/rules/endpoints.go`, `libcalico-go/lib/backend/k8s/conversion/conversion.go`; Kubernetes documentation “Network Policies”, “The two sorts of pod isolation” (additive)',
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
    blanks: [
      blank('decides', 'name', 'the policy that decides, as `NAMESPACE/NAME`', ({ trace }) => allowingPolicy(trace)),
      blank('judge', 'name', 'the node on which it decides', ({ trace }) => allowanceOf(trace)?.netns),
      blank(
        'device',
        'name',
        'the host end of the pod that it is asked about',
        ({ trace }) => allowanceOf(trace)?.at.dev,
      ),
    ],
    belief: {
      predicts: 'it is not',
      blank: 'decides',
      answer: ({ lab }) => {
        const deny = lab.objects?.policies.find(({ metadata }) => metadata.name.endsWith('deny-all'))
        return `default/${deny?.metadata.name}`
      },
    },
    hints: POLICY_HINTS,
  },
  {
    name: 'and-or',
    claim: 'namespaceSelector and podSelector, one below the other with a dash each, mean both.',
    truth:
      'Two dashes are two entries, and either is enough; one dash with both selectors means both. So a policy meant for one pod of one namespace lets in every pod of that namespace, and every pod with that label of its own.',
    why: 'The difference is one character of YAML, and kubectl accepts both.',
    source:
      'failure F62; Calico `libcalico-go/lib/backend/k8s/conversion/conversion.go`; Kubernetes documentation “Network Policies”, “Behavior of to and from selectors”',
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
          `# Meant: the pods app=${other} of namespace ${team}.\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${server}-in, namespace: default}\nspec:\n  podSelector: {matchLabels: {app: ${server}}}\n  ingress:\n  - from:\n    - namespaceSelector: {matchLabels: {team: ${team}}}\n    - podSelector: {matchLabels: {app: ${other}}}`,
        ),
        ask: { kind: 'tcp', port: draw.int(5000, 5999) },
        question: `${team}/${client} is in namespace ${team}, but is not app=${other}. Is its connection to default/${server} answered?`,
        truth: ({ trace, ok }) => {
          const decision = allowanceOf(trace)
          return `It is ${ok ? 'let in' : 'not let in'}: ${decision === undefined ? 'no policy' : policyName(decision.policy)} has two entries, and the first is about every pod of ${team}.`
        },
      }
    },
    blanks: [
      blank('entries', 'number', 'how many entries `from` has, each of which is enough', ({ lab }) => fromEntries(lab)),
      blank(
        'client',
        'address',
        'the address of the pod that is let in',
        ({ lab, from }) => lab.endpoint(from).address,
      ),
      blank('lets', 'name', 'the policy that lets it in, as `NAMESPACE/NAME`', ({ trace }) => allowingPolicy(trace)),
    ],
    belief: { predicts: 'it is not', blank: 'entries', answer: () => 1 },
    hints: [
      'Must the client fulfil both selectors, or one of them? Look where an entry of the list begins.',
      '`kubectl get netpol -o yaml` (each dash below `from` begins an entry), `kubectl get pods -A -o wide`; `packetwalk policy -f … --from … --to …`.',
      'Two dashes: two entries, an OR. The first is about every pod of the namespace, so the client is let in by it.',
    ],
  },
  {
    name: 'ping-denied',
    claim: 'The ping is denied, so the policy blocks the connection as well.',
    truth:
      'A rule with a port is about that port of TCP or UDP: ICMP has none, and is not allowed by it. The connection is answered and the ping is not.',
    why: 'It is the same the other way round: a ping that is answered says nothing of a port. Ask what you want to know.',
    source:
      'Calico `libcalico-go/lib/backend/k8s/conversion/conversion.go`; Kubernetes documentation “Network Policies”, “The NetworkPolicy resource” (ports); RFC 792 “Message Formats”',
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
    blanks: [
      choice('connection', ['answered', 'denied'], 'what becomes of a connection to TCP 5432', ({ lab, from, to }) =>
        lab.tcp(from, to, POSTGRES).ok ? 'answered' : 'denied',
      ),
      ...DENIED,
    ],
    belief: { predicts: 'neither', blank: 'connection', answer: () => 'denied' },
    hints: POLICY_HINTS,
  },
]

/** How many entries the only rule of the only NetworkPolicy has below `from`. */
function fromEntries(lab: Lab): number {
  const text = lab.sh(lab.cluster?.nodes[0]?.name ?? '', 'kubectl get netpol -o json').stdout
  const { items } = JSON.parse(text) as {
    items: readonly [{ spec: { ingress: readonly [{ from: readonly unknown[] }] } }]
  }
  return items[0].spec.ingress[0].from.length
}
