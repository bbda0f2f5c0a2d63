import type { DropCause } from '../../model/index.ts'
import type { NetDevice } from './net-device.ts'
import type { NetNs } from './netns.ts'
import type { PacketBuffer } from './skb.ts'

/**
 * Ends a packet's life with a cause: records it and tells whoever listens. The packet must not be used afterwards.
 *
 * @param dev - where it was lost; null = at no device
 * @linux net/core/skbuff.c kfree_skb_reason
 */
export function dropPacket(skb: PacketBuffer, cause: DropCause, ns: NetNs, dev: NetDevice | null): void {
  const { sim } = ns
  ns.log?.dropped(skb, dev, cause)
  if (sim.onDrop !== null) sim.onDrop(cause, skb, ns)
}
