import { hopsOf, lastMatch } from '../../trace/index.ts'
import { contains, parseIp, parsePrefix } from '../../wire/index.ts'
import { encapOf, firstRoute, lastRoute, lossOf, routeOn, routersOf, type Seen, sourceFrom, winnerOf } from '../seen.ts'
import { blank } from '../tasks/task.ts'
import { fileOf, lanText, nodeText, podText, poolText } from '../written.ts'
import { type MisconceptionRow, pairOf } from './row.ts'

/** Sessions of a node, as BIRD prints them. */
function established(lab: Seen['lab'], node: string): number {
  return lab.sh(node, 'birdc show protocols').stdout.match(/Established/g)?.length ?? 0
}

/** The IP protocol of what was lost, as the outermost header has it. */
function lostProtocol({ trace }: Seen): number | undefined {
  const loss = lossOf(trace)?.hop
  const frame = lastMatch(hopsOf(trace, 'tx', routersOf(trace)[0]), ({ packet }) => packet === loss?.packet)
  return frame === undefined
    ? undefined
    : Number.parseInt(frame.bytes.slice(2 * PROTOCOL_OFFSET, 2 * PROTOCOL_OFFSET + 2), 16)
}

/** Where an Ethernet frame has the protocol of IPv4. */
const PROTOCOL_OFFSET = 14 + 9

/** What the object of a node says of its pods. */
const podCidrOf = (lab: Seen['lab'], node: string | undefined): string | undefined =>
  lab.objects?.nodes.find(({ metadata }) => metadata.name === node)?.spec?.podCIDR

