import * as v from 'valibot'
import { FELIX_VALUES, PORTS, parsePorts, type ValueKind } from '../../control/index.ts'
import { goRegexp } from '../../model/index.ts'
import { flag, ip, ipv4, ipv6, oneOf, port, prefix, type Shape, text, whole } from './fields.ts'

const mode = oneOf(['Never', 'Always', 'CrossSubnet'])
const AS_TEXT = 'an AS number, e.g. 64512 or "1.10"'
const asNumber = v.union(
  [whole(0, 4294967295, 'an AS number'), v.pipe(v.string(), v.regex(/^\d+(\.\d+)?$/, AS_TEXT))],
  AS_TEXT,
)
const spec = 'a spec'
const list = 'a list'

/** `spec` of an IPPool. The bounds of block sizes differ by family and are checked with the pool. */
export const ipPool: Shape = v.object({
  spec: v.strictObject(
    {
      cidr: prefix,
      blockSize: v.optional(whole(1, 128, 'a block size')),
      ipipMode: v.optional(mode),
      vxlanMode: v.optional(mode),
      natOutgoing: v.optional(flag),
      disabled: v.optional(flag),
      nodeSelector: v.optional(text),
      namespaceSelector: v.optional(text),
      allowedUses: v.optional(v.array(oneOf(['Workload', 'Tunnel', 'LoadBalancer']), list)),
      assignmentMode: v.optional(oneOf(['Automatic', 'Manual'])),
      disableBGPExport: v.optional(flag),
    },
    spec,
  ),
})

/** `spec` of an IPAMBlock. */
export const ipamBlock: Shape = v.object({
  spec: v.object(
    {
      cidr: prefix,
      affinity: v.nullish(text),
      allocations: v.array(v.nullable(whole(0, 65535, 'an attribute index')), list),
      unallocated: v.array(whole(0, 65535, 'a slot'), list),
      attributes: v.nullish(
        v.array(
          v.object(
            { handle_id: v.nullish(text), secondary: v.nullish(v.record(v.string(), v.string(), 'a map')) },
            'a map',
          ),
          list,
        ),
      ),
      strictAffinity: v.optional(flag),
      deleted: v.optional(flag),
    },
    spec,
  ),
})

/** `spec` of a BlockAffinity. */
export const blockAffinity: Shape = v.object({
  spec: v.object(
    {
      cidr: prefix,
      node: text,
      state: v.optional(oneOf(['pending', 'confirmed', 'pendingDeletion'])),
      type: v.optional(text),
      deleted: v.optional(v.union([text, flag], 'true or false')),
    },
    spec,
  ),
})

/** `spec` of an IPAMConfig or IPAMConfiguration. */
export const ipamConfig: Shape = v.object({
  spec: v.object(
    {
      strictAffinity: v.optional(flag),
      autoAllocateBlocks: v.optional(flag),
      maxBlocksPerHost: v.optional(whole(0, 1_000_000, 'a number of blocks')),
      ipCooldownSeconds: v.optional(whole(0, 1_000_000, 'seconds')),
    },
    spec,
  ),
})

/** `spec` of an IPReservation. */
export const ipReservation: Shape = v.object({
  spec: v.object({ reservedCIDRs: v.optional(v.array(v.union([prefix, ip], 'a CIDR or an address'), list)) }, spec),
})

/** A port of the host that stays open. */
const hostPort: Shape = v.looseObject(
  {
    protocol: v.nullish(oneOf(['TCP', 'UDP', 'tcp', 'udp'])),
    port: whole(0, 65535, 'a port'),
    net: v.nullish(v.union([prefix, ip], 'a CIDR or an address')),
  },
  'a map with protocol and port',
)

function shapeOfValue(kind: ValueKind): Shape {
  switch (kind.kind) {
    case 'whole':
      return whole(kind.low, kind.high, kind.what)
    case 'flag':
      return flag
    case 'ipv4':
      return ipv4
    case 'ipv6':
      return ipv6
    case 'ip':
      return ip
    case 'pattern':
      return v.pipe(
        v.string('text'),
        v.check((text) => typeof goRegexp(text) !== 'string', 'a regular expression'),
      )
    case 'words':
      return oneOf(kind.words)
    case 'ports':
      return v.pipe(
        v.union([v.string('text'), v.number('a number')], PORTS),
        v.check((ports) => parsePorts(ports) !== undefined, PORTS),
      )
    case 'host-ports':
      return v.nullish(v.array(hostPort, list))
    case 'ranges':
      return v.nullish(v.array(v.union([prefix, ip], 'a CIDR or an address'), list))
  }
}

