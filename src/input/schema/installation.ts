import * as v from 'valibot'
import { flag, oneOf, prefix, type Shape, text, whole } from './fields.ts'

const map = 'a map'
const list = 'a list'

const autodetection = v.nullish(
  v.object(
    {
      firstFound: v.nullish(flag),
      kubernetes: v.nullish(text),
      interface: v.nullish(text),
      skipInterface: v.nullish(text),
      canReach: v.nullish(text),
      cidrs: v.nullish(v.array(text, list)),
    },
    map,
  ),
)

const pool = v.object(
  {
    name: v.nullish(text),
    cidr: prefix,
    encapsulation: v.nullish(oneOf(['IPIP', 'IPIPCrossSubnet', 'VXLAN', 'VXLANCrossSubnet', 'None'])),
    natOutgoing: v.nullish(oneOf(['Enabled', 'Disabled'])),
    blockSize: v.nullish(whole(20, 128, 'a prefix length')),
    nodeSelector: v.nullish(text),
    disableBGPExport: v.nullish(flag),
    allowedUses: v.nullish(v.array(oneOf(['Workload', 'Tunnel', 'LoadBalancer']), list)),
    assignmentMode: v.nullish(oneOf(['Automatic', 'Manual'])),
    disableNewAllocations: v.nullish(flag),
  },
  map,
)

/** Installation of the operator, as far as it reaches packets. */
export const installation: Shape = v.object({
  spec: v.nullish(
    v.object(
      {
        kubernetesProvider: v.nullish(text),
        serviceCIDRs: v.nullish(v.array(text, list)),
        cni: v.nullish(
          v.object({ type: v.nullish(text), ipam: v.nullish(v.object({ type: v.nullish(text) }, map)) }, map),
        ),
        calicoNetwork: v.nullish(
          v.looseObject(
            {
              ipPools: v.nullish(v.array(pool, list)),
              bgp: v.nullish(oneOf(['Enabled', 'Disabled'])),
              hostPorts: v.nullish(oneOf(['Enabled', 'Disabled'])),
              clusterRoutingMode: v.nullish(oneOf(['BIRD', 'Felix', 'FelixIPIPOnly'])),
              linuxDataplane: v.nullish(oneOf(['Iptables', 'BPF', 'VPP', 'Nftables'])),
              linuxPolicySetupTimeoutSeconds: v.nullish(whole(-2147483648, 2147483647, 'seconds')),
              sysctl: v.nullish(v.array(v.object({ key: v.nullish(text), value: v.nullish(text) }, map), list)),
              mtu: v.nullish(whole(0, 65535, 'an MTU, 0 for automatic')),
              nodeAddressAutodetectionV4: autodetection,
              nodeAddressAutodetectionV6: autodetection,
            },
            map,
          ),
        ),
      },
      map,
    ),
    {},
  ),
})
