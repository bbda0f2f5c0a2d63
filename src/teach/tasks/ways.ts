import { hopsOf } from '../../trace/index.ts'
import { encapOf, firstRoute, lastRoute, routersOf, sourceFrom, winnerOf, wireLength } from '../seen.ts'
import { blank, type TaskRow } from './task.ts'

/** Exercises about the way from pod to pod. */
export const WAYS: readonly TaskRow[] = [
  {
    name: 'same-node',
    title: 'the router between two pods',
    question: ({ from, to }) =>
      `\`${from}\` pings \`${to}\`, on the same node. How does the node bring the packet there?`,
    blanks: [
      blank('address', 'address', 'the address the route of the node is for', (seen) => lastRoute(seen)?.destination),
      blank('device', 'name', 'the device it leads to', (seen) => lastRoute(seen)?.out),
      blank('mac', 'mac', 'the MAC address the node sends it to', ({ trace }) => {
        const out = firstRoute({ trace })?.out
        return hopsOf(trace, 'neighbour').find(({ dev, lladdr }) => dev === out && lladdr !== '')?.lladdr
      }),
    ],
    hints: [
      'There is no bridge: the node looks the destination up among its routes, as for any other packet.',
      'On the node: `ip route` and `ip neigh`; in the pod: `ip addr show eth0`.',
      'Each pod has a route of its own, to its `cali…`; its neighbour entry there has the MAC address of the pod’s eth0.',
    ],
  },
  {
    name: 'no-encapsulation',
    title: 'on the wire as it is',
    question: ({ from, to }) =>
      `\`${from}\` pings \`${to}\` on another node. What does the first node do, and what does a switch see?`,
    blanks: [
      blank('prefix', 'prefix', 'the range of the route that wins on the first node', (seen) =>
        winnerOf(firstRoute(seen)),
      ),
      blank('via', 'address', 'its next hop', (seen) => firstRoute(seen)?.via),
      blank('source', 'address', 'the IP source a switch between the nodes sees', ({ trace }) =>
        sourceFrom(trace, routersOf(trace)[0], 'request'),
      ),
    ],
    hints: [
      'Calico gives each node blocks of addresses: a route is for a block.',
      'On the first node: `ip route`; between the nodes: `tcpdump -ni eth0 icmp`.',
      'Nothing is put around the packet and nothing translated: the source is the pod.',
    ],
  },
  {
    name: 'ipip',
    title: 'through IPIP',
    question: ({ from, to }) =>
      `\`${from}\` pings \`${to}\` with 56 bytes of data. What crosses the wire between the nodes?`,
    blanks: [
      blank('device', 'name', 'the device the route of the first node leads to', (seen) => firstRoute(seen)?.out),
      blank('source', 'address', 'the outer source', (seen) => encapOf(seen)?.source),
      blank('destination', 'address', 'the outer destination', (seen) => encapOf(seen)?.destination),
      blank('length', 'number', 'the length of the outer IP packet, in bytes', wireLength),
    ],
    hints: [
      'There are two IP headers. Who must read the outer one, and who the inner one?',
      'On the first node: `ip route get POD`, `tcpdump -ni eth0 ip proto 4 -v`.',
      '56 bytes of data, 8 of ICMP, 20 of the inner IP header, 20 of the outer one.',
    ],
  },
  {
    name: 'vxlan',
    title: 'through VXLAN',
    question: ({ from, to }) =>
      `\`${from}\` pings \`${to}\`. The packet becomes an Ethernet frame once more. Which one, and where is it sent?`,
    blanks: [
      blank('via', 'address', 'the next hop of the route on the first node', (seen) => firstRoute(seen)?.via),
      blank(
        'mac',
        'mac',
        'the destination MAC address of the inner frame',
        ({ trace }) => hopsOf(trace, 'neighbour').find(({ dev }) => dev === 'vxlan.calico')?.lladdr,
      ),
      blank('destination', 'address', 'the outer destination', (seen) => encapOf(seen)?.destination),
    ],
    hints: [
      'The other node has an address on the wire and one in the overlay: where does each of them stand?',
      'On the first node: `ip route`, `ip neigh show dev vxlan.calico`, `bridge fdb show dev vxlan.calico`.',
      'The neighbour entry gives the MAC address of the VTEP, the forwarding entry of that MAC address the node.',
    ],
  },
  {
    name: 'wireguard',
    title: 'through WireGuard',
    question: ({ from, to }) =>
      `\`${from}\` pings \`${to}\` with 56 bytes of data. Which route sends it into the tunnel, and what comes out?`,
    blanks: [
      blank('prefix', 'prefix', 'the range of the route that wins on the first node', (seen) =>
        winnerOf(firstRoute(seen)),
      ),
      blank('table', 'number', 'its routing table', (seen) => firstRoute(seen)?.table),
      blank('destination', 'address', 'the outer destination', (seen) => encapOf(seen)?.destination),
      blank('length', 'number', 'the length of the outer IP packet, in bytes', wireLength),
    ],
    hints: [
      'A rule comes before the main table.',
      'On the first node: `ip rule`, `ip route show table all dev wireguard.cali`, `tcpdump -ni eth0 udp port 51820 -v`.',
      'WireGuard pads the packet to a multiple of 16 bytes, and adds 16 of its header, 16 of the check, 8 of UDP, 20 of IP.',
    ],
  },
  {
    name: 'cross-subnet',
    title: 'a tunnel only between subnets',
    question: ({ from, to }) =>
      `\`${from}\` pings \`${to}\`, behind a router. How does the first node send it, and why not as to its neighbour?`,
    blanks: [
      blank('device', 'name', 'the device the route of the first node leads to', (seen) => firstRoute(seen)?.out),
      blank('prefix', 'prefix', 'the range of the route', (seen) => winnerOf(firstRoute(seen))),
      blank('router', 'address', 'the gateway the outer packet takes', (seen) => {
        const { trace } = seen
        const outer = encapOf(seen)?.destination
        return hopsOf(trace, 'route', routersOf(trace)[0]).find(({ destination }) => destination === outer)?.via
      }),
      blank('destination', 'address', 'the outer destination', (seen) => encapOf(seen)?.destination),
    ],
    hints: [
      'CrossSubnet compares the subnets of the two nodes, not of the pods.',
      'On the first node: `ip route`, and `ip route get` for the pod and for the other node.',
      'The outer packet is one from node to node: it takes the route to the other node’s address.',
    ],
  },
]
