import { WIREGUARD_LENGTH, WIREGUARD_PADDING } from '../wire/index.ts'

/** Times of the WireGuard state machine, in seconds. @see the WireGuard paper §6.1 */
export const WIREGUARD_TIME = {
  /** The initiator makes new keys after this. */
  REKEY_AFTER: 120,
  /** Keys are not used any more after this. */
  REJECT_AFTER: 180,
  /** Between two tries of a handshake. */
  REKEY_TIMEOUT: 5,
  /** A peer that only receives says something after this. */
  KEEPALIVE_TIMEOUT: 10,
  /** Tries of a handshake are given up after this. */
  REKEY_ATTEMPT: 90,
} as const

/** DSCP of handshake messages: AF41, no ECN. */
export const WIREGUARD_HANDSHAKE_TOS = 0x88

/** Packets that wait for a handshake; more push out the oldest. */
export const WIREGUARD_MAX_STAGED = 128

/**
 * Zero bytes added to a packet before encryption: up to a multiple of 16, but never beyond the MTU.
 * @param length - of the inner packet, in bytes
 * @param mtu - of the inner route or the device; 0 = no limit
 * @linux drivers/net/wireguard/send.c calculate_skb_padding
 */
export function wireguardPadding(length: number, mtu: number): number {
  const up = (n: number): number => Math.ceil(n / WIREGUARD_PADDING) * WIREGUARD_PADDING
  if (mtu === 0) return up(length) - length
  const lastUnit = length > mtu ? length % mtu : length
  return Math.min(mtu, up(lastUnit)) - lastUnit
}

/** Length of the UDP payload that carries a packet of this length, in bytes. */
export function wireguardDataLength(length: number, mtu: number): number {
  return WIREGUARD_LENGTH.TRANSPORT_OVERHEAD + length + wireguardPadding(length, mtu)
}
