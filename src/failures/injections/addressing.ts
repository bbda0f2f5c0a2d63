import type { IPAMConfigResource, IPPoolResource, NodeResource } from '../../control/index.ts'
import { addressAt, contains, prefixLength } from '../../wire/index.ts'
import { betweenNodes, broken, ping, tcp, unharmed } from '../flows.ts'
import { apply, type Confirmation, type InjectionDraft, type } from '../injection.ts'
import { freeRange, nameFor, newPod } from '../made.ts'
import { addressOf, anyCrossing, chosen, crossing, lacks, podAt, podsByNode, type Situation } from '../situation.ts'
import { cardOf, underlayOf } from '../underlay-edit.ts'

const ADDRESS = 'projectcalico.org/IPv4Address'

/** A Node with an annotation changed. */
function annotated({ cluster }: Situation, name: string, key: string, value: string): NodeResource {
  const { resource } = cluster.nodes.find((node) => node.name === name)!
  return {
    ...resource,
    metadata: { ...resource.metadata, annotations: { ...resource.metadata.annotations, [key]: value } },
  }
}

/** F09 */
export function wrongMask(situation: Situation): InjectionDraft {
  const { nodes, ipam } = situation.cluster
  const modes = ipam.pools.some(({ ipip, vxlan }) => ipip === 'CrossSubnet' || vxlan === 'CrossSubnet')
  const pair = crossing(situation, ['ipip', 'vxlan'], 'cross-subnet')
  const own = nodes.find(({ name }) => name === pair.client.node)?.ipv4
  if (
    !modes ||
    own === undefined ||
    cardOf(situation, pair.client.node).segment === cardOf(situation, pair.server.node).segment
  )
    throw lacks(situation, 'cross-subnet')
  return {
    at: pair.client.node,
    steps: [
      apply('the machines are wired as before', underlayOf(situation)),
      apply(
        `${pair.client.node} is said to be ${own.address}/8: the other segment seems its own`,
        annotated(situation, pair.client.node, ADDRESS, `${own.address}/8`),
      ),
    ],
    shows: [broken(ping(pair), 'unreach-host', pair.client.node, 'neighbour_failed'), unharmed(betweenNodes(pair))],
    confirm: [
      {
        host: pair.client.node,
        line: 'calicoctl get nodes -o wide',
        shows: `${own.address}/8`.replaceAll('.', '\\.'),
        because: 'the prefix is not that of the segment',
      },
    ],
  }
}

/** A node takes an address of its own card for its address that nobody else reaches. */
function otherCard(situation: Situation, name: string, kind: 'ethernet' | 'bridge', says: string): InjectionDraft {
  const pair = anyCrossing(situation)
  const { node } = pair.client
  const underlay = underlayOf(situation)
  const range = freeRange(situation, '192.168.56.0/24', '172.30.56.0/24', '10.255.56.0/24')
  const address = `${addressAt(range, 15)}/${prefixLength(range)}`
  const segment = nameFor(situation, 'net')
  const card = kind === 'bridge' ? { name, kind, address } : { name, segment, address }
  const wired = {
    ...underlay,
    spec: {
      ...underlay.spec,
      segments: [...underlay.spec.segments, ...(kind === 'bridge' ? [] : [{ name: segment, cidr: range }])],
      nodes: underlay.spec.nodes.map((one) =>
        one.name === node
          ? { ...one, interfaces: kind === 'bridge' ? [...one.interfaces, card] : [card, ...one.interfaces] }
          : one,
      ),
    },
  }
  return {
    at: node,
    steps: [
      apply(says, wired),
      apply(`calico-node takes ${address} for the address of ${node}`, annotated(situation, node, ADDRESS, address)),
    ],
    shows: [{ ask: ping(pair), before: 'works', after: 'timeout' }],
    confirm: [
      {
        host: node,
        line: 'calicoctl get nodes -o wide',
        shows: address.replaceAll('.', '\\.'),
        because: 'nobody else has a way to this address',
      },
    ],
  }
}

/** F21 */
export function wrongCard(situation: Situation): InjectionDraft {
  return otherCard(situation, 'enp0s0', 'ethernet', 'a card of a network of its own comes before the others')
}

/** F22 */
export function laterBridge(situation: Situation): InjectionDraft {
  return otherCard(situation, 'lab0', 'bridge', 'somebody makes a bridge on the node, and calico-node starts again')
}

/** F25 */
export function poolOverLan(situation: Situation): InjectionDraft {
  const pools = situation.cluster.ipam.pools.filter((pool) => pool.family === 4 && pool.natOutgoing)
  const fitting = podsByNode(situation).filter((pod) => pools.some(({ cidr }) => contains(cidr, addressOf(pod))))
  const client = chosen(fitting, situation, () => lacks(situation, 'nat-outgoing', 'gateway'))
  const underlay = underlayOf(situation)
  const segment = underlay.spec.segments.find(({ name }) => name === cardOf(situation, client.node).segment)
  const gateway = segment?.gateway ?? segment?.gateways?.[0]
  const cidr = segment?.cidr ?? segment?.cidrs?.[0]
  if (gateway === undefined || cidr === undefined) throw lacks(situation, 'nat-outgoing', 'gateway')
  const pool: IPPoolResource = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: nameFor(situation, 'pool') },
    spec: { cidr, nodeSelector: '!all()', blockSize: Math.max(26, prefixLength(cidr as never)) },
  }
  return {
    at: `IPPool/${pool.metadata.name}`,
    steps: [apply(`a pool has the range ${cidr}, which is that of the nodes’ network`, pool)],
    shows: [{ ask: { kind: 'ping', from: client.netns, to: gateway }, before: 'works', after: 'timeout' }],
    confirm: [
      {
        host: client.node,
        line: 'calicoctl get ippool -o wide',
        shows: cidr.replaceAll('.', '\\.'),
        because: 'what goes to a pool is not translated, and the router has no way back to a pod',
      },
    ],
  }
}

