import { buildIpv4Header } from '../wire/index.ts'

/** TTL Linux gives to packets of its own unless told otherwise. */
const DEFAULT_TTL = 64

/** Fields of an outer IPv4 header that follow from the inner packet. */
export interface OuterFields {
  /** TOS byte, ECN bits included. */
  readonly tos: number
  /** TTL; 0 = the system's default. */
  readonly ttl: number
  /** Don't fragment. */
  readonly df: boolean
}

/** Outer addresses of an encapsulation, uint32 each. */
export interface OuterAddresses {
  /** Source. */
  readonly source: number
  /** Destination. */
  readonly destination: number
  /** Identification of the outer header; 0 when absent. */
  readonly identification?: number
}

/** Writes the outer IPv4 header at the front of a whole outer packet. */
export function writeOuter(bytes: Uint8Array, addresses: OuterAddresses, fields: OuterFields, protocol: number): void {
  buildIpv4Header(bytes, 0, {
    tos: fields.tos,
    totalLength: bytes.length,
    identification: addresses.identification ?? 0,
    df: fields.df,
    ttl: fields.ttl === 0 ? DEFAULT_TTL : fields.ttl,
    protocol,
    source: addresses.source,
    destination: addresses.destination,
  })
}
