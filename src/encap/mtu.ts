import type { Family } from '../wire/index.ts'

/** The ways Calico carries a packet between nodes. */
export type Encapsulation = 'none' | 'ipip' | 'vxlan' | 'wireguard'

/** One layer an encapsulation adds. */
export interface OverheadLayer {
  /** What it is. */
  readonly name: string
  /** Its length, in bytes. */
  readonly bytes: number
}

const IPV4: OverheadLayer = { name: 'outer IPv4', bytes: 20 }
const IPV6: OverheadLayer = { name: 'outer IPv6', bytes: 40 }
const VXLAN: readonly OverheadLayer[] = [
  { name: 'UDP', bytes: 8 },
  { name: 'VXLAN', bytes: 8 },
  { name: 'inner Ethernet', bytes: 14 },
]
const WIREGUARD: readonly OverheadLayer[] = [
  { name: 'UDP', bytes: 8 },
  { name: 'WireGuard header', bytes: 16 },
  { name: 'authentication tag', bytes: 16 },
]

/**
 * What each encapsulation adds, by the family of the outer header: the one table of overheads. IPIP has no IPv6 form.
 *
 * @rfc 2003 §3.1, 7348 §5
 */
export const OVERHEAD: Readonly<Record<Encapsulation, Readonly<Partial<Record<Family, readonly OverheadLayer[]>>>>> = {
  none: { 4: [], 6: [] },
  ipip: { 4: [IPV4] },
  vxlan: { 4: [IPV4, ...VXLAN], 6: [IPV6, ...VXLAN] },
  wireguard: { 4: [IPV4, ...WIREGUARD], 6: [IPV6, ...WIREGUARD] },
}

/** How many bytes of a frame's payload an encapsulation takes; undefined where it does not exist (IPIP over IPv6). */
export function overheadBytes(encapsulation: Encapsulation, outer: Family): number | undefined {
  return OVERHEAD[encapsulation][outer]?.reduce((sum, layer) => sum + layer.bytes, 0)
}

/**
 * The largest inner packet that fits a link, in bytes: what Felix sets on the tunnel device.
 *
 * @param linkMtu - MTU of the interface the outer packet leaves by
 * @calico felix/dataplane/linux/int_dataplane.go
 */
export function tunnelMtu(encapsulation: Encapsulation, outer: Family, linkMtu: number): number | undefined {
  const overhead = overheadBytes(encapsulation, outer)
  return overhead === undefined ? undefined : linkMtu - overhead
}
