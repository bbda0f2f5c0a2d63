import type { BGPConfigurationResource, BGPPeerResource, NodeResource, WorkloadEndpoint } from '../../control/index.ts'
import { lackingPattern, literalPattern } from '../../model/index.ts'
import { contains } from '../../wire/index.ts'
import { betweenNodes, ping, unharmed } from '../flows.ts'
import { apply, type InjectionDraft, type ShownFlow } from '../injection.ts'
import { nameFor } from '../made.ts'
import { addressOf, crossing, lacks, type Pair, podAt, podsByNode, routeTo, type Situation } from '../situation.ts'
import { cardOf, filtered, switchOf } from '../underlay-edit.ts'
import { nodeAddress } from './kernel.ts'

/** Pods of two nodes whose routes BIRD writes. @throws InputError where there are none */
function byBird(situation: Situation, side: keyof Pair = 'client', also: (pair: Pair) => boolean = () => true): Pair {
  const pair = crossing(situation, ['ipip', 'plain'], 'bird', side, also)
  const route = routeTo(situation, pair.client.node, addressOf(pair.server))
  if (route?.protocol !== 'bird') throw lacks(situation, 'bird')
  return pair
}

/** A ping that finds no route any more: what becomes of it is the default route's. */
function routeless(pair: Pair): readonly ShownFlow[] {
  return [{ ask: ping(pair), before: 'works', after: 'timeout' }, unharmed(betweenNodes(pair))]
}

function noRoute(situation: Situation, host: string, to: WorkloadEndpoint): InjectionDraft['confirm'][number] {
  return {
    host,
    line: 'ip route show proto bird',
    shows: lackingPattern(`(?<![\\d.])${literalPattern(blockOf(situation, to))}(?!\\d)`),
    because: `BIRD has no route to the block of ${to.netns}`,
  }
}

/** The block of a pod's address, as `ip route` writes it. */
function blockOf({ cluster }: Situation, pod: WorkloadEndpoint): string {
  const address = addressOf(pod)
  const block = cluster.destinations.find(({ dst }) => contains(dst, address))?.dst
  return (block ?? address).replace(/\/32$/, '')
}

function sessionDown(host: string, peer: string): InjectionDraft['confirm'][number] {
  return {
    host,
    line: 'calicoctl node status',
    shows: `${peer.replaceAll('.', '\\.')} .*\\| (start|down) `,
    because: 'the session with this peer is not established',
  }
}

/** F34 */
export function port179(situation: Situation): InjectionDraft {
  const pair = byBird(situation)
  const { segment } = cardOf(situation, pair.client.node)
  const own = nodeAddress(situation, pair.client)
  const name = 'no rule opens TCP 179'
  const bgp = { name, protocol: 'tcp', port: 179 }
  return {
    at: switchOf(situation, segment),
    steps: [
      filtered(
        situation,
        segment,
        `TCP 179 does not get from or to ${pair.client.node}`,
        { ...bgp, source: `${own}/32` },
        { ...bgp, destination: `${own}/32` },
      ),
    ],
    shows: routeless(pair),
    confirm: [sessionDown(pair.client.node, nodeAddress(situation, pair.server))],
  }
}

function isOf({ client, server }: Pair, node: string): boolean {
  return client.node === node || server.node === node
}

/** F35 */
export function nodeWithoutMachine(situation: Situation): InjectionDraft {
  const { at, ...anywhere } = situation
  const gone = at === undefined ? undefined : podAt({ ...anywhere, at, skip: 0 })
  const fits = (pair: Pair): boolean => gone === undefined || !isOf(pair, gone.node)
  const pair = byBird(anywhere, 'client', fits)
  const third = gone ?? podsByNode(situation).find(({ node }) => !isOf(pair, node))
  if (third === undefined) throw lacks(situation, 'three-nodes')
  return {
    at: third.node,
    steps: [
      {
        says: `the machine of ${third.node} is gone, and its Node object stays`,
        event: { kind: 'machine', node: third.node, action: 'crash' },
      },
    ],
    shows: [unharmed(ping(pair))],
    confirm: [sessionDown(pair.client.node, nodeAddress(situation, third))],
    mends: [{ says: 'the machine is there again', event: { kind: 'machine', node: third.node, action: 'start' } }],
  }
}

