import { overlaps } from '../../wire/index.ts'
import { listAt, mapsAt, textAt } from '../validation/members.ts'
import { asNumberOf } from '../validation/numbers-or-text.ts'
import type { Fields } from '../validation/shape.ts'
import { netOrAddress, peerAddress } from '../validation/text-checks.ts'
import { type Contradiction, finding } from './finding.ts'
import { matcher } from './matches.ts'
import { type PlainObject, type PlainObjects, sharing } from './objects.ts'
import { type PlainNode, plainNodes } from './plain-node.ts'
import { plainPools } from './pool-checks.ts'

const CALICO_AS = 64512

/** Peers, filters, reflectors and announcements against nodes and each other. */
export function bgpChecks(objects: PlainObjects): Contradiction[] {
  const nodes = plainNodes(objects)
  const peers = objects.of('BGPPeer')
  const global = objects.of('BGPConfiguration').find(({ name }) => name === 'default')
  const asNumber = asNumberOf(global?.spec['asNumber']) ?? CALICO_AS
  return [
    ...filters(objects, peers),
    ...peers.flatMap((peer) => peerChecks(peer, nodes, asNumber)),
    ...sharing(peers, ({ spec }) => JSON.stringify(WHO.map((field) => spec[field] ?? ''))).map(([, those]) =>
      finding(
        'peers-twice',
        those.map(({ id }) => id),
        'the same nodes peer with the same peers',
      ),
    ),
    ...meshChecks(global, peers, nodes, asNumber),
    ...reflectorChecks(peers, nodes),
    ...announcements(objects),
  ]
}

const WHO = ['node', 'nodeSelector', 'peerIP', 'peerSelector', 'localWorkloadSelector']

function filters(objects: PlainObjects, peers: readonly PlainObject[]): Contradiction[] {
  const known = new Map(objects.of('BGPFilter').map(({ name, id }) => [name, id]))
  const used = new Set<string>()
  const missing = peers.flatMap(({ id, spec }) =>
    listAt(spec, 'filters').flatMap((name) => {
      used.add(String(name))
      return known.has(String(name)) ? [] : [finding('peer-without-filter', [id], `there is no BGPFilter ${name}`)]
    }),
  )
  const unused = [...known].filter(([name]) => !used.has(name))
  return [...missing, ...unused.map(([, id]) => finding('filter-unused', [id], 'no BGPPeer names it'))]
}

/** The nodes that a peer is declared for. */
function sideOf(spec: Fields, nodes: readonly PlainNode[]): readonly PlainNode[] {
  const name = textAt(spec, 'node')
  if (name !== '') return nodes.filter((node) => node.name === name)
  const matches = matcher(textAt(spec, 'nodeSelector'))
  return nodes.filter(({ labels }) => matches(labels))
}

/** The nodes that are its other side: those selected, or the one with its address. */
function othersOf(spec: Fields, nodes: readonly PlainNode[]): readonly PlainNode[] {
  const selector = textAt(spec, 'peerSelector')
  const selects = matcher(selector)
  if (selector !== '') return nodes.filter(({ labels }) => selects(labels))
  const address = peerAddress(textAt(spec, 'peerIP'))
  return address === undefined ? [] : nodes.filter(({ addresses }) => addresses.includes(address))
}

function peerChecks({ id, spec }: PlainObject, nodes: readonly PlainNode[], ofAll: number): Contradiction[] {
  if (nodes.length === 0) return []
  const side = sideOf(spec, nodes)
  const others = othersOf(spec, nodes)
  const nobody = side.length === 0 || (textAt(spec, 'peerSelector') !== '' && others.length === 0)
  const said = asNumberOf(spec['asNumber']) ?? 0
  const other = others.find(({ asNumber }) => said !== 0 && (asNumber ?? ofAll) !== said)
  const alone = side.length === 1 && others.length === 1 && side[0] === others[0]
  return [
    ...(nobody ? [finding('peer-selects-nobody', [id], 'it is for no node, or with none')] : []),
    ...(other === undefined
      ? []
      : [
          finding('as-number-mismatch', [id, other.id], `AS ${said}, but ${other.name} has ${other.asNumber ?? ofAll}`),
        ]),
    ...(alone ? [finding('peer-is-itself', [id, side[0]!.id], `${side[0]!.name} would peer with itself`)] : []),
  ]
}

