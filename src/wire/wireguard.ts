// WireGuard: message types and lengths only. Payloads are opaque here; nothing is encrypted or decrypted.

/** The UDP port Calico gives WireGuard over IPv4. @calico felix/config WireguardListeningPort */
export const WIREGUARD_PORT = 51820

/** Message types: the first byte, three zero bytes follow. */
export const WIREGUARD_TYPE = {
  /** Handshake initiation. */
  HANDSHAKE_INITIATION: 1,
  /** Handshake response. */
  HANDSHAKE_RESPONSE: 2,
  /** Cookie reply. */
  COOKIE_REPLY: 3,
  /** Transport data. */
  TRANSPORT_DATA: 4,
} as const

/** Offset of the sender's index in a handshake message. */
export const WIREGUARD_SENDER = 4
/** Offset of the receiver's index in a handshake response. */
export const WIREGUARD_RESPONSE_RECEIVER = 8
/** Offset of the receiver's index in a cookie reply and in transport data. */
export const WIREGUARD_RECEIVER = 4
/** Offset of the counter of transport data. */
export const WIREGUARD_COUNTER = 8

/** Bytes of the messages of fixed length. */
export const WIREGUARD_LENGTH = {
  /** Handshake initiation. */
  HANDSHAKE_INITIATION: 148,
  /** Handshake response. */
  HANDSHAKE_RESPONSE: 92,
  /** Cookie reply. */
  COOKIE_REPLY: 64,
  /** Transport data without content: 16 bytes header, 16 bytes authentication tag. A keepalive is just that. */
  TRANSPORT_OVERHEAD: 32,
} as const

/** Bytes of the header of transport data: type, receiver index, counter. */
export const WIREGUARD_TRANSPORT_HEADER_LENGTH = 16

/** Content is padded to a multiple of this before it is encrypted, in bytes. */
export const WIREGUARD_PADDING = 16

/** The message type when the bytes look like a WireGuard message of that type by its length; undefined otherwise. */
export function wireguardType(bytes: Uint8Array, at: number, end: number): number | undefined {
  const length = end - at
  if (length < 4 || bytes[at + 1] !== 0 || bytes[at + 2] !== 0 || bytes[at + 3] !== 0) return undefined
  const type = bytes[at]!
  if (type === WIREGUARD_TYPE.HANDSHAKE_INITIATION) {
    return length === WIREGUARD_LENGTH.HANDSHAKE_INITIATION ? type : undefined
  }
  if (type === WIREGUARD_TYPE.HANDSHAKE_RESPONSE) {
    return length === WIREGUARD_LENGTH.HANDSHAKE_RESPONSE ? type : undefined
  }
  if (type === WIREGUARD_TYPE.COOKIE_REPLY) return length === WIREGUARD_LENGTH.COOKIE_REPLY ? type : undefined
  const whole = length >= WIREGUARD_LENGTH.TRANSPORT_OVERHEAD && length % WIREGUARD_PADDING === 0
  return type === WIREGUARD_TYPE.TRANSPORT_DATA && whole ? type : undefined
}

/** Bytes of the transport data message for content of this length, capped at the device's MTU before padding. */
export function wireguardTransportLength(contentLength: number, mtu: number): number {
  const padded = Math.ceil(contentLength / WIREGUARD_PADDING) * WIREGUARD_PADDING
  return WIREGUARD_LENGTH.TRANSPORT_OVERHEAD + Math.max(contentLength, Math.min(padded, mtu))
}

/** A little-endian uint32 field of a message: the index that names a session at its receiver. */
export function wireguardIndex(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}
