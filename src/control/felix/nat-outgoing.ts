import { contains, familyOf, type Ip, parsePrefix } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode } from '../cluster-node.ts'
import { matchesDevice } from '../device-pattern.ts'
import type { Resources } from '../resources.ts'
import { translates } from './nat-family.ts'

/** A packet of a pod, where it leaves the pod's node. */
export interface LeavingPacket {
  /** Source. */
  readonly source: Ip
  /** Destination. */
  readonly destination: Ip
  /** Device it leaves by. */
  readonly dev: string
}

/**
 * The source that natOutgoing gives a packet: its own, that of the device it leaves by, or the one Felix is told. What the rules of
 * `rules/nat.ts` say in sets, without them.
 */
export function sourceOfLeaving(
  packet: LeavingPacket,
  { felix: { rules } }: ClusterNode,
  { ippools }: Pick<Resources, 'ippools'>,
  nodes: readonly ClusterNode[],
): 'own' | 'of-device' | Ip {
  const { source, destination, dev } = packet
  const family = familyOf(destination)
  const isIn = (address: Ip, all: typeof ippools): boolean =>
    all.some(({ spec }) => {
      const range = parsePrefix(spec.cidr)
      return range !== undefined && contains(range, address)
    })
  const isNode = (): boolean =>
    nodes.some((node) => addressOfNode(node, family)?.address === destination) ||
    (family === 4 && rules.externalNodes.some((range) => contains(range, destination)))
  const masquerading = ippools.filter(({ spec }) => spec.natOutgoing === true)
  if (!translates(family, rules) || !isIn(source, masquerading) || isIn(destination, ippools)) return 'own'
  if (rules.natOutgoingExclusions === 'IPPoolsAndHostIPs' && isNode()) return 'own'
  if (rules.natInterface !== '' && !matchesDevice(rules.natInterface, dev)) return 'own'
  return rules.natOutgoingAddress === '' ? 'of-device' : (rules.natOutgoingAddress as Ip)
}
