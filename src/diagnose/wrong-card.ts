import { addressOfNode, type ClusterNode, originOf, parentInterface } from '../control/index.ts'
import type { Origin } from '../model/index.ts'
import { type Family, familyOf } from '../wire/index.ts'

/** A node whose Calico address is on a card the other node cannot reach. */
export interface WrongCard {
  /** What is wrong. */
  readonly because: string
  /** What would be right. */
  readonly right: string
  /** The Node. */
  readonly origin: Origin
  /** Command that shows it. */
  readonly check: string
}

/** Whether one of two nodes has its Calico address on a card of its own, though another card shares a segment with the other node. */
export function cardOf(a: ClusterNode, b: ClusterNode, family: Family): WrongCard | undefined {
  return wrongAt(a, b, family) ?? wrongAt(b, a, family)
}

function wrongAt(node: ClusterNode, other: ClusterNode, family: Family): WrongCard | undefined {
  const used = parentInterface(node, family)
  const address = addressOfNode(node, family)?.address
  if (used?.segment === undefined || address === undefined) return undefined
  const segments = new Set((other.machine?.interfaces ?? []).flatMap(({ segment }) => (segment ? [segment] : [])))
  if (segments.has(used.segment)) return undefined
  const better = node.machine?.interfaces.find(
    (dev) =>
      dev.segment !== undefined &&
      segments.has(dev.segment) &&
      dev.addresses.some((cidr) => familyOf(cidr.address) === family),
  )
  if (better === undefined) return undefined
  const own = better.addresses.find((cidr) => familyOf(cidr.address) === family)?.address
  return {
    because: `${node.name}’s Calico address ${address} is on ${used.name}, a segment ${other.name} is not on; ${own} on ${better.name} would be reachable`,
    right: `Choose the card for calico-node: IP${family === 6 ? '6' : ''}_AUTODETECTION_METHOD=interface=${better.name}, or a cidr= that has ${own}`,
    origin: originOf('bird', node.resource, ['metadata', 'annotations', `projectcalico.org/IPv${family}Address`]),
    check: 'calicoctl get nodes -o wide',
  }
}
