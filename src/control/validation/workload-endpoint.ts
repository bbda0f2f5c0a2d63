import { familyOf } from '../../wire/index.ts'
import { listAt, mapsAt, refuseIf, textAt } from './members.ts'
import { metadata } from './metadata.ts'
import { type Agreement, list, type MapShape, map, needed, PORT_PROTOCOL, type Refusal, text, whole } from './shape.ts'
import {
  ADDRESS,
  CONTAINER_ID,
  INTERFACE,
  IPV4,
  IPV6,
  MAC,
  NAME,
  NET,
  netOrAddress,
  PORT_NAME,
  RANGE,
  type TextCheck,
  touches,
} from './text-checks.ts'

/** One address, as the range of itself. */
const SINGLE: TextCheck = {
  what: 'one address: a /32 or a /128',
  ok: (value) => {
    const net = netOrAddress(value)
    return net !== undefined && net.length === (familyOf(net.address) === 4 ? 32 : 128)
  },
}

/** Both addresses of a translation are of one family. */
const sameFamily: Agreement = (nat) => {
  const inside = netOrAddress(textAt(nat, 'internalIP'))
  const outside = netOrAddress(textAt(nat, 'externalIP'))
  if (inside === undefined) return [{ at: ['internalIP'], message: 'expected an IP address' }]
  if (outside === undefined) return [{ at: ['externalIP'], message: 'expected an IP address' }]
  const other = familyOf(inside.address) !== familyOf(outside.address)
  return refuseIf(other, ['externalIP'], 'expected the family of internalIP')
}

/** Addresses that are translated are the endpoint's own. */
const natIsOwn: Agreement = (spec) => {
  const own = listAt(spec, 'ipNetworks').flatMap((one) => (typeof one === 'string' ? (netOrAddress(one) ?? []) : []))
  return mapsAt(spec, 'ipNATs').flatMap(([i, nat]): readonly Refusal[] => {
    const inside = netOrAddress(textAt(nat, 'internalIP'))
    const owned = inside !== undefined && own.some((net) => touches(net, inside))
    return refuseIf(!owned, ['ipNATs', i, 'internalIP'], 'expected an address of ipNetworks')
  })
}

const portIsFound: Agreement = (port) =>
  refuseIf(textAt(port, 'name') === '' && !port['hostPort'], ['name'], 'expected a name, as there is no hostPort')

const RATES = ['Bandwidth', 'Burst', 'Peakrate', 'Minburst', 'PacketRate', 'PacketBurst', 'MaxConnections']
const QOS = map({
  ...Object.fromEntries(['ingress', 'egress'].flatMap((way) => RATES.map((rate) => [`${way}${rate}`, whole()]))),
  dscp: { is: 'octet-or-text' },
})

/** WorkloadEndpoint: no CRD. @calico libcalico-go/lib/apis/internalapi/workloadendpoint.go */
export const WORKLOAD_ENDPOINT: MapShape = map({
  metadata: metadata(),
  spec: needed(
    map(
      {
        orchestrator: text(NAME),
        workload: text(NAME),
        node: text(NAME),
        containerID: text(CONTAINER_ID),
        pod: text(NAME),
        endpoint: text(NAME),
        serviceAccountName: text(NAME),
        ipNetworks: list(text(NET, SINGLE)),
        ipNATs: list(map({ internalIP: text(ADDRESS), externalIP: text(ADDRESS) }, sameFamily)),
        ipv4Gateway: text(IPV4),
        ipv6Gateway: text(IPV6),
        profiles: list(text(NAME)),
        interfaceName: needed(text(INTERFACE)),
        mac: text(MAC),
        ports: list(
          map(
            {
              name: text(PORT_NAME),
              protocol: needed(PORT_PROTOCOL),
              port: needed(whole(1, 65535)),
              hostPort: whole(0, 65535),
              hostIP: text(NET),
            },
            portIsFound,
          ),
        ),
        allowSpoofedSourcePrefixes: list(text(RANGE)),
        qosControls: QOS,
      },
      natIsOwn,
    ),
  ),
})