/** What people believe of routes and tunnels. */
export const ROUTING: readonly MisconceptionRow[] = [
  {
    name: 'bgp-established',
    claim: 'BGP is Established on all nodes, so pods can talk.',
    truth:
      'BGP is TCP to port 179 between nodes; pods’ packets are something else. Where the network drops IP protocol 4, every session is up, every route is there, and no ping arrives.',
    why: 'A control plane that works proves that routes are known, not that packets pass: try the packet itself.',
    source: 'failure F01; Calico `node/pkg/health`; RFC 2003 section 3.1 (protocol 4), RFC 4271 section 3',
    plan: (ground) => {
      const plan = pairOf(ground)
      const [a, b] = ground.nodes
      return {
        ...plan,
        files: [
          ...plan.files,
          fileOf('underlay.yaml', [
            lanText(
              ground,
              [a, b],
              ', filters: [{protocol: 4, name: the cloud knows TCP and UDP and ICMP}]',
              'Some clouds drop IP protocol 4 (IPIP).',
            ),
          ]),
        ],
        question: `\`birdc show protocols\` on ${a.name} says Established. Is a ping from default/${ground.pods[0]} to default/${ground.pods[1]} answered?`,
        truth: ({ trace }, lab) =>
          `${a.name} has ${established(lab, a.name)} session that is Established, and the route ${routeOn(trace, a.name)}. ${trace.summary}`,
      }
    },
    blanks: [
      blank('end', 'name', 'the machine or pod where the request ends', ({ trace }) => lossOf(trace)?.hop.netns),
      blank('sessions', 'number', 'how many sessions of the first node are Established', ({ trace, lab }) =>
        established(lab, routersOf(trace)[0] ?? ''),
      ),
      blank('via', 'address', 'the next hop of its route to the server, all the same', (seen) => firstRoute(seen)?.via),
    ],
    belief: { predicts: 'it is answered', blank: 'end', answer: ({ to }) => to },
    hints: [
      'The control plane may be well: follow the packet itself.',
      'On the first node: `birdc show protocols`, `ip route`; on both: `tcpdump -ni eth0 ip proto 4`.',
      'One node sees it leave, the other sees nothing: what lies between them is a switch.',
    ],
  },
  {
    name: 'ipip-port',
    claim: 'For IPIP one opens its TCP or UDP port in the firewall.',
    truth:
      'IPIP has no port: it is IP protocol 4, beside TCP (6) and UDP (17). A firewall that lets all of TCP and UDP pass still drops it.',
    why: 'A rule for the name “ipip” may mean protocol 94: the number is what counts. VXLAN and WireGuard are UDP, and do have ports.',
    source: 'failures F01 and F02; RFC 2003 section 3.1; IANA “Assigned Internet Protocol Numbers”',
    plan: (ground) => {
      const plan = pairOf(ground)
      const [a, b] = ground.nodes
      const filters = ['tcp', 'udp', 'icmp'].map((one) => `{protocol: ${one}, action: accept}`)
      return {
        ...plan,
        files: [
          ...plan.files,
          fileOf('underlay.yaml', [
            lanText(
              ground,
              [a, b],
              `, filters: [${filters.join(', ')}, {name: everything else, action: drop}]`,
              'A firewall: every port of TCP and UDP is open, and ICMP as well.',
            ),
          ]),
        ],
        question: `Between ${a.name} and ${b.name} every port of TCP and UDP is open, and ICMP. Is a ping from default/${ground.pods[0]} to default/${ground.pods[1]}, through IPIP, answered?`,
        truth: ({ trace }) => `It is dropped as protocol 4, which has no port. ${trace.summary}`,
      }
    },
    blanks: [
      blank('protocol', 'number', 'the IP protocol number of what is dropped', lostProtocol),
      blank('source', 'address', 'the IP source that the firewall sees', (seen) => encapOf(seen)?.source),
      blank('destination', 'address', 'the IP destination that it sees', (seen) => encapOf(seen)?.destination),
    ],
    belief: { predicts: 'it is answered', blank: 'protocol', answer: () => 17 },
    hints: [
      'Look at the packet as the firewall sees it, not as the pod does.',
      'On the first node: `tcpdump -vni eth0 not arp`: it prints the protocol of each IP packet.',
      'TCP is 6, UDP 17, ICMP 1: what carries IP in IP is none of them. Outside, it goes from node to node.',
    ],
  },
  {
    name: 'pod-cidr',
    claim: 'The podCIDR of the Node object is the range that its pods get addresses from.',
    truth:
      'Calico’s IPAM gives blocks of its own pools to nodes, and does not look at podCIDR. Only with `host-local` IPAM and `usePodCidr` it is what counts.',
    why: 'kube-controller-manager writes podCIDR into every Node whether somebody uses it or not. What counts: `calicoctl ipam show --show-blocks`.',
    source: 'failure F27; Calico `cni-plugin/pkg/ipamplugin/ipam_plugin.go`, `libcalico-go/lib/ipam/ipam.go`',
    choices: ['from the podCIDR', 'from a block of the pool'],
    chosen: ({ lab, to, trace }) => {
      const range = parsePrefix(podCidrOf(lab, routersOf(trace).at(-1)) ?? '')
      const address = parseIp(lab.endpoint(to).address ?? '')
      const isInRange = range !== undefined && address !== undefined && contains(range, address)
      return isInRange ? 'from the podCIDR' : 'from a block of the pool'
    },
    plan: (ground, draw) => {
      const [a, b] = ground.nodes
      const [client, server] = ground.pods
      const [one, two] = draw.some(
        Array.from({ length: 200 }, (_, i) => i + 1),
        2,
      ) as [number, number]
      const node = (text: string, third: number): string => `${text}\nspec: {podCIDR: 10.244.${third}.0/24}`
      return {
        files: [
          fileOf('cluster.yaml', [
            node(nodeText(a, 4, 'kube-controller-manager writes a podCIDR into every Node.'), one),
            node(nodeText(b), two),
            podText(client, a.name),
            podText(server, b.name),
            poolText(ground.pool, 'ipipMode: Always, natOutgoing: true'),
          ]),
        ],
        from: `default/${client}`,
        to: `default/${server}`,
        ask: { kind: 'ping' },
        question: `${b.name} has podCIDR 10.244.${two}.0/24. Where does default/${server}, on ${b.name}, get its address from?`,
        truth: ({ trace }, lab) =>
          `default/${server} has ${lab.endpoint(`default/${server}`).address}, and ${a.name} reaches it by ${routeOn(trace, a.name)}: a block of the pool ${ground.pool}.`,
      }
    },
    blanks: [
      blank('block', 'prefix', 'the range that the server’s address is from', (seen) => winnerOf(firstRoute(seen))),
      blank('address', 'address', 'the address of the server', ({ lab, to }) => lab.endpoint(to).address),
      blank('host-end', 'name', 'the host end of the server', (seen) => lastRoute(seen)?.out),
    ],
    belief: {
      predicts: 'from the podCIDR',
      blank: 'block',
      answer: ({ lab, trace }) => podCidrOf(lab, routersOf(trace).at(-1)),
    },
    hints: [
      'A node has a route for each block of another node.',
      'On the first node: `ip route`; in the pod: `ip addr`; `calicoctl ipam show --show-blocks`.',
      'Blocks are /26: the address with its last six bits cleared.',
    ],
  },
  {
    name: 'cross-subnet-all',
    claim: 'CrossSubnet encapsulates everything between nodes.',
    truth:
      'It encapsulates between nodes of different subnets, and nothing else. Within a subnet packets cross the wire with the addresses of pods, and the network must let these pass.',
    why: 'A cloud that checks source addresses drops just the pairs that are near each other, which surprises everybody.',
    source:
      'failures F06 and F09; Calico `felix/calc/l3_route_resolver.go`; Calico documentation “Overlay networking”, “Configure IP in IP encapsulation for only cross subnet traffic”',
    choices: ['through a tunnel', 'as it is'],
    chosen: ({ trace }) => (hopsOf(trace, 'encap').length > 0 ? 'through a tunnel' : 'as it is'),
    plan: (ground, draw) => {
      const mode = draw.pick(['ipipMode', 'vxlanMode'])
      return {
        ...pairOf(ground, { pool: `${mode}: CrossSubnet, natOutgoing: true` }),
        question: `${ground.nodes[0].name} and ${ground.nodes[1].name} are in one subnet, and the pool says ${mode}: CrossSubnet. How does a ping from default/${ground.pods[0]} to default/${ground.pods[1]} cross the wire?`,
        truth: ({ trace }) => `${routeOn(trace, ground.nodes[0].name)}. ${trace.summary}`,
      }
    },
    blanks: [
      blank('source', 'address', 'the IP source on the wire between the two nodes', ({ trace }) =>
        sourceFrom(trace, routersOf(trace)[0], 'request'),
      ),
      blank('via', 'address', 'the next hop that CrossSubnet chose on the first node', (seen) => firstRoute(seen)?.via),
      blank('device', 'name', 'the device by which it leaves the first node', (seen) => firstRoute(seen)?.out),
    ],
    belief: {
      predicts: 'through a tunnel',
      blank: 'source',
      answer: ({ lab, trace }) => lab.endpoint(`node/${routersOf(trace)[0]}`).address,
    },
    hints: [
      'Compare the subnets of the two nodes.',
      'On the first node: `ip route`; between them: `tcpdump -ni eth0 icmp`.',
      'A route of CrossSubnet over eth0 has the other node as its next hop.',
    ],
  },
  {
    name: 'blackhole-route',
    claim: 'The node has a blackhole route for its own block: so its pods are unreachable.',
    truth:
      'The longest prefix wins, and every pod has a /32 route of its own. The blackhole catches what is for addresses of the block that no pod has, so that it does not leave by the default route and come back.',
    why: 'Without it, a packet for a pod that is gone would go to the router, which sends it back to the node: a loop until the TTL is spent.',
    source: 'failure F44; Calico `felix/routetable/defs.go`; RFC 1812 section 5.2.4.3 (longest match)',
    plan: (ground) => {
      const [, b] = ground.nodes
      return {
        ...pairOf(ground),
        question: `\`ip route\` on ${b.name} shows \`blackhole\` with the block of default/${ground.pods[1]}. Is a ping to the pod answered?`,
        truth: ({ trace, ok }, lab) => {
          const blackhole = lab
            .sh(b.name, 'ip route')
            .stdout.split('\n')
            .find((line) => line.startsWith('blackhole'))
          return `It is ${ok ? 'answered' : 'lost'}: ${b.name} has “${blackhole?.trim()}” and uses ${routeOn(trace, b.name)}, which is longer.`
        },
      }
    },
    blanks: [
      blank('winner', 'prefix', 'the route that wins on the second node', (seen) => winnerOf(lastRoute(seen))),
      blank(
        'loser',
        'prefix',
        'the blackhole that loses',
        (seen) => lastRoute(seen)?.candidates.find(({ text }) => text.startsWith('blackhole'))?.prefix,
      ),
      blank('device', 'name', 'the device of the winner', (seen) => lastRoute(seen)?.out),
    ],
    belief: {
      predicts: 'it is not',
      blank: 'winner',
      answer: (seen) => lastRoute(seen)?.candidates.find(({ text }) => text.startsWith('blackhole'))?.prefix,
    },
    hints: [
      'Of all routes that contain the destination the longest prefix wins, in whatever order they stand.',
      'On the second node: `ip route get ADDRESS`, `ip route`.',
      'A single address is a /32; a block is a /26.',
    ],
  },
  {
    name: 'asymmetric',
    claim: 'The answer must come back the way the request went, else it is dropped.',
    truth:
      'IP routes each packet by its destination: nothing requires the way back to be the way there. It breaks where somebody keeps state of one direction: a firewall, NAT, or a strict rp_filter.',
    why: 'Calico checks the reverse path for what comes from pods. What comes from the network is let through by the way it takes, so half a change of encapsulation may go unnoticed.',
    source: 'failures F10 and F48; Calico `felix/dataplane/linux/endpoint_mgr.go`; RFC 3704 section 2.2',
    plan: (ground, draw) => {
      const [a, b] = ground.nodes
      const address = `${ground.pool.split('.').slice(0, 2).join('.')}.${draw.int(1, 250)}.${draw.int(2, 60)}`
      return {
        ...pairOf(ground, { server: { annotations: `cni.projectcalico.org/ipAddrs: '["${address}"]'` } }),
        changes: [
          `${b.name}$ ip route add default via ${a.address} dev eth0 table 100`,
          `${b.name}$ ip rule add from ${address} lookup 100 pref 100`,
        ],
        question: `${a.name} sends to other nodes through tunl0. Somebody made ${b.name} send what comes from default/${ground.pods[1]}, ${address}, without the tunnel. Is a ping from default/${ground.pods[0]} to it answered?`,
        truth: ({ trace, ok }) => {
          const ways = ['request', 'reply'].map((role) => {
            const ids = new Set(trace.packets.filter((one) => one.role === role).map(({ id }) => id))
            const encap = hopsOf(trace, 'encap').find(({ packet }) => ids.has(packet))
            return `the ${role} ${encap === undefined ? 'as it is' : `through ${encap.tunnel}`}`
          })
          return `It is ${ok ? 'answered' : 'lost'}: ${ways.join(', ')}. ${trace.summary}`
        },
      }
    },
    blanks: [
      blank('outer', 'address', 'the IP source of the request, between the nodes', (seen) => encapOf(seen)?.source),
      blank('back', 'address', 'the IP source of the reply, between the nodes', ({ trace }) =>
        sourceFrom(trace, routersOf(trace).at(-1), 'reply'),
      ),
      blank('device', 'name', 'the device by which the second node sends the reply', ({ trace }) => {
        const second = routersOf(trace).at(-1)
        const replies = new Set(trace.packets.filter(({ role }) => role === 'reply').map(({ id }) => id))
        return hopsOf(trace, 'route', second).find(
          ({ packet, direction }) => replies.has(packet) && direction === 'input',
        )?.out
      }),
    ],
    belief: {
      predicts: 'it is not',
      blank: 'back',
      answer: (seen) => encapOf(seen)?.destination,
    },
    hints: [
      'Look at both directions between the nodes.',
      'On the second node: `ip rule`, `ip route show table 100`, `tcpdump -ni eth0`.',
      'A rule comes before the main table: the reply does not see the route over tunl0.',
    ],
  },
]