const felixValues = Object.entries(FELIX_VALUES).map(([field, kind]) => [field, v.optional(shapeOfValue(kind))])

/** `spec` of a FelixConfiguration: everything is kept, the fields that are read are checked. */
export const felixConfiguration: Shape = v.object({
  spec: v.looseObject(Object.fromEntries(felixValues) as Record<string, Shape>, spec),
})

/** Ranges of Services. */
const ranges = v.optional(v.array(v.object({ cidr: prefix }, 'a map with a cidr'), list))

/** `spec` of a BGPConfiguration. */
export const bgpConfiguration: Shape = v.object({
  spec: v.looseObject(
    {
      asNumber: v.optional(asNumber),
      nodeToNodeMeshEnabled: v.optional(flag),
      listenPort: v.optional(port),
      programClusterRoutes: v.optional(oneOf(['Disabled', 'EnabledIPIPOnly', 'EnabledNoEncapOnly', 'Enabled'])),
      ipv4NormalRoutePriority: v.optional(whole(1, 2147483646, 'a route priority')),
      ipv6NormalRoutePriority: v.optional(whole(1, 2147483646, 'a route priority')),
      serviceClusterIPs: ranges,
      serviceExternalIPs: ranges,
      serviceLoadBalancerIPs: ranges,
      serviceLoadBalancerAggregation: v.optional(oneOf(['Enabled', 'Disabled'])),
      communities: v.nullish(v.array(v.looseObject({ name: v.nullish(text), value: v.nullish(text) }, 'a map'), list)),
      prefixAdvertisements: v.nullish(
        v.array(v.looseObject({ cidr: v.nullish(text), communities: v.nullish(v.array(text, list)) }, 'a map'), list),
      ),
    },
    spec,
  ),
})

/** `spec` of a BGPPeer. */
export const bgpPeer: Shape = v.object({
  spec: v.looseObject(
    {
      node: v.optional(text),
      nodeSelector: v.optional(text),
      peerIP: v.optional(text),
      peerSelector: v.optional(text),
      asNumber: v.optional(asNumber),
      reversePeering: v.optional(oneOf(['Auto', 'Manual'])),
      nextHopMode: v.optional(oneOf(['Auto', 'Self', 'Keep'])),
      filters: v.nullish(v.array(text, list)),
      keepOriginalNextHop: v.optional(flag),
    },
    spec,
  ),
})

const release = v.pipe(v.string('text (put it in quotes)'), v.regex(/\d+\.\d+/, 'a release, e.g. v3.29.1'))

/** `spec` of a ClusterInformation. */
export const clusterInformation: Shape = v.object({
  spec: v.object(
    {
      calicoVersion: v.optional(release),
      clusterGUID: v.optional(text),
      clusterType: v.optional(text),
      datastoreReady: v.nullish(flag),
    },
    spec,
  ),
})

/** A node of the Calico API (`calicoctl get node -o yaml`): its `spec` becomes the annotations a Kubernetes node would carry. */
export const calicoNode: Shape = v.object({
  spec: v.nullish(
    v.object(
      {
        bgp: v.nullish(
          v.object(
            {
              ipv4Address: v.optional(text),
              ipv6Address: v.optional(text),
              asNumber: v.optional(asNumber),
              ipv4IPIPTunnelAddr: v.optional(ip),
              routeReflectorClusterID: v.optional(text),
            },
            'a map',
          ),
        ),
        ipv4VXLANTunnelAddr: v.optional(ip),
        ipv6VXLANTunnelAddr: v.optional(ip),
        vxlanTunnelMACAddr: v.optional(text),
        vxlanTunnelMACAddrV6: v.optional(text),
        addresses: v.nullish(v.array(v.object({ address: text, type: v.optional(text) }, 'a map'), list)),
        wireguard: v.nullish(
          v.object({ interfaceIPv4Address: v.optional(ip), interfaceIPv6Address: v.optional(ip) }, 'a map'),
        ),
      },
      spec,
    ),
  ),
  status: v.nullish(
    v.object({ wireguardPublicKey: v.optional(text), wireguardPublicKeyV6: v.optional(text) }, 'a map'),
  ),
})
