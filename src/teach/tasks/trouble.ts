import { type HopOf, hopsOf } from '../../trace/index.ts'
import { firstRoute, lossOf, routersOf, type Seen, winnerOf } from '../seen.ts'
import { blank, choice, type TaskBlank, type TaskRow } from './task.ts'

/** Where a packet was lost, on which way, and for whom it was. */
const LOSS: readonly TaskBlank[] = [
  blank('node', 'name', 'the machine where it is lost', ({ trace }) => lossOf(trace)?.hop.netns),
  choice('way', ['request', 'reply'], 'which of the two is lost', ({ trace }) => lossOf(trace)?.way),
  blank('device', 'name', 'the device it was dropped at', ({ trace }) => lossOf(trace)?.hop.dev),
  blank(
    'pod',
    'address',
    'the address of the pod that the lost packet was for',
    ({ trace, lab, from, to }) => lab.endpoint(lossOf(trace)?.way === 'reply' ? from : to).address,
  ),
]

/** What the node said of the packet that was too big. */
function tooBig({ trace }: Seen): HopOf<'icmp-error'> | undefined {
  return hopsOf(trace, 'icmp-error').find(({ sent }) => sent)
}

/** Bytes of IPv4 and ICMP headers. */
const PING_HEADERS = 28

/** Who told BIRD of a node a route, and the cluster list it came with. */
function bgpFact({ trace, lab, to }: Seen, pattern: RegExp): string | undefined {
  const node = routersOf(trace)[0] ?? ''
  const text = lab.sh(node, `birdc show route for ${lab.endpoint(to).address} all`).stdout
  return pattern.exec(text)?.[1]
}

/** Exercises about what goes wrong, and where routes come from. */
export const TROUBLE: readonly TaskRow[] = [
  {
    name: 'mtu',
    title: 'the largest packet',
    question: ({ from, to }) =>
      `\`${from}\` sends \`${to}\` packets as large as its own MTU allows, with DF set. Who refuses them, and what would pass?`,
    blanks: [
      blank('teller', 'address', 'who sends the ICMP error', ({ trace }) =>
        trace.disposition.kind === 'error' ? trace.disposition.from : undefined,
      ),
      blank('mtu', 'number', 'the MTU that the error names', (seen) => tooBig(seen)?.info),
      blank('size', 'number', 'the largest `ping -s` that passes', (seen) => {
        const info = tooBig(seen)?.info
        return info === undefined ? undefined : info - PING_HEADERS
      }),
    ],
    hints: [
      'The MTU of the tunnel’s device is that of the wire less what the tunnel adds.',
      'On the node: `ip link show vxlan.calico`; in the pod: `ping -M do -s SIZE`.',
      'VXLAN over IPv4 adds 50 bytes; `ping -s` counts data alone, and IP and ICMP add 28.',
    ],
  },
  {
    name: 'bgp',
    title: 'who told the route',
    question: ({ from, to }) => `\`${from}\` pings \`${to}\`. Where has its node the route from?`,
    blanks: [
      blank('prefix', 'prefix', 'the range of the route', ({ trace }) => winnerOf(firstRoute({ trace }))),
      blank('via', 'address', 'its next hop', ({ trace }) => firstRoute({ trace })?.via),
      blank('teller', 'address', 'the peer that told it', (seen) => bgpFact(seen, /from ([\d.]+)\]/)),
      blank('cluster', 'address', 'the cluster id it was reflected with', (seen) =>
        bgpFact(seen, /cluster_list: ([\d.]+)/),
      ),
    ],
    hints: [
      'Whoever tells a route need not be its next hop: a reflector passes on what it heard.',
      'On the node: `ip route`, `birdc show protocols`, `birdc show route for ADDRESS all`.',
      'BIRD prints `via NEXTHOP on DEVICE [PEER from ADDRESS]`, and `BGP.cluster_list` below.',
    ],
  },
  {
    name: 'the-gap',
    title: 'lost in the gap',
    question: ({ from, to }) =>
      `The pool gets another tunnel, and Felix of one node restarts at that moment, while \`${from}\` pings \`${to}\`. The first ping that is lost: where, which way, and for whom was the packet?`,
    blanks: LOSS,
    hints: [
      'Two nodes follow at two times. Which of them has followed when the ping is lost?',
      '`step(run, n)` tells the run hop by hop; `ip route` on both nodes at that moment.',
      'The node that is behind either sends by the old tunnel, or does not yet take the new one.',
    ],
  },
  {
    name: 'troubleshooting',
    title: 'find the fault',
    question: ({ from, to }) =>
      `\`${from}\` pings \`${to}\`, and nothing comes back. All objects are right. Where is it lost, which way, and for whom was the packet?`,
    blanks: LOSS,
    hints: [
      'First find out which way it is lost: does the other pod see the request?',
      '`tcpdump` on `cali…`, `tunl0` and `eth0` of both nodes; then `sysctl net.ipv4.ip_forward`, `ip link`, `iptables -nvL`.',
      'The packet is seen on one device and not on the next one: what lies between is the fault.',
    ],
  },
]