/** The settings of BGP, with some changed. */
function bgpSettings({ cluster }: Situation, spec: BGPConfigurationResource['spec']): BGPConfigurationResource {
  const known = cluster.resources.bgpConfigurations.find(({ metadata }) => metadata.name === 'default')
  const fresh = { apiVersion: 'projectcalico.org/v3', kind: 'BGPConfiguration', metadata: { name: 'default' } } as const
  return { ...fresh, ...known, spec: { ...known?.spec, ...spec } }
}

/** F36 */
export function noMesh(situation: Situation): InjectionDraft {
  const pair = byBird(situation)
  return {
    at: 'BGPConfiguration/default',
    steps: [
      apply(
        'the mesh is switched off, and there are no peerings in its place',
        bgpSettings(situation, { nodeToNodeMeshEnabled: false }),
      ),
    ],
    shows: routeless(pair),
    confirm: [noRoute(situation, pair.client.node, pair.server)],
  }
}

function peerOf(situation: Situation, what: string, spec: BGPPeerResource['spec']): BGPPeerResource {
  const metadata = { name: nameFor(situation, what) }
  return { apiVersion: 'projectcalico.org/v3', kind: 'BGPPeer', metadata, spec }
}

/** F37 */
export function sameClusterId(situation: Situation): InjectionDraft {
  const pair = byBird(situation)
  const { client, server } = pair
  const reflectors = situation.cluster.nodes
    .filter(({ name }) => name !== client.node && name !== server.node)
    .slice(0, 2)
  const [first, second] = reflectors
  if (first === undefined || second === undefined) throw lacks(situation, 'four-nodes')
  const reflecting = ({ resource }: typeof first): NodeResource => ({
    ...resource,
    metadata: {
      ...resource.metadata,
      annotations: { ...resource.metadata.annotations, 'projectcalico.org/RouteReflectorClusterID': '244.0.0.1' },
    },
  })
  const peers: readonly (readonly [string, string, string | undefined])[] = [
    ['client', client.node, first.ipv4?.address],
    ['server', server.node, second.ipv4?.address],
    ['reflectors', first.name, second.ipv4?.address],
  ]
  const peerings = peers.flatMap(([what, node, peerIP]) =>
    peerIP === undefined ? [] : [peerOf(situation, what, { node, peerIP, asNumber: 64512 })],
  )
  const back: readonly (readonly [string, string, string])[] = [
    ['client-back', first.name, nodeAddress(situation, client)],
    ['server-back', second.name, nodeAddress(situation, server)],
    ['reflectors-back', second.name, first.ipv4?.address ?? ''],
  ]
  return {
    at: `${first.name} and ${second.name}`,
    steps: [
      apply(
        `${first.name} reflects routes to ${client.node}, ${second.name} to ${server.node}, and both have one cluster id; there is no mesh`,
        bgpSettings(situation, { nodeToNodeMeshEnabled: false }),
        reflecting(first),
        reflecting(second),
        ...peerings,
        ...back.map(([what, node, peerIP]) => peerOf(situation, what, { node, peerIP, asNumber: 64512 })),
      ),
    ],
    shows: routeless(pair),
    confirm: [noRoute(situation, client.node, server)],
  }
}

/** F41 */
export function birdStopped(situation: Situation): InjectionDraft {
  const pair = byBird(situation, 'server')
  const { node } = pair.server
  return {
    at: node,
    steps: [
      {
        says: `BIRD of ${node} ends, as it does when calico-node is replaced`,
        event: { kind: 'agent', agent: 'bird', node, action: 'stop' },
      },
    ],
    shows: routeless(pair),
    confirm: [noRoute(situation, pair.client.node, pair.server)],
    mends: [{ says: `BIRD of ${node} is back`, event: { kind: 'agent', agent: 'bird', node, action: 'start' } }],
  }
}