function meshChecks(
  global: PlainObject | undefined,
  peers: readonly PlainObject[],
  nodes: readonly PlainNode[],
  ofAll: number,
): Contradiction[] {
  if (global?.spec['nodeToNodeMeshEnabled'] === false) {
    if (peers.length > 0 || nodes.length < 2) return []
    return [finding('no-sessions', [global.id], 'the mesh is off, and there are no peers')]
  }
  const numbers = new Map(nodes.map((node) => [node.asNumber ?? ofAll, node.id]))
  const reflectors = nodes.filter(({ clusterId }) => clusterId !== '')
  return [
    ...(numbers.size > 1
      ? [finding('mesh-of-several-as-numbers', [...numbers.values()], `AS ${[...numbers.keys()].join(', ')}`)]
      : []),
    ...(reflectors.length > 0 && peers.length > 0
      ? [
          finding(
            'mesh-beside-reflectors',
            reflectors.map(({ id }) => id),
            'all nodes peer with each other, too',
          ),
        ]
      : []),
  ]
}

/** Reflectors of one cluster take no routes from each other that carry its id; clients of one alone are then not reached. */
function reflectorChecks(peers: readonly PlainObject[], nodes: readonly PlainNode[]): Contradiction[] {
  const reflectors = nodes.filter(({ clusterId }) => clusterId !== '')
  const owner = new Map(nodes.flatMap(({ addresses, name }) => addresses.map((address) => [String(address), name])))
  const ofNode = reflectors.filter(({ clusterId, name }) => (owner.get(clusterId) ?? name) !== name)
  const clients = new Map(reflectors.map(({ name }) => [name, new Set<string>()]))
  for (const { spec } of peers) {
    const side = sideOf(spec, nodes)
    for (const reflector of othersOf(spec, nodes)) {
      for (const { name, clusterId } of side) if (clusterId === '') clients.get(reflector.name)?.add(name)
    }
  }
  const keyOf = (name: string): string => [...(clients.get(name) ?? [])].sort().join()
  const split = sharing(reflectors, ({ clusterId }) => clusterId).filter(
    ([, those]) => new Set(those.map(({ name }) => keyOf(name))).size > 1,
  )
  return [
    ...ofNode.map(({ id, clusterId }) =>
      finding('cluster-id-of-a-node', [id], `${clusterId} is the address of ${owner.get(clusterId)}`),
    ),
    ...split.map(([clusterId, those]) =>
      finding(
        'reflectors-drop-each-other',
        those.map(({ id }) => id),
        `${clusterId} is one cluster with different clients`,
      ),
    ),
  ]
}

function announcements(objects: PlainObjects): Contradiction[] {
  const pools = plainPools(objects).filter(({ spec }) => !listAt(spec, 'allowedUses').includes('LoadBalancer'))
  return objects.of('BGPConfiguration').flatMap(({ id, spec }) =>
    ['serviceClusterIPs', 'serviceExternalIPs', 'serviceLoadBalancerIPs'].flatMap((field) =>
      mapsAt(spec, field).flatMap(([, block]) => {
        const range = netOrAddress(textAt(block, 'cidr'))?.prefix
        const pool = pools.find(({ cidr }) => range !== undefined && overlaps(cidr, range))
        const what = `${field} ${range} has addresses of ${pool?.cidr}`
        return pool === undefined ? [] : [finding('announced-range-is-a-pool', [id, pool.id], what)]
      }),
    ),
  )
}
