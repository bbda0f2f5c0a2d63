import type { Interface } from '../../model/index.ts'
import type { NodePart } from './node-part.ts'

/** Attributes of a VXLAN device after whose change it is made anew. @calico felix/dataplane/linux/vxlan_mgr.go */
function identityOf({ kind, mac, vxlan }: Interface): string {
  if (vxlan === undefined) return kind
  const { id, dstport, local, link } = vxlan
  return `${kind} ${mac} ${id} ${dstport} ${local} ${link}`
}

/** Whether two clusters mean one device: with one that is made anew all that led there is gone. */
export function isSameDevice(a: Interface, b: Interface): boolean {
  return a === b || identityOf(a) === identityOf(b)
}

/** The tunnel devices a cluster has on a node. */
export function tunnelsOf(part: NodePart | undefined): readonly Interface[] {
  if (part === undefined) return []
  const { devices, machineCards } = part.source
  return devices.devices.slice(machineCards.length)
}

/** `tunl0` that Felix has no use for any more: up, without addresses. */
function left(users: readonly (NodePart | undefined)[]): Interface[] {
  const dev = users.flatMap(tunnelsOf).find(({ name }) => name === 'tunl0')
  return dev === undefined ? [] : [{ ...dev, addresses: [] }]
}

/**
 * The tunnel devices of a node, with indexes from one on.
 *
 * @param felix - as which cluster Felix has them
 * @param users - whose routes may still lead into `tunl0` that it had once
 */
export function viewedTunnels(
  felix: NodePart | undefined,
  users: readonly (NodePart | undefined)[],
  first: number,
): readonly Interface[] {
  const own = tunnelsOf(felix)
  const all = own.some(({ name }) => name === 'tunl0') ? own : [...left(users), ...own]
  return all.map((dev, i) => (dev.ifindex === first + i ? dev : { ...dev, ifindex: first + i }))
}
