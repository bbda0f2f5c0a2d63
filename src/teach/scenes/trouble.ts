import type { Draw } from '../draw.ts'
import type { Machine } from '../ground.ts'
import { pairPlan } from '../pair.ts'
import type { SceneRow } from '../plan.ts'
import { listed, routeOn } from '../seen.ts'
import { fileOf, nodeText, objectText, podText, poolText } from '../written.ts'

/** Bytes of the IP and ICMP headers of a ping. */
const PING_HEADERS = 28

/** The MTU. */
export const MTU: SceneRow = {
  name: 'mtu',
  title: 'The MTU',
  summary: 'A tunnel’s headers need room: a pod that believes in the MTU of the wire sends packets that do not fit.',
  shows: [
    'the MTU of the pod, of the tunnel, of the wire',
    'ICMP “fragmentation needed”, who sends it and what it says',
    'small pings that say nothing of it',
  ],
  plan: (ground, draw) => {
    const { lan, gateway, pool } = ground
    const [a, b] = ground.nodes
    const [client] = ground.pods
    const mtu = draw.pick([draw.int(1400, 1500), draw.int(8901, 9001)])
    const card = (node: Machine): string =>
      `  - {name: ${node.name}, interfaces: [{name: eth0, segment: lan, address: ${node.address}/24}]}`
    const pair = pairPlan(ground, [
      poolText(pool, 'vxlanMode: Always, natOutgoing: true', 'VXLAN takes 50 bytes of every packet.'),
      `# Somebody gave pods the MTU of the wire, and nothing is left for the tunnel.\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: calico-config, namespace: kube-system}\ndata: {veth_mtu: "${mtu}"}`,
    ])
    return {
      ...pair,
      files: [
        ...pair.files,
        fileOf('underlay.yaml', [
          `apiVersion: packetwalk/v1\nkind: Underlay\nmetadata: {name: wires}\nspec:\n  segments:\n  - {name: lan, cidr: ${lan}, gateway: ${gateway}, mtu: ${mtu}}\n  nodes:\n${card(a)}\n${card(b)}`,
        ]),
      ],
      ask: { kind: 'ping', size: mtu - PING_HEADERS, dontFragment: true },
      question: `A small ping is answered. Is one of ${mtu} bytes, as large as the MTU of default/${client}, and if not: who says so, and what is the largest that passes?`,
      truth: ({ trace }) => {
        const d = trace.disposition
        const said = d.kind === 'error' ? `${d.from} answers “${d.message}”` : `it ends as ${d.kind}`
        return `No: ${said}. ${mtu} − 50 = ${mtu - 50} bytes fit into the tunnel, so \`ping -M do -s ${mtu - 50 - PING_HEADERS}\` is the largest that passes.`
      },
    }
  },
}

/** Where routes come from. */
export const BGP: SceneRow = {
  name: 'bgp',
  title: 'Where routes come from: a route reflector',
  summary:
    'Nodes tell a reflector their blocks, and it tells the others; packets go past it, straight to the next hop.',
  shows: [
    'no mesh: one session a node',
    'a route that the reflector told, with the next hop of whoever has the block',
    'the reflector is not on the way',
  ],
  plan: ({ nodes: [a, b, reflector], pods: [client, server], pool }, draw) => ({
    files: [
      fileOf('cluster.yaml', [
        `# The reflector: a node with a cluster id, and a label by which the others find it.\napiVersion: v1\nkind: Node\nmetadata:\n  name: ${reflector.name}\n  labels: {reflector: "true"}\n  annotations: {projectcalico.org/RouteReflectorClusterID: 244.0.0.${draw.int(1, 250)}}\nstatus: {addresses: [{type: InternalIP, address: "${reflector.address}"}]}`,
        nodeText(a),
        nodeText(b),
        podText(client, a.name),
        podText(server, b.name),
        poolText(pool, 'natOutgoing: true', 'No tunnel: the routes are all there is.'),
        objectText(
          ['projectcalico.org/v3', 'BGPConfiguration'],
          'name: default',
          `nodeToNodeMeshEnabled: false, asNumber: ${draw.int(64512, 65500)}`,
          'No mesh.',
        ),
        objectText(
          ['projectcalico.org/v3', 'BGPPeer'],
          'name: to-the-reflector',
          'nodeSelector: all(), peerSelector: reflector == "true"',
          'Every node has a session with the reflector.',
        ),
      ]),
    ],
    from: `default/${client}`,
    to: `default/${server}`,
    ask: { kind: 'ping' },
    question: `Who tells ${a.name} the route to default/${server}, what is its next hop, and through which nodes does a packet go?`,
    truth: ({ trace }) => {
      const path = trace.packets.find(({ role }) => role === 'request')?.path ?? []
      const through = path.filter((one) => trace.nodes.some(({ name, role }) => name === one && role === 'node'))
      return `${reflector.name} tells it, and leaves the next hop as ${b.name} said it: ${routeOn(trace, a.name)}. The packet goes through ${listed(through)}, not through ${reflector.name}. ${trace.summary}`
    },
  }),
}

