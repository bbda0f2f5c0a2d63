import type { Interface } from '../../model/index.ts'
import { hopsOf } from '../../trace/index.ts'
import { encapOf, firstRoute, lastRoute, lossOf, requestOf, routeOn, routersOf, type Seen, winnerOf } from '../seen.ts'
import { blank } from '../tasks/task.ts'
import { fileOf, lanText, nodeText, podText, poolText } from '../written.ts'
import { type MisconceptionRow, pairOf } from './row.ts'

/** The MAC address of every host end. */
const HOST_END = 'ee:ee:ee:ee:ee:ee'

/** How many interfaces there are that fulfil something, in the whole cluster or on one machine. */
function interfaces({ lab }: Pick<Seen, 'lab'>, is: (one: Interface) => boolean, on?: string): number {
  const machines = Object.values(lab.network.namespaces).filter(({ name }) => on === undefined || name === on)
  return machines.flatMap(({ interfaces: all }) => Object.values(all)).filter(is).length
}

/** TTL of the request as the server gets it. */
function arrivedTtl({ trace, lab, to }: Seen): number | undefined {
  const frame = hopsOf(trace, 'rx', lab.endpoint(to).netns).find(({ packet }) => packet === requestOf(trace))
  return frame === undefined ? undefined : Number.parseInt(frame.bytes.slice(2 * TTL_OFFSET, 2 * TTL_OFFSET + 2), 16)
}

/** Where an Ethernet frame has the TTL of IPv4. */
const TTL_OFFSET = 14 + 8

