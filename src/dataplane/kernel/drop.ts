import type { DropCause } from '../../model/index.ts'
import type { NetDevice } from './net-device.ts'
import type { PacketBuffer } from './skb.ts'

/**
 * Ends a packet's life with a cause: records it and tells whoever listens. The packet must not be used afterwards.
 *
 * @param dev - where it was lost
 * @linux net/core/skbuff.c kfree_skb_reason
 */
export function dropPacket(skb: PacketBuffer, cause: DropCause, dev: NetDevice): void {
  const { ns } = dev
  ns.log?.dropped(skb, dev, cause)
  if (ns.sim.onDrop !== null) ns.sim.onDrop(cause, skb, ns)
}