/** Time. */
export const THE_GAP: SceneRow = {
  name: 'the-gap',
  title: 'The gap: while a cluster changes',
  summary:
    'Each node follows a change in its own time: between the first and the last, one sends what the other refuses.',
  shows: [
    'two nodes of different opinion',
    'a request or reply that is lost meanwhile',
    'a timeline of who did what when',
  ],
  plan: (ground, draw) => {
    const { nodes, pods, pool } = ground
    const [a, b] = nodes
    const [client, server] = pods
    const [from, to] = draw.some(['ipipMode', 'vxlanMode'], 2)
    const change = poolText(pool, `${from}: Never, ${to}: Always, natOutgoing: true`)
    const late = draw.pick([a, b])
    const seed = draw.int(1, 1_000_000)
    return {
      ...pairPlan(ground, [
        poolText(pool, `${from}: Always, ${to}: Never, natOutgoing: true`, 'One tunnel now, another soon.'),
      ]),
      options: { delays: 'calico', seed },
      timeline: `# The other tunnel, under traffic: who is cut off, and for how long?\napiVersion: packetwalk/v1\nkind: Timeline\nmetadata: {name: the-gap}\nspec:\n  seed: ${seed}\n  until: 30s\n  probes:\n  - {name: pod to pod, ping: {from: default/${client}, to: default/${server}}, every: 50ms}\n  events:\n  # A rolling update: Felix of one node restarts at that very moment.\n  - {at: 5s, agent: {name: felix, node: ${late.name}, action: restart}}\n  - at: 5s\n    patch: {kind: IPPool, name: pods, with: {spec: {${from}: Never, ${to}: Always}}}\n`,
      ask: {
        kind: 'ping-while',
        events: [{ kind: 'agent', agent: 'felix', node: late.name, action: 'restart' }, change],
      },
      question: `The pool changes from ${from} to ${to}, and Felix on ${late.name} restarts at that moment. Is a ping from default/${client} to default/${server} lost meanwhile, and if so: on which node, and why?`,
      truth: ({ trace }) =>
        trace.ok ? 'No ping is lost: both nodes follow within one.' : `A ping is lost. ${trace.summary}`,
    }
  },
}

/** What somebody did to a machine: nothing in the objects shows it. */
function breakOf(draw: Draw, a: Machine, b: Machine): string {
  return draw.pick([
    `${a.name}$ sysctl -w net.ipv4.ip_forward=0`,
    `${b.name}$ sysctl -w net.ipv4.ip_forward=0`,
    `${a.name}$ ip link set tunl0 down`,
    `${b.name}$ ip link set tunl0 down`,
    `${b.name}$ iptables -I INPUT -p 4 -j DROP`,
    `${a.name}$ iptables -I INPUT -p 4 -j DROP`,
    `${a.name}$ iptables -I FORWARD -o tunl0 -j DROP`,
    `${b.name}$ iptables -I FORWARD -i tunl0 -j DROP`,
    `${b.name}$ iptables -I FORWARD -o tunl0 -j DROP`,
  ])
}

/** Something is broken. */
export const TROUBLESHOOTING: SceneRow = {
  name: 'troubleshooting',
  title: 'Something is broken',
  summary: 'The objects are right and a ping is lost: somebody changed a machine. Find which, and what.',
  shows: [
    'a packet followed from machine to machine',
    'the way there and the way back',
    'the command that confirms it',
  ],
  plan: (ground, draw) => {
    const [a, b] = ground.nodes
    const [client, server] = ground.pods
    return {
      ...pairPlan(ground, [poolText(ground.pool, 'ipipMode: Always, natOutgoing: true')]),
      changes: [breakOf(draw, a, b)],
      question: `A ping from default/${client} (${a.name}) to default/${server} (${b.name}) is not answered. Where is it lost, on the way there or back, and by what?`,
      truth: ({ trace }) => trace.summary,
    }
  },
}
