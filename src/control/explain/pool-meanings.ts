import { type Meanings, means } from './meaning.ts'

/** Fields of an IPPool. @calico api/pkg/apis/projectcalico/v3/ippool.go */
export const POOL_MEANINGS: Meanings = {
  cidr: means(
    'the range that addresses come from; it never changes',
    'blocks, their routes, the set cali40all-ipam-pools',
  ),
  blockSize: means(
    'length of the blocks that nodes claim; it never changes',
    'length of the routes between nodes',
    '26, of IPv6 122',
  ),
  ipipMode: means(
    'packets between pods of different nodes go in IPIP: always, or when the nodes share no subnet',
    'tunl0, and routes over it',
    'Never',
  ),
  vxlanMode: means(
    'packets between pods of different nodes go in VXLAN: always, or when the nodes share no subnet',
    'vxlan.calico (vxlan-v6.calico), its neighbours and FDB, routes over it',
    'Never',
  ),
  natOutgoing: means(
    'what pods send out of all pools gets the address of their node',
    'chain cali-nat-outgoing, set cali40masq-ipam-pools',
    'false; pools that Calico makes itself: true',
  ),
  disabled: means('no new addresses come from it; those that pods have stay', 'nothing of what is there', 'false'),
  disableBGPExport: means('its routes are not told to BGP peers', 'export filters of BIRD', 'false'),
  nodeSelector: means('nodes that may take blocks of it; it says nothing about routes', 'where blocks are', 'all()'),
  namespaceSelector: means('namespaces whose pods get addresses of it', 'which addresses pods get', 'all namespaces'),
  allowedUses: means(
    'what its addresses are for: pods, tunnel devices, or Services of type LoadBalancer',
    'which addresses pods and tunnels get',
    'Workload and Tunnel',
  ),
  assignmentMode: means(
    'whether addresses come from it without being asked for by pool or address',
    'which addresses pods get',
    'Automatic',
  ),
}

/** Fields of other kinds of IPAM. */
export const IPAM_MEANINGS: Readonly<Record<string, Meanings>> = {
  IPReservation: {
    reservedCIDRs: means(
      'addresses that are never handed out unless they are asked for by name',
      'which addresses pods get',
    ),
  },
  IPAMConfiguration: {
    strictAffinity: means(
      'a node takes addresses from its own blocks only',
      'whether /32 routes to borrowed addresses are there',
      'false',
    ),
    autoAllocateBlocks: means('a node claims blocks when it has none with room', 'where blocks are', 'true'),
    maxBlocksPerHost: means('how many blocks a node may have', 'which addresses pods get', '0: at most 20'),
    ipCooldownSeconds: means('how long a released address is not handed out', 'which addresses pods get', '0'),
    kubeVirtVMAddressPersistence: means(
      'virtual machines keep their address over restarts',
      'which addresses pods get',
      'Enabled',
    ),
  },
}
