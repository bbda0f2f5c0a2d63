import { hopsOf } from '../../trace/index.ts'
import { encapOf, firstRoute, lastRoute, routeOn, type Seen, winnerOf } from '../seen.ts'
import { blank } from '../tasks/task.ts'
import { fileOf, nodeText, podText, poolText } from '../written.ts'
import { type MisconceptionRow, pairOf } from './row.ts'

/** How often the server's node has the server's address still, as `ip -br addr` prints it in the pod. */
const ownAddress = ({ lab, to }: Seen): string | undefined =>
  /inet ([\d.]+)/.exec(lab.sh(to, 'ip -4 addr show dev eth0').stdout)?.[1]

/** What people believe of pools and blocks over time. */
export const LIFECYCLE: readonly MisconceptionRow[] = [
  {
    name: 'pool-mode-change',
    claim: 'Another ipipMode or vxlanMode of a pool is for new pods: existing pods stay as they are.',
    truth:
      'The mode is a property of routes between nodes, not of pods. All nodes change their routes for all blocks of the pool, under the traffic of pods that were there before.',
    why: 'What stays as it was is the MTU of existing pods: it is set when they are made.',
    source:
      'failures F10 and F16; Calico `felix/dataplane/linux/ipip_mgr.go`, `felix/dataplane/linux/vxlan_mgr.go`; docs/what-happens-when.md “… the encapsulation of a pool is changed under traffic”',
    choices: ['through IPIP', 'through VXLAN'],
    chosen: ({ trace }) => (encapOf({ trace })?.tunnel === 'vxlan' ? 'through VXLAN' : 'through IPIP'),
    plan: (ground) => ({
      ...pairOf(ground),
      prepare: (lab) => {
        lab.apply(poolText(ground.pool, 'ipipMode: Never, vxlanMode: Always, natOutgoing: true'))
      },
      question: `The pods run. Then the pool changes from ipipMode: Always to vxlanMode: Always, and no pod is restarted. How does a ping from default/${ground.pods[0]} to default/${ground.pods[1]} get there?`,
      truth: ({ trace }) => `${routeOn(trace, ground.nodes[0].name)}. ${trace.summary}`,
    }),
    blanks: [
      blank('via', 'address', 'its next hop, on the first node', (seen) => firstRoute(seen)?.via),
      blank('device', 'name', 'the device of the route after the change', (seen) => firstRoute(seen)?.out),
      blank('destination', 'address', 'the outer destination', (seen) => encapOf(seen)?.destination),
    ],
    belief: { predicts: 'through IPIP', blank: 'device', answer: () => 'tunl0' },
    hints: [
      'Which objects does the mode belong to: pods, or routes?',
      'On the first node: `ip route`, `ip -d link show vxlan.calico`.',
      'The next hop of a VXLAN route is the address of the other node’s vxlan.calico.',
    ],
  },
  {
    name: 'block-size',
    claim: 'A block has 64 addresses, so a node can have 64 pods.',
    truth:
      'A node takes another block of the pool when one is full, as many as it needs. What limits it is the pool (and with strictAffinity, blocks that are free); each block is one more route on every other node.',
    why: 'When no whole block is left, a node borrows single addresses from blocks of others, as /32 routes.',
    source: 'failures F30 and F31; Calico `libcalico-go/lib/ipam/ipam.go`, `libcalico-go/lib/ipam/ipam_block.go`',
    plan: ({ nodes: [a, b], pods: [client, server], pool }, draw) => {
      const count = draw.int(6, 9)
      const names = Array.from({ length: count }, (_, i) => `${server}-${i}`)
      return {
        files: [
          fileOf('cluster.yaml', [
            nodeText(a),
            nodeText(b),
            podText(client, a.name),
            ...names.map((name) => podText(name, b.name)),
            poolText(
              pool,
              'blockSize: 30, ipipMode: Always, natOutgoing: true',
              'Small blocks, so that few pods show it: /30, four addresses.',
            ),
          ]),
        ],
        from: `default/${client}`,
        to: `default/${names.at(-1)}`,
        ask: { kind: 'ping' },
        question: `A block has four addresses, and ${count} pods run on ${b.name}. Is a ping to the last one answered?`,
        truth: ({ trace, ok }, lab) => {
          const routes = lab.sh(a.name, 'ip route').stdout.match(/^\S+\/30 via .*$/gm) ?? []
          return `It is ${ok ? 'answered' : 'not answered'}: ${a.name} has ${routes.length} routes to ${b.name}, one for each block, and uses ${routeOn(trace, a.name)}.`
        },
      }
    },
    blanks: [
      blank('prefix', 'prefix', 'the block of the last pod', (seen) => winnerOf(firstRoute(seen))),
      blank('blocks', 'number', 'how many blocks of the second node the first has routes to', ({ lab, trace }) => {
        const node = hopsOf(trace, 'forward')[0]?.netns ?? ''
        return lab.sh(node, 'ip route').stdout.match(/^\S+\/30 via .*$/gm)?.length
      }),
      blank('device', 'name', 'the host end of the last pod', (seen) => lastRoute(seen)?.out),
    ],
    belief: { predicts: 'it is not', blank: 'blocks', answer: () => 1 },
    hints: [
      'One block is full: what does IPAM do?',
      'On the first node: `ip route`; `calicoctl ipam show --show-blocks`.',
      'Each block is one route; the tunnel takes an address of the first block, too.',
    ],
  },
  {
    name: 'pool-deleted',
    claim: 'Deleting a pool takes the addresses from running pods.',
    truth:
      'Running pods keep the address on their eth0: nobody touches a pod. What goes is the routes of other nodes to its block, so it is cut off from other nodes and goes on talking on its own.',
    why: 'Disable a pool first, move the pods, and delete it when nothing has an address of it.',
    source:
      'failure F28; Calico `libcalico-go/lib/ipam/ipam.go`, `libcalico-go/lib/clientv3/ippool.go`; Calico documentation “Migrate from one IP pool to another”',
    choices: [
      'the address is gone',
      'the address stays, and it is reached',
      'the address stays, and it is not reached',
    ],
    chosen: (seen) => {
      if (ownAddress(seen) === undefined) return 'the address is gone'
      return seen.run.ok ? 'the address stays, and it is reached' : 'the address stays, and it is not reached'
    },
    plan: (ground) => {
      const plan = pairOf(ground)
      const [a, b] = ground.nodes
      return {
        ...plan,
        prepare: (lab) => {
          lab.delete({ kind: 'IPPool', name: 'pods' })
        },
        question: `The pool is deleted while default/${ground.pods[1]} runs on ${b.name}. Has the pod its address still, and does a ping from ${a.name}’s default/${ground.pods[0]} reach it?`,
        truth: ({ trace, ok }, lab) => {
          const address = /inet ([\d.]+)/.exec(lab.sh(plan.to, 'ip -4 addr show dev eth0').stdout)?.[1]
          return `The pod has ${address} still. The ping is ${ok ? 'answered' : 'not answered'}: ${a.name} uses ${routeOn(trace, a.name)}.`
        },
      }
    },
    blanks: [
      blank(
        'count',
        'number',
        'how many IPv4 addresses eth0 of the server has, after it',
        ({ lab, to }) => lab.sh(to, 'ip -4 addr show dev eth0').stdout.match(/inet /g)?.length ?? 0,
      ),
      blank('address', 'address', 'the address on eth0 of the server, after it', ownAddress),
      blank('via', 'address', 'the next hop the first node takes for it now', (seen) => firstRoute(seen)?.via),
      blank('device', 'name', 'the device by which it leaves the first node now', (seen) => firstRoute(seen)?.out),
    ],
    belief: { predicts: 'the address is gone', blank: 'count', answer: () => 0 },
    hints: [
      'What of a pool is on the nodes, and what is in the pod?',
      'In the pod: `ip addr`; on the first node: `ip route get ADDRESS`.',
      'Without a route to the block, the default route is what is left.',
    ],
  },
]
