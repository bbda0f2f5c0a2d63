import { refuseIf } from './members.ts'
import { metadata } from './metadata.ts'
import { type Agreement, AS_NUMBER, list, type MapShape, map, needed, TEXT, text } from './shape.ts'
import { IPV4, IPV6, MAC, RANGE4, RANGE6, WIREGUARD_KEY } from './text-checks.ts'

const notEmpty: Agreement = (bgp) =>
  refuseIf(
    Object.values(bgp).every((value) => value === ''),
    [],
    'expected fields, or no bgp at all',
  )

/** Calico's own Node: no CRD. @calico libcalico-go/lib/apis/internalapi/node.go */
export const CALICO_NODE: MapShape = map({
  metadata: metadata(),
  spec: needed(
    map({
      bgp: map(
        {
          asNumber: AS_NUMBER,
          ipv4Address: text(RANGE4),
          ipv6Address: text(RANGE6),
          ipv4IPIPTunnelAddr: text(IPV4),
          routeReflectorClusterID: text(IPV4),
        },
        notEmpty,
      ),
      ipv4VXLANTunnelAddr: text(IPV4),
      vxlanTunnelMACAddr: text(MAC),
      ipv6VXLANTunnelAddr: text(IPV6),
      vxlanTunnelMACAddrV6: text(MAC),
      orchRefs: list(map({ nodeName: TEXT, orchestrator: TEXT })),
      wireguard: map({ interfaceIPv4Address: text(IPV4), interfaceIPv6Address: text(IPV6) }),
      addresses: list(map({ address: TEXT, type: TEXT })),
      interfaces: list(map({ name: TEXT, addresses: list(TEXT) })),
    }),
  ),
  status: map({
    wireguardPublicKey: text(WIREGUARD_KEY),
    wireguardPublicKeyV6: text(WIREGUARD_KEY),
    podCIDRs: list(TEXT),
  }),
})
