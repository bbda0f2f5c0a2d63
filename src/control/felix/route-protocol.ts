import { routeProtocolName } from '../../linux/index.ts'
import type { Family, Ip } from '../../wire/index.ts'
import type { FelixSettings } from '../settings/settings.ts'

/** What routes carry where nobody says: `boot`. @linux include/uapi/linux/rtnetlink.h */
const BOOT = 3
/** What Felix writes on devices that are not its own. @calico felix/dataplane/linux/dataplanedefs */
const OWN = 80

type Protocol = Pick<FelixSettings, 'deviceRouteProtocol'>

/**
 * The protocol of Felix' routes, as number. On its own devices Felix knows its routes by the device, on others by the protocol:
 * there `boot`, which everybody uses, does not do.
 *
 * @calico felix/dataplane/linux/route_mgr.go calculateRouteProtocol
 */
export const ROUTE_PROTOCOL = {
  /** Of routes by devices of Felix: to pods, and into VXLAN and WireGuard. */
  device: ({ deviceRouteProtocol }: Protocol): number => deviceRouteProtocol,
  /** Of all others: direct ones, blackholes, and those into `tunl0`. */
  own: ({ deviceRouteProtocol }: Protocol): number => (deviceRouteProtocol === BOOT ? OWN : deviceRouteProtocol),
} as const

/** The same as `ip` prints it. */
export function protocolWord(of: keyof typeof ROUTE_PROTOCOL, felix: Protocol): string {
  return routeProtocolName(String(ROUTE_PROTOCOL[of](felix)))
}

/** The source of packets of the node itself that a route of Felix in the main table asks for. @calico felix/routetable/route_table.go */
export function preferredSource(
  family: Family,
  { deviceRouteSource }: Pick<FelixSettings, 'deviceRouteSource'>,
): { readonly src?: Ip } {
  const src = deviceRouteSource[family]
  return src === '' ? {} : { src }
}
