import type { Stage, StagePlace } from '../../model/index.ts'

/** What a packet is lost by, as a code: coarser than the kernel's causes, and with what Calico and the underlay mean by them. */
export const LOSS_CODES = [
  'ARP_NO_PROXY',
  'ND_NO_PROXY',
  'NO_ROUTE',
  'BLACKHOLE',
  'DEV_DOWN',
  'DEV_MISSING',
  'FORWARDING_DISABLED',
  'RPF_DROP',
  'CT_FULL',
  'CT_INVALID',
  'CT_INSERT_RACE',
  'CT_STALE_DNAT',
  'POLICY_DENY',
  'WL_TO_HOST_DROP',
  'HEP_DENY',
  'WL_TUNNEL_FORBIDDEN',
  'NF_CHAIN_POLICY_DROP',
  'NF_DROP',
  'SVC_NO_ENDPOINTS',
  'SVC_LOCAL_NO_ENDPOINT',
  'SVC_NO_RULE',
  'WRONG_SOURCE',
  'MTU_EXCEEDED',
  'TUNNEL_PEER_UNKNOWN',
  'VTEP_MAC_MISMATCH',
  'FDB_WRONG_HOST',
  'WG_ALLOWED_IPS',
  'WG_NO_HANDSHAKE',
  'BAD_OUTER_CHECKSUM',
  'UNDERLAY_PROTO_FILTERED',
  'UNDERLAY_PORT_FILTERED',
  'UNDERLAY_PORT_CLAIMED',
  'UNDERLAY_ANTISPOOF',
  'UNDERLAY_NO_ROUTE',
  'NEIGH_TABLE_FULL',
  'NEIGH_FAILED',
  'DELIVERED_TO_OTHER',
  'LOOP',
  'TTL_EXPIRED',
  'IPAM_NO_POOL',
  'IPAM_EXHAUSTED',
  'IPAM_STRICT_AFFINITY',
  'CNI_UNAUTHORIZED',
  /** Nothing listens there. */
  'PORT_CLOSED',
  /** Taken in, and nobody answered. */
  'UNANSWERED',
  /** A frame or packet that is damaged, or that nobody there handles. */
  'MALFORMED',
  'INSUFFICIENT_INFO',
] as const

/** What a packet is lost by. */
export type LossCode = (typeof LOSS_CODES)[number]

/** Where a packet was lost, and by what. */
export interface Loss {
  /** Place. */
  readonly stage: Stage
  /** What it was lost by. */
  readonly code: LossCode
  /** What the code is about, e.g. `4`, `udp/4789`, `eth0`, `1450 > 1400`; '' when nothing is. */
  readonly detail: string
}

/** A loss whose place does not say yet which way the packet went. */
export interface PlacedLoss extends Omit<Loss, 'stage'> {
  readonly place: StagePlace
}

/** As people write it: `UNDERLAY_PROTO_FILTERED(4)`. */
export function lossText({ code, detail }: Pick<Loss, 'code' | 'detail'>): string {
  return detail === '' ? code : `${code}(${detail})`
}
