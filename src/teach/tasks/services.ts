import { decisionsOf, hopsOf, isDenial, policyName } from '../../trace/index.ts'
import { firstRoute, lossOf, natOf, type Seen, winnerOf } from '../seen.ts'
import { blank, choice, type TaskRow } from './task.ts'

/** An IPv6 address of an end. */
const six = ({ lab }: Seen, end: string): string => lab.endpoint(end).addresses.find((one) => one.includes(':')) ?? ''

/** The policy that denied. */
function denial({ trace }: Seen): string | undefined {
  const decision = decisionsOf(trace).find(isDenial)
  return decision?.kind === 'tier-end' ? decision.policies.map(policyName)[0] : undefined
}

/** Exercises about translation, policy and families. */
export const SERVICES: readonly TaskRow[] = [
  {
    name: 'nat-outgoing',
    title: 'out of the cluster',
    question: ({ from, to }) =>
      `\`${from}\` pings \`${to}\`, which is no machine of the cluster. What does \`${to}\` see, and whom does it answer?`,
    blanks: [
      blank('before', 'address', 'the source as the pod wrote it', (seen) => natOf(seen, 'source')?.from),
      blank(
        'after',
        'address',
        'the source that `tcpdump` shows on the destination',
        (seen) => natOf(seen, 'source')?.to,
      ),
      blank('node', 'name', 'the machine that translates', (seen) => natOf(seen, 'source')?.netns),
    ],
    hints: [
      'Nobody outside the cluster has a route to a pod.',
      'On the node: `iptables -t nat -S cali-nat-outgoing`, `conntrack -L`.',
      'MASQUERADE takes the address of the device the packet leaves by.',
    ],
  },
  {
    name: 'service',
    title: 'a ClusterIP becomes a pod',
    question: ({ from, to }) =>
      `\`${from}\` connects to port 80 of \`${to}\`. Which pod answers, and what does the client see?`,
    blanks: [
      blank(
        'endpoint',
        'endpoint',
        'what stands in the place of the ClusterIP',
        (seen) => natOf(seen, 'destination')?.to,
      ),
      blank('node', 'name', 'the machine that replaces it', (seen) => natOf(seen, 'destination')?.netns),
      blank(
        'seen',
        'endpoint',
        'the source of the answer, as the client sees it',
        (seen) => natOf(seen, 'destination')?.from,
      ),
    ],
    hints: [
      'A ClusterIP is replaced before the first routing decision, and by chance.',
      'On the client’s node: `conntrack -L`, `iptables -t nat -nvL KUBE-SERVICES`.',
      'The reply direction of the conntrack entry has the endpoint as its source.',
    ],
  },
  {
    name: 'policy',
    title: 'who denies',
    question: ({ from, to }) =>
      `\`${from}\` connects to \`${to}\` and waits for ever. Which policy denies it, and where?`,
    blanks: [
      blank('node', 'name', 'the node that drops it', ({ trace }) => lossOf(trace)?.hop.netns),
      blank('policy', 'name', 'the policy, as `NAMESPACE/NAME`', denial),
      blank('device', 'name', 'the host end of the pod it is asked about', ({ trace }) => {
        const decision = decisionsOf(trace).find(isDenial)
        return decision?.kind === 'tier-end' ? decision.at.dev : undefined
      }),
    ],
    hints: [
      'Egress is judged on the node of the client, ingress on that of the server.',
      '`packetwalk policy -f … --from … --to …`; on the nodes: `iptables -t filter -nvL`, and look at the counters.',
      'The host end of a pod is the device that the route to it leads to.',
    ],
  },
  {
    name: 'ipv6',
    title: 'the same in IPv6',
    question: ({ from, to }) => `\`${from}\` pings \`${to}\`. There is no ARP and no 169.254.1.1. What is there?`,
    blanks: [
      blank('gateway', 'address', 'the gateway of the pod', ({ trace }) => hopsOf(trace, 'route')[0]?.via),
      blank('prefix', 'prefix', 'the range of the route that wins on the first node', ({ trace }) =>
        winnerOf(firstRoute({ trace })),
      ),
      blank('via', 'address', 'its next hop', ({ trace }) => firstRoute({ trace })?.via),
    ],
    hints: [
      'A link-local address is made of a MAC address, and every host end has the same one.',
      'In the pod: `ip -6 route`; on the node: `ip -6 route`.',
      'ee:ee:ee:ee:ee:ee: the second bit of the first byte is turned, and ff:fe goes into the middle.',
    ],
  },
  {
    name: 'dual-stack',
    title: 'two families, two ways',
    question: ({ from, to }) =>
      `\`${from}\` reaches \`${to}\` by IPv4 and by IPv6. Which ways do they take on the first node?`,
    blanks: [
      blank('device4', 'name', 'the device of the IPv4 route', ({ trace }) => firstRoute({ trace })?.out),
      blank('prefix4', 'prefix', 'its range', ({ trace }) => winnerOf(firstRoute({ trace }))),
      blank('via6', 'address', 'the next hop of the IPv6 route', (seen) => {
        const { trace } = seen.lab.ping(seen.from, six(seen, seen.to))
        return firstRoute({ trace })?.via
      }),
      choice('tunnel6', ['yes', 'no'], 'whether IPv6 goes through a tunnel', (seen) => {
        const { trace } = seen.lab.ping(seen.from, six(seen, seen.to))
        return hopsOf(trace, 'encap').length > 0 ? 'yes' : 'no'
      }),
    ],
    hints: [
      'Each family has its pool, and each pool its encapsulation.',
      'On the node: `ip route` and `ip -6 route`.',
      'Without encapsulation the next hop is the other node, by its address of that family.',
    ],
  },
]