/** F28 */
export function disabledPool(situation: Situation): InjectionDraft {
  const pair = crossing(situation, ['vxlan'], 'vxlan')
  const disabled = situation.cluster.resources.ippools.map(
    (pool): IPPoolResource => ({ ...pool, spec: { ...pool.spec, disabled: true } }),
  )
  return {
    at: 'the pools',
    steps: [apply('the pools are disabled while pods have their addresses', ...disabled)],
    shows: [{ ask: ping(pair), before: 'works', after: 'timeout' }],
    confirm: [
      {
        host: pair.client.node,
        line: 'calicoctl get ippool -o wide',
        shows: '^\\S+\\s+\\S+\\s+(?:true|false)\\s+\\S+\\s+\\S+\\s+true\\b',
        because: 'a disabled pool has no tunnels',
      },
    ],
  }
}

/** A pod that waits for an address. */
function waits(node: string, pod: string, says: string): Confirmation[] {
  return [
    {
      host: node,
      line: `kubectl get pod ${pod}`,
      shows: `${pod} .* (ContainerCreating|Pending) `,
      because: 'the pod has no network',
    },
    {
      host: node,
      line: `kubectl describe pod ${pod}`,
      shows: says,
      because: 'the CNI plugin says why',
    },
  ]
}

/** F29 */
export function noPoolForNode(situation: Situation): InjectionDraft {
  const { node } = podAt(situation)
  const nowhere = situation.cluster.resources.ippools.map(
    (pool): IPPoolResource => ({ ...pool, spec: { ...pool.spec, nodeSelector: 'zone == "nowhere"' } }),
  )
  const pod = newPod(situation, node)
  return {
    at: node,
    steps: [
      apply('the pools are for nodes of a zone that no node has', ...nowhere),
      apply(`a pod starts on ${node}`, pod),
    ],
    shows: [],
    confirm: waits(node, pod.metadata.name, 'no configured Calico pools for node'),
  }
}

/** A pool with room for one block of four addresses. */
function tinyPool(situation: Situation, nodeSelector: string): IPPoolResource {
  const cidr = freeRange(situation, '10.99.88.0/30', '172.29.88.0/30', '192.168.88.0/30')
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: nameFor(situation, 'pool') },
    spec: { cidr, blockSize: 30, nodeSelector, natOutgoing: true },
  }
}

/** A pod that wants its address of the tiny pool. */
const ofPool = (pool: IPPoolResource): Readonly<Record<string, string>> => ({
  'cni.projectcalico.org/ipv4pools': JSON.stringify([pool.metadata.name]),
})

/** F30 */
export function exhausted(situation: Situation): InjectionDraft {
  const { node } = podAt(situation)
  const pool = tinyPool(situation, 'all()')
  const pods = ['a', 'b', 'c', 'd'].map((what) => newPod(situation, node, what, ofPool(pool)))
  const last = newPod(situation, node, 'pod', ofPool(pool))
  return {
    at: `IPPool/${pool.metadata.name}`,
    steps: [
      apply('a pool has four addresses', pool),
      apply(`four pods of ${node} have them`, ...pods),
      apply('a fifth starts', last),
    ],
    shows: [],
    confirm: waits(node, last.metadata.name, 'No IPs available in pools'),
  }
}

/** F31 */
export function strictAffinity(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation)
  const pool = tinyPool(situation, 'all()')
  const strict: IPAMConfigResource = {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'IPAMConfig',
    metadata: { name: 'default' },
    spec: { strictAffinity: true, autoAllocateBlocks: true },
  }
  const owner = newPod(situation, server.node, 'owner', ofPool(pool))
  const pod = newPod(situation, client.node, 'pod', ofPool(pool))
  return {
    at: client.node,
    steps: [
      apply('addresses of blocks of other nodes may not be borrowed', strict),
      apply('a pool has one block', pool),
      apply(`a pod of ${server.node} takes it`, owner),
      apply(`a pod of ${client.node} wants an address of it, and three are free`, pod),
    ],
    shows: [],
    confirm: waits(client.node, pod.metadata.name, 'strict affinity enabled'),
  }
}

/** F32 */
export function nodeHasPodAddress(situation: Situation): InjectionDraft {
  const { client, server } = anyCrossing(situation, 'server')
  const address = addressOf(server)
  return {
    at: server.node,
    steps: [
      type(server.node, `ip addr add ${address}/32 dev lo`, `${server.node} itself has the address of ${server.netns}`),
    ],
    shows: [{ ask: tcp({ client, server }), before: 'works', after: 'refused' }],
    confirm: [
      {
        host: server.node,
        line: `ip route get ${address}`,
        shows: '^local ',
        because: 'what is for the pod is taken in by its node',
      },
    ],
    mends: [],
  }
}