/** What people believe of links and addresses. */
export const LINKS: readonly MisconceptionRow[] = [
  {
    name: 'gateway-exists',
    claim: '169.254.1.1, the gateway of every pod, must exist somewhere.',
    truth:
      'Nobody has that address: the host end of the pod answers ARP for it in its place (proxy_arp), with its own MAC address. The pod needs a MAC address to send to, nothing more.',
    why: 'A pod sends everything to one next hop, and only the MAC address of a next hop ends up in a frame. The node answers for any address that it has a route to by another device, so a node without a default route stays silent.',
    source:
      'failure F45; Calico `cni-plugin/pkg/dataplane/linux/dataplane_linux.go`; Calico FAQ “Why does my container have a route to 169.254.1.1?”',
    choices: ['an interface of the node has it', 'a router has it', 'nobody has it'],
    chosen: ({ lab, trace }) => {
      const owners = Object.values(lab.network.namespaces).filter(({ interfaces }) =>
        Object.values(interfaces).some(({ addresses }) => addresses.some(({ local }) => local === '169.254.1.1')),
      )
      const isNode = owners.some(({ name }) => trace.nodes.some((node) => node.name === name && node.role === 'node'))
      return owners.length === 0 ? 'nobody has it' : isNode ? 'an interface of the node has it' : 'a router has it'
    },
    plan: (ground) => ({
      ...pairOf(ground),
      question: `Who has the address 169.254.1.1, to which default/${ground.pods[0]} sends everything?`,
      truth: ({ trace }) => {
        const arp = hopsOf(trace, 'arp').find(({ target, answered }) => target === '169.254.1.1' && answered)
        return `${arp?.netns} answers on ${arp?.dev}: ${arp?.reason}.`
      },
    }),
    blanks: [
      blank('owners', 'number', 'how many interfaces of the cluster have the address', (seen) =>
        interfaces(seen, ({ addresses }) => addresses.some(({ local }) => local === '169.254.1.1')),
      ),
      blank(
        'node',
        'name',
        'the machine that answers the ARP request',
        ({ trace }) => hopsOf(trace, 'arp').find(({ target, answered }) => target === '169.254.1.1' && answered)?.netns,
      ),
      blank(
        'device',
        'name',
        'the device on which it answers',
        ({ trace }) => hopsOf(trace, 'arp').find(({ target, answered }) => target === '169.254.1.1' && answered)?.dev,
      ),
      blank(
        'mac',
        'mac',
        'the MAC address it answers with',
        ({ trace }) =>
          hopsOf(trace, 'neighbour').find(({ address, lladdr }) => address === '169.254.1.1' && lladdr !== '')?.lladdr,
      ),
    ],
    belief: { predicts: 'an interface of the node has it', blank: 'owners', answer: () => 1 },
    hints: [
      'Follow the ARP request out of the pod: it arrives at one device alone.',
      'On every machine and in every pod: `ip addr`; on the node: `tcpdump -eni cali… arp`, `sysctl net.ipv4.conf.cali….proxy_arp`.',
      'Proxy ARP needs no address of its own. The device that answers is the one the route to the pod leads to.',
    ],
  },
  {
    name: 'equal-macs',
    claim: 'All cali… devices have the MAC address ee:ee:ee:ee:ee:ee. That must be an error.',
    truth:
      'A MAC address must be unique on its link, and each cali… is one end of a link of its own. No bridge joins them, so nobody ever sees two of them.',
    why: 'Pods keep the MAC address of their gateway in the ARP cache: with the same one on every node a pod may move without a stale entry.',
    source:
      'Calico `cni-plugin/pkg/dataplane/linux/dataplane_linux.go`; Calico FAQ “Why do all cali* interfaces have the MAC address ee:ee:ee:ee:ee:ee?”; RFC 826 “Packet Reception”',
    plan: ({ nodes: [a], pods: [client, server], pool }) => ({
      files: [
        fileOf('cluster.yaml', [
          nodeText(a),
          podText(client, a.name),
          podText(server, a.name),
          poolText(pool, 'natOutgoing: true'),
        ]),
      ],
      from: `default/${client}`,
      to: `default/${server}`,
      ask: { kind: 'ping' },
      question: `The host ends of default/${client} and default/${server} have the same MAC address. Is a ping between them answered?`,
      truth: ({ trace, ok }, lab) => {
        const devices = Object.values(lab.network.namespaces[a.name]?.interfaces ?? {}).filter(
          ({ mac }) => mac === 'ee:ee:ee:ee:ee:ee',
        )
        return `${devices.length} devices of ${a.name} have it (${devices.map(({ name }) => name).join(', ')}), and the ping is ${ok ? 'answered' : 'lost'}: ${routeOn(trace, a.name)} decides, not a MAC address.`
      },
    }),
    blanks: [
      blank('mac', 'mac', 'the MAC address to which the node sends the request', ({ trace }) => {
        const out = lastRoute({ trace })?.out
        return hopsOf(trace, 'neighbour').find(({ dev, lladdr }) => dev === out && lladdr !== '')?.lladdr
      }),
      blank('equal', 'number', 'how many devices of the node have the MAC address ee:ee:ee:ee:ee:ee', (seen) =>
        interfaces(seen, ({ mac }) => mac === HOST_END, routersOf(seen.trace)[0]),
      ),
      blank('ends', 'name', 'the device by which the node reaches the server', (seen) => lastRoute(seen)?.out),
    ],
    belief: { predicts: 'it is not', blank: 'mac', answer: () => HOST_END },
    hints: [
      'Each cable has two ends: whose MAC address is at the other one?',
      'On the node: `ip link`, `ip route`, `ip neigh`.',
      'The neighbour entry of the device that the route leads to has the MAC address of the pod’s own eth0.',
    ],
  },
  {
    name: 'bridge-between-pods',
    claim: 'Pods of one node talk over a bridge, docker0 or cni0.',
    truth:
      'Calico makes no bridge: the node routes between its pods, with a /32 route for each, and takes one off the TTL. A docker0 that is there has nothing to do with it.',
    why: 'That is why policy works between pods of one node, and why their ARP never leaves their own link.',
    source:
      'failure F43; Calico `cni-plugin/pkg/dataplane/linux/dataplane_linux.go`, `felix/dataplane/linux/endpoint_mgr.go`',
    choices: ['bridged', 'routed'],
    chosen: ({ trace }) =>
      hopsOf(trace, 'forward').length > 0 && hopsOf(trace, 'bridge').length === 0 ? 'routed' : 'bridged',
    plan: ({ nodes: [a], pods: [client, server], pool, lan, gateway }) => ({
      files: [
        fileOf('cluster.yaml', [
          nodeText(a),
          podText(client, a.name),
          podText(server, a.name),
          poolText(pool, 'natOutgoing: true'),
        ]),
        fileOf('underlay.yaml', [
          `# The machine also has a docker0.\napiVersion: packetwalk/v1\nkind: Underlay\nmetadata: {name: wires}\nspec:\n  segments:\n  - {name: lan, cidr: ${lan}, gateway: ${gateway}}\n  nodes:\n  - name: ${a.name}\n    interfaces:\n    - {name: eth0, segment: lan, address: ${a.address}/24}\n    - {name: docker0, kind: bridge, address: 172.17.0.1/16}`,
        ]),
      ],
      from: `default/${client}`,
      to: `default/${server}`,
      ask: { kind: 'ping' },
      question: `${a.name} has a docker0. Is the ping from default/${client} to default/${server}, both on ${a.name}, bridged or routed?`,
      truth: ({ trace }) => {
        const hop = hopsOf(trace, 'forward', a.name)[0]
        return `Routed: ${hop?.reason}; ${routeOn(trace, a.name)}. No bridge saw the packet.`
      },
    }),
    blanks: [
      blank('ttl', 'number', 'the TTL with which the request arrives at the server', arrivedTtl),
      blank('prefix', 'prefix', 'the range of the route that the node uses for it', (seen) =>
        winnerOf(lastRoute(seen)),
      ),
      blank(
        'in',
        'name',
        'the device of the node by which the request comes in',
        ({ trace }) => hopsOf(trace, 'rx', routersOf(trace)[0]).find(({ line }) => line.includes('echo request'))?.dev,
      ),
    ],
    belief: { predicts: 'bridged', blank: 'ttl', answer: () => 64 },
    hints: [
      'A bridge leaves an IP packet as it is, a router does not.',
      'On the node: `ip route get ADDRESS`, `bridge link`; in the server: `tcpdump -vni eth0 icmp`.',
      'A router takes one off the TTL of 64. The route to a pod of the node is for its address alone.',
    ],
  },
  {
    name: 'zero-and-255',
    claim: '.0 and .255 of a block cannot be used: they are network and broadcast address.',
    truth:
      'A block is no subnet: pods have /32 addresses, so there is no network and no broadcast address in it. Calico gives .0 and .255 to pods like any other address.',
    why: 'Network and broadcast addresses exist where an interface has a prefix shorter than /31. Some firewalls outside take them for broadcasts all the same.',
    source: 'Calico `libcalico-go/lib/ipam/ipam_block.go`; RFC 3021 section 2.1; RFC 919 section 7',
    plan: (ground, draw) => {
      const net = ground.pool.split('.').slice(0, 2).join('.')
      const [zero, full] = draw.some([draw.int(1, 120), draw.int(121, 250)], 2) as [number, number]
      const fixed = (address: string): string => `cni.projectcalico.org/ipAddrs: '["${address}"]'`
      return {
        ...pairOf(ground, {
          client: { annotations: fixed(`${net}.${zero}.0`) },
          server: { annotations: fixed(`${net}.${full}.255`) },
        }),
        question: `default/${ground.pods[0]} has ${net}.${zero}.0, default/${ground.pods[1]} has ${net}.${full}.255. Is a ping from the one to the other answered?`,
        truth: ({ trace, ok }) => `It is ${ok ? 'answered' : 'lost'}. ${trace.summary}`,
      }
    },
    blanks: [
      blank('block', 'number', 'how many addresses of the server’s block Calico gives to pods', blockSize),
      blank('prefix', 'prefix', 'the block of the server, as the first node has a route to it', (seen) =>
        winnerOf(firstRoute(seen)),
      ),
      blank('destination', 'address', 'the outer destination of the ping', (seen) => encapOf(seen)?.destination),
    ],
    belief: { predicts: 'it is not', blank: 'block', answer: () => 62 },
    hints: [
      'Network and broadcast address are those of a subnet: look for an interface that has one.',
      'In the pods: `ip addr`; on the nodes: `ip route`; `calicoctl ipam show --show-blocks`.',
      '.255 is the last address of the block that begins at .192, and it is given away like the others.',
    ],
  },
  {
    name: 'ping-proves-mtu',
    claim: 'Ping works, so the MTU is fine.',
    truth:
      'A ping of 56 bytes fits everywhere. A connection opens, with small segments, and hangs at the first full one: where the link drops it in silence, the sender is never told.',
    why: 'Path MTU discovery needs an ICMP message from whoever drops. A switch sends none: it is no router.',
    source:
      'failures F15 and F17; Calico `felix/dataplane/linux/int_dataplane.go`; RFC 1191 section 4, RFC 2923 section 2.1',
    choices: ['both', 'the ping alone', 'the transfer alone', 'neither'],
    chosen: ({ lab, from, to, run }) => {
      const ping = isPingAnswered(lab, from, to)
      if (run.ok) return ping ? 'both' : 'the transfer alone'
      return ping ? 'the ping alone' : 'neither'
    },
    plan: (ground, draw) => {
      const mtu = draw.int(1360, 1440)
      const port = draw.int(8000, 8999)
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
              `, mtu: ${mtu}`,
              `The cards of the nodes say 1500, the network between them carries ${mtu} bytes.`,
            ),
          ]),
        ],
        ask: { kind: 'tcp', port, request: 3000 },
        question: `default/${ground.pods[0]} pings default/${ground.pods[1]}, then sends it 3000 bytes to TCP ${port}. Which of the two comes to its end?`,
        truth: ({ trace }, lab) => {
          const loss = lossOf(trace)?.hop
          return `The ping is ${isPingAnswered(lab, plan.from, plan.to) ? 'answered' : 'lost'}. The transfer loses every full segment at ${loss?.netns} ${loss?.dev}: ${loss?.reason}.`
        },
      }
    },
    blanks: [
      blank(
        'machine',
        'name',
        'the machine whose wire the full segments do not pass',
        ({ trace }) => lossOf(trace)?.hop.netns,
      ),
      blank('lost', 'address', 'the outer source of the packets that are lost', (seen) => encapOf(seen)?.source),
      blank('size', 'number', 'the largest `ping -s` that passes between the pods', ({ lab, from, to }) =>
        largestPing(lab, from, to),
      ),
    ],
    belief: { predicts: 'both', blank: 'size', answer: () => 1500 - 20 - 28 },
    hints: [
      'Small packets pass, large ones do not: find the size between the two.',
      'In the pod: `ping -M do -s SIZE`; on the nodes: `tcpdump -ni eth0 ip proto 4`.',
      'The MTU of the network, less 20 of the outer IP header, less 28 of IP and ICMP.',
    ],
  },
]

/** Addresses of the server’s block, as `calicoctl ipam show` counts them. */
function blockSize({ trace, lab }: Seen): number | undefined {
  const block = winnerOf(firstRoute({ trace }))
  const rows = lab.sh(routersOf(trace)[0] ?? '', 'calicoctl ipam show --show-blocks').stdout.split('\n')
  const count = rows.find((line) => block !== undefined && line.includes(` ${block} `))?.split('|')[3]
  return count === undefined ? undefined : Number(count)
}

/** Whether the program got its answer; what is repeated in the background at that time does not count. */
function isPingAnswered(lab: Seen['lab'], from: string, to: string, size = 56): boolean {
  return lab.ping(from, to, { size, pmtudisc: 'do', linger: 1 }).exitCode === 0
}

/** The largest ping that is answered, by halving. */
function largestPing(lab: Seen['lab'], from: string, to: string): number {
  let [low, high] = [56, 1472]
  while (low < high) {
    const size = Math.ceil((low + high) / 2)
    if (isPingAnswered(lab, from, to, size)) low = size
    else high = size - 1
  }
  return low
}
