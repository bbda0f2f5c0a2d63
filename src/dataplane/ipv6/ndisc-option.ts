import { ndLinkLayer } from '../../wire/index.ts'
import type { PacketBuffer } from '../kernel/skb.ts'

/** The hardware address in an option of the message behind `skb.transport`, or 0; `offset` is where its options start. */
export function linkLayerOption(skb: PacketBuffer, offset: number, type: number): number {
  return ndLinkLayer(skb.bytes, skb.transport + offset, skb.tail, type) ?? 0
}
