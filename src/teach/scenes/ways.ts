import { hopsOf } from '../../trace/index.ts'
import type { Ground } from '../ground.ts'
import { pairPlan } from '../pair.ts'
import type { SceneRow } from '../plan.ts'
import { addedBytes, routeOn, routersOf } from '../seen.ts'
import { fileOf, nodeText, objectText, podText, poolText } from '../written.ts'

const MACHINES = 'Two machines on one Ethernet. Calico finds their addresses here.'

/** Two nodes, a pod on each, and a pool: what lies between them says `spec`. */
function across(ground: Ground, spec: string, comment: string): ReturnType<typeof pairPlan> {
  return pairPlan(ground, [poolText(ground.pool, spec, comment)], {
    comment: MACHINES,
    client: { comment: 'A pod on each. Addresses come from the pool below.' },
  })
}

/** Pods of one node. */
export const SAME_NODE: SceneRow = {
  name: 'same-node',
  title: 'Two pods of one node',
  summary: 'The node is a router between its pods: no bridge, no tunnel, one route for each pod.',
  shows: ['169.254.1.1 and proxy ARP', 'a /32 route for each pod', 'the host end of a pod: cali…', 'TTL 63'],
  plan: ({ nodes: [a], pods: [client, server], pool }) => ({
    files: [
      fileOf('cluster.yaml', [
        nodeText(a, 4, 'One machine.'),
        podText(client, a.name, { comment: 'Two pods on it.' }),
        podText(server, a.name),
        poolText(pool, 'natOutgoing: true', 'Where pods get their addresses from.'),
      ]),
    ],
    from: `default/${client}`,
    to: `default/${server}`,
    ask: { kind: 'ping' },
    question: `Which route on ${a.name} brings the packet to default/${server}, and how many routers does it cross?`,
    truth: ({ trace }) => {
      return `${a.name} is the only router of ${routersOf(trace).length}: it uses ${routeOn(trace, a.name)}. ${trace.summary}`
    },
  }),
}

/** No encapsulation. */
export const NO_ENCAPSULATION: SceneRow = {
  name: 'no-encapsulation',
  title: 'Across nodes, as it is',
  summary: 'The packet crosses the wire with the addresses of the pods; the other node is its next hop.',
  shows: ['routes that BIRD learned', 'pod addresses on the wire', 'why the network must let them pass'],
  plan: (ground) => {
    const [a, b] = ground.nodes
    return {
      ...across(
        ground,
        'ipipMode: Never, vxlanMode: Never, natOutgoing: true',
        'No tunnel: packets leave as pods sent them.',
      ),
      question: `What is the next hop on ${a.name}, and which addresses does a switch between the nodes see?`,
      truth: ({ trace }) =>
        `${a.name} uses ${routeOn(trace, a.name)}: the next hop is ${b.name}, ${b.address}, and nothing is put around the packet. ${trace.summary}`,
    }
  },
}

/** A scene of a tunnel. */
function tunnelled(
  tunnel: string,
  kind: string,
  title: string,
  rest: Omit<SceneRow, 'name' | 'title' | 'plan'> & {
    readonly spec: string
    readonly comment: string
    readonly more?: readonly string[]
  },
): SceneRow {
  const { spec, comment, more = [], ...words } = rest
  return {
    name: tunnel,
    title,
    ...words,
    plan: (ground) => {
      const plan = across(ground, spec, comment)
      const [a, b] = ground.nodes
      const [cluster] = plan.files as readonly [{ readonly name: string; readonly text: string }]
      return {
        ...plan,
        files: [cluster, ...more.map((text, i) => fileOf(i === 0 ? 'settings.yaml' : `settings-${i}.yaml`, [text]))],
        question: `By which device does the packet leave ${a.name} first, and from and to which addresses does it cross the wire?`,
        truth: ({ trace }) => {
          const encap = hopsOf(trace, 'encap', a.name)[0]
          return `${a.name} uses ${routeOn(trace, a.name)}. ${kind} adds ${addedBytes({ trace })} bytes: outside it is ${encap?.source} > ${encap?.destination}, ${a.name} to ${b.name}; inside nothing changes but the TTL. ${trace.summary}`
        },
      }
    },
  }
}

/** IPIP. */
export const IPIP: SceneRow = tunnelled('ipip', 'IPIP', 'Across nodes, through IPIP', {
  summary: 'The node puts an IPv4 header of its own in front: 20 bytes, protocol 4, node to node.',
  shows: ['tunl0', 'two IPv4 headers', 'protocol 4, which some clouds drop', '20 bytes less for the pod'],
  spec: 'ipipMode: Always, natOutgoing: true',
  comment: 'Always: every packet to a pod of another node goes through IPIP.',
})

/** VXLAN. */
export const VXLAN: SceneRow = tunnelled('vxlan', 'VXLAN', 'Across nodes, through VXLAN', {
  summary: 'The node puts the packet into an Ethernet frame, and that into UDP to port 4789 of the other node.',
  shows: ['vxlan.calico', 'VTEP addresses and their MACs', 'UDP 4789, VNI 4096', '50 bytes less for the pod'],
  spec: 'vxlanMode: Always, natOutgoing: true',
  comment: 'Always: every packet to a pod of another node goes through VXLAN.',
})

/** WireGuard. */
export const WIREGUARD: SceneRow = tunnelled('wireguard', 'WireGuard', 'Across nodes, encrypted by WireGuard', {
  summary: 'A rule of the node sends packets to pods elsewhere to a table of its own, and that to wireguard.cali.',
  shows: [
    'wireguard.cali and its routing table',
    'allowed IPs: a peer for each block',
    'UDP 51820',
    'what is encrypted',
  ],
  spec: 'natOutgoing: true',
  comment: 'No tunnel of the pool: WireGuard is a setting of Felix.',
  more: [
    objectText(
      ['projectcalico.org/v3', 'FelixConfiguration'],
      'name: default',
      'wireguardEnabled: true',
      'Felix makes a key for each node, and tells the others.',
    ),
  ],
})

/** Encapsulation only where it is needed. */
export const CROSS_SUBNET: SceneRow = {
  name: 'cross-subnet',
  title: 'CrossSubnet: a tunnel only between subnets',
  summary: 'Nodes of one subnet send packets as they are; to another subnet they put them into a tunnel.',
  shows: ['a route over eth0 and one over a tunnel, side by side', 'what decides: the subnets of the nodes'],
  plan: ({ nodes: [a, b], far: [c], pods, pool }, draw) => {
    const [client, near, server] = pods
    const mode = draw.pick(['ipipMode', 'vxlanMode'])
    return {
      files: [
        fileOf('cluster.yaml', [
          nodeText(a, 4, 'Two machines in one subnet, the third in another; a router joins the two.'),
          nodeText(b),
          nodeText(c),
          podText(client, a.name),
          podText(near, b.name),
          podText(server, c.name),
          poolText(pool, `${mode}: CrossSubnet, natOutgoing: true`, 'CrossSubnet: a tunnel where it is needed.'),
        ]),
      ],
      from: `default/${client}`,
      to: `default/${server}`,
      ask: { kind: 'ping' },
      question: `From default/${client} on ${a.name}: which of default/${near} (${b.name}) and default/${server} (${c.name}) is reached through a tunnel, and why?`,
      truth: ({ trace }, lab) => {
        const direct = lab.ping(`default/${client}`, `default/${near}`).trace
        return `To ${b.name}, in the same subnet: ${routeOn(direct, a.name)}. To ${c.name}, ${c.address}, behind a router: ${routeOn(trace, a.name)}. The router knows no pods, so it gets packets between nodes only.`
      },
    }
  },
}
