import type { NetDevice } from '../net-device.ts'
import type { PacketBuffer } from '../skb.ts'
import type { Bridge } from './bridge.ts'

/** Goes on with a bridged packet. */
type Next = (skb: PacketBuffer) => void

/** Before a bridge decides. */
export function preRouting(_bridge: Bridge, skb: PacketBuffer, _indev: NetDevice, next: Next): void {
  next(skb)
}

/** Between two ports. */
export function forward(_bridge: Bridge, skb: PacketBuffer, _indev: NetDevice, _outdev: NetDevice, next: Next): void {
  next(skb)
}

/** From the bridge device to a port. */
export function localOut(_bridge: Bridge, skb: PacketBuffer, _outdev: NetDevice, next: Next): void {
  next(skb)
}

/** A frame the bridge device sends; true when it was taken over. */
export function devXmit(_bridge: Bridge, _skb: PacketBuffer): boolean {
  return false
}
