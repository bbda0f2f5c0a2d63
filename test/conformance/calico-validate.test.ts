import { describe, expect, it } from 'vitest'
import { answerCalico } from '../../src/index.ts'

/** Answers of `validate` to objects of one kind: which specs are taken, and at which fields the others fail. */
type Spec = Record<string, unknown>
type Row = readonly [sentence: string, spec: Spec, ...paths: string[]]

function reasonsOf(object: object): { path: string; message: string }[] {
  const answer = answerCalico({ verb: 'validate', object })
  if (!('result' in answer)) throw new Error(JSON.stringify(answer))
  const { accepted, reasons } = answer.result as { accepted: boolean; reasons: { path: string; message: string }[] }
  expect(accepted).toBe(reasons.length === 0)
  return reasons
}

function pathsOf(object: object): string[] {
  return [...new Set(reasonsOf(object).map(({ path }) => path))].sort()
}

function of(kind: string, spec: Spec, metadata: Spec = { name: 'default' }): object {
  return { apiVersion: 'projectcalico.org/v3', kind, metadata, spec }
}

function table(kind: string, rows: readonly Row[]): void {
  describe(kind, () => {
    it.each(rows.map(([sentence, spec, ...paths]) => ({ sentence, spec, paths })))('$sentence', ({ spec, paths }) => {
      expect(pathsOf(of(kind, spec))).toEqual([...paths].sort())
    })
  })
}

const allow = (rule: Spec): Spec => ({ ingress: [{ action: 'Allow', ...rule }] })
const to = (side: Spec, rule: Spec = { protocol: 'TCP' }): Spec => allow({ ...rule, destination: side })

table('NetworkPolicy', [
  ['a policy may be empty', {}],
  [
    'a rule with every part it can have is taken',
    allow({
      protocol: 'UDP',
      ipVersion: 4,
      source: { nets: ['10.60.0.0/16'] },
      destination: { ports: [53, '6000:6010', 'dns'] },
    }),
  ],
  ['a rule has an action', { egress: [{}] }, 'spec.egress[0].action'],
  ['actions are written with a capital', { egress: [{ action: 'deny' }] }, 'spec.egress[0].action'],
  ['protocols are written as Calico has them', allow({ protocol: 'udp' }), 'spec.ingress[0].protocol'],
  ['a protocol by its number may be text', allow({ protocol: '132', destination: { ports: [2905] } })],
  [
    '[resources.md §13] ports need a protocol that has some',
    to({ ports: [443] }, {}),
    'spec.ingress[0].destination.ports',
  ],
  ['a named port brings its protocol', to({ notPorts: ['metrics'] }, {})],
  [
    'a named port does not bring one against another',
    to({ ports: ['metrics'] }, { protocol: 47 }),
    'spec.ingress[0].destination.ports',
  ],
  ['port 0 is none', to({ ports: [0] }), 'spec.ingress[0].destination.ports[0]'],
  ['a range goes upwards', to({ ports: ['9000:8000'] }), 'spec.ingress[0].destination.ports[0]'],
  ['names of ports have a letter', to({ ports: ['1-2'] }), 'spec.ingress[0].destination.ports[0]'],
  [
    '[resources.md §13] a rule has addresses of one family',
    to({ nets: ['10.0.0.0/8', 'fd00:60::/32'] }),
    'spec.ingress[0].destination.nets[1]',
  ],
  [
    '[resources.md §13] ipVersion and addresses agree',
    to({ nets: ['10.60.0.0/16'] }, { ipVersion: 6 }),
    'spec.ingress[0].destination.nets[0]',
  ],
  [
    '[resources.md §13] a rule that leaves out everybody matches nothing',
    to({ notNets: ['0.0.0.0/0'] }),
    'spec.ingress[0].destination.notNets[0]',
  ],
  ['a rule may be for everybody', to({ nets: ['0.0.0.0/0'] })],
  ['ranges of rules have no host bits', to({ nets: ['10.60.3.0/16'] }), 'spec.ingress[0].destination.nets[0]'],
  ['ranges of rules have a mask', to({ nets: ['10.60.3.4'] }), 'spec.ingress[0].destination.nets[0]'],
  ['there is no ipVersion 5', allow({ ipVersion: 5 }), 'spec.ingress[0].ipVersion'],
  [
    '[policy.md §4] an ICMP code needs a type',
    allow({ protocol: 'ICMP', icmp: { code: 1 } }),
    'spec.ingress[0].icmp.code',
  ],
  ['[policy.md §4] ICMP fields need ICMP', allow({ protocol: 'TCP', icmp: { type: 8 } }), 'spec.ingress[0].icmp'],
  ['[policy.md §4] ICMP is of IPv4', allow({ protocol: 1, ipVersion: 6 }), 'spec.ingress[0].protocol'],
  [
    'ICMPv6 is of IPv6, also where it is left out',
    allow({ notProtocol: 58, ipVersion: 4 }),
    'spec.ingress[0].notProtocol',
  ],
  ['ICMP type 255 is none', allow({ protocol: 'ICMP', icmp: { type: 255 } }), 'spec.ingress[0].icmp.type'],
  ['[resources.md §13] a selector that cannot be read is refused', { selector: 'tier = 1' }, 'spec.selector'],
  ['[resources.md §13] global() is for namespaceSelectors of rules', { selector: 'global()' }, 'spec.selector'],
  ['a rule may be for what is in no namespace', to({ namespaceSelector: ' global( ) ' })],
  [
    'global() stands alone',
    to({ namespaceSelector: 'global() || has(team)' }),
    'spec.ingress[0].destination.namespaceSelector',
  ],
  [
    'services are where traffic goes to',
    { egress: [{ action: 'Allow', destination: { services: { name: 'shop' } } }] },
  ],
  [
    'services are not where an egress rule starts',
    { egress: [{ action: 'Allow', source: { services: { name: 'shop' } } }] },
    'spec.egress[0].source.services',
  ],
  [
    '[resources.md §13] services bring their ports',
    { egress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [80], services: { name: 'shop' } } }] },
    'spec.egress[0].destination.ports',
  ],
  [
    '[resources.md §13] services bring their addresses',
    {
      egress: [
        { action: 'Allow', destination: { selector: 'all()', nets: ['10.60.0.0/16'], services: { name: 'shop' } } },
      ],
    },
    'spec.egress[0].destination.nets',
    'spec.egress[0].destination.selector',
  ],
  [
    'a service has a name',
    { egress: [{ action: 'Allow', destination: { services: { namespace: 'shop' } } }] },
    'spec.egress[0].destination.services.name',
  ],
  [
    'HTTP is looked at on the way in',
    allow({ http: { methods: ['GET'], paths: [{ exact: '/a' }, { prefix: '/b' }] } }),
  ],
  [
    'HTTP is not looked at on the way out',
    { egress: [{ action: 'Allow', http: { methods: ['GET'] } }] },
    'spec.egress[0].http',
  ],
  ['HTTP only allows', { ingress: [{ action: 'Deny', http: { methods: ['GET'] } }] }, 'spec.ingress[0].http'],
  ['HTTP is TCP', allow({ protocol: 'UDP', http: {} }), 'spec.ingress[0].protocol'],
  [
    'a path of HTTP is exact or a prefix',
    allow({ http: { paths: [{ exact: '/a', prefix: '/a' }] } }),
    'spec.ingress[0].http.paths[0]',
  ],
  ['a path of HTTP has no query', allow({ http: { paths: [{ prefix: '/a?b' }] } }), 'spec.ingress[0].http.paths[0]'],
  ['[resources.md §13] types are there once', { types: ['Ingress', 'Ingress'] }, 'spec.types[1]'],
  ['types are two', { types: ['Forward'] }, 'spec.types[0]'],
  ['a tier is called like an object', { tier: 'No_Tier' }, 'spec.tier'],
  [
    'annotations of rules are annotations',
    allow({ metadata: { annotations: { 'a b': 'c' } } }),
    'spec.ingress[0].metadata.annotations["a b"]',
  ],
  ['a field that Calico does not know is refused, as its clients do', { ingres: [] }, 'spec.ingres'],
  ['hints are known', { performanceHints: ['BeFast'] }, 'spec.performanceHints[0]'],
  ['a selector of 1,024 characters is long enough', { selector: `a == '${'b'.repeat(1020)}'` }, 'spec.selector'],
])

table('GlobalNetworkPolicy', [
  [
    '[resources.md §13] preDNAT is for ingress',
    { preDNAT: true, applyOnForward: true, egress: [{ action: 'Allow' }], types: ['Egress'] },
    'spec.egress',
    'spec.types',
  ],
  [
    '[resources.md §13] preDNAT is not doNotTrack',
    { preDNAT: true, doNotTrack: true, applyOnForward: true },
    'spec.preDNAT',
  ],
  ['[resources.md §13] doNotTrack needs applyOnForward', { doNotTrack: true }, 'spec.applyOnForward'],
  ['preDNAT with applyOnForward is taken', { preDNAT: true, applyOnForward: true, ingress: [{ action: 'Deny' }] }],
  [
    'services need their namespace where the policy has none',
    { egress: [{ action: 'Allow', destination: { services: { name: 'shop' } } }] },
    'spec.egress[0].destination.services.namespace',
  ],
  [
    'namespaceSelector has no global() in it',
    { namespaceSelector: "global() || team == 'a'" },
    'spec.namespaceSelector',
  ],
])

table('StagedGlobalNetworkPolicy', [
  ['a staged policy is a policy', { stagedAction: 'Learn', preDNAT: true }, 'spec.applyOnForward'],
  ['a deletion names its tier', { stagedAction: 'Delete', tier: 'platform' }],
  ['a deletion says nothing else', { stagedAction: 'Delete', order: 4, ingress: [] }, 'spec.ingress', 'spec.order'],
  ['staged actions are four', { stagedAction: 'Add' }, 'spec.stagedAction'],
])

table('StagedKubernetesNetworkPolicy', [
  ['a deletion is bare', { stagedAction: 'Delete' }],
  [
    'a deletion selects nobody',
    { stagedAction: 'Delete', podSelector: { matchLabels: { a: 'b' } } },
    'spec.podSelector',
  ],
  [
    'a policy of Kubernetes is taken',
    { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] },
  ],
])

table('StagedKubernetesNetworkPolicy', [
  [
    'a range of ports goes upwards',
    { ingress: [{ ports: [{ port: 90, endPort: 80 }] }] },
    'spec.ingress[0].ports[0].port',
  ],
  ['a name begins no range', { egress: [{ ports: [{ port: 'http', endPort: 80 }] }] }, 'spec.egress[0].ports[0].port'],
  [
    'ports by number, range and name are taken',
    { egress: [{ ports: [{ port: 80 }, { port: 80, endPort: 90 }, { port: 'http' }, { protocol: 'UDP' }] }] },
  ],
])

table('Profile', [
  ['labels are labels', { labelsToApply: { 'a/b/c': 'd' } }, 'spec.labelsToApply["a/b/c"]'],
  ['profiles are held against the validator alone', { ingress: [{ action: 'Reject' }] }],
  [
    'and that one looks at ports',
    { ingress: [{ action: 'Allow', source: { ports: [1] } }] },
    'spec.ingress[0].source.ports',
  ],
])

table('Tier', [
  [
    '[resources.md §13] default has its order and action',
    { order: 10, defaultAction: 'Pass' },
    'spec.defaultAction',
    'spec.order',
  ],
  ['default as it is made is taken', { order: 1000000 }],
  ['tiers deny or pass', { order: 1000000, defaultAction: 'Allow' }, 'spec.defaultAction'],
])

table('NetworkSet', [
  [
    '[resources.md §9] addresses and ranges of both families are taken',
    { nets: ['10.60.1.1', '10.61.7.0/8', 'fd00::/8'] },
  ],
  ['names are not', { nets: ['example.com'] }, 'spec.nets[0]'],
  ['none is there twice', { nets: ['10.60.1.1', '10.60.1.1'] }, 'spec.nets[1]'],
])

table('HostEndpoint', [
  ['[resources.md §8] an endpoint has a node and an interface or addresses', {}, 'spec.interfaceName', 'spec.node'],
  ['all interfaces are one endpoint', { node: 'n1', interfaceName: '*' }],
  [
    '[resources.md §8] names of interfaces are short',
    { node: 'n1', interfaceName: 'abcdefghijklmnop' },
    'spec.interfaceName',
  ],
  ['addresses have no mask', { node: 'n1', expectedIPs: ['10.60.0.1/32'] }, 'spec.expectedIPs[0]'],
  [
    'ports have a name, a number and a protocol with ports',
    { node: 'n1', interfaceName: 'ens3', ports: [{ protocol: 'ICMP' }] },
    'spec.ports[0].name',
    'spec.ports[0].port',
    'spec.ports[0].protocol',
  ],
])

table('WorkloadEndpoint', [
  ['an endpoint has an interface', { node: 'n1' }, 'spec.interfaceName'],
  [
    'its addresses are single',
    { interfaceName: 'cali1', ipNetworks: ['10.60.0.0/31', 'fd00::1/128'] },
    'spec.ipNetworks[0]',
  ],
  [
    'floating addresses are of one family with its own',
    {
      interfaceName: 'cali1',
      ipNetworks: ['10.60.0.9/32'],
      ipNATs: [{ internalIP: '10.60.0.9', externalIP: 'fd00::9' }],
    },
    'spec.ipNATs[0].externalIP',
  ],
  [
    'floating addresses stand for its own',
    {
      interfaceName: 'cali1',
      ipNetworks: ['10.60.0.9/32'],
      ipNATs: [{ internalIP: '10.60.0.8', externalIP: '192.0.2.9' }],
    },
    'spec.ipNATs[0].internalIP',
  ],
  ['a MAC address is one', { interfaceName: 'cali1', mac: 'ee:ee:ee' }, 'spec.mac'],
  [
    'a port of the host needs no name',
    {
      interfaceName: 'cali1',
      ports: [
        { protocol: 'TCP', port: 80, hostPort: 8080 },
        { protocol: 'UDP', port: 53 },
      ],
    },
    'spec.ports[1].name',
  ],
])

table('IPPool', [
  ['[resources.md §2] a pool is a range', {}, 'spec.cidr'],
  ['[resources.md §2] its range is strict', { cidr: '10.78.0.5/20' }, 'spec.cidr'],
  [
    '[resources.md §2] it has one encapsulation',
    { cidr: '10.78.0.0/16', ipipMode: 'CrossSubnet', vxlanMode: 'Always' },
    'spec.vxlanMode',
  ],
  ['[resources.md §2] IPIP carries IPv4', { cidr: 'fd00:78::/64', ipipMode: 'Always' }, 'spec.ipipMode'],
  ['VXLAN carries both', { cidr: 'fd00:78::/64', ipipMode: 'Never', vxlanMode: 'Always' }],
  ['modes are written as they are', { cidr: '10.78.0.0/16', vxlanMode: 'crossSubnet' }, 'spec.vxlanMode'],
  ['[resources.md §2] a block fits into it', { cidr: '10.78.0.0/28' }, 'spec.cidr'],
  ['a smaller block does', { cidr: '10.78.0.0/28', blockSize: 28 }],
  ['a disabled pool needs no block', { cidr: '10.78.0.0/28', disabled: true }],
  ['[resources.md §2] blocks are /20 to /32', { cidr: '10.78.0.0/16', blockSize: 19 }, 'spec.blockSize'],
  ['[resources.md §2] blocks of IPv6 are /116 to /128', { cidr: 'fd00:78::/64', blockSize: 64 }, 'spec.blockSize'],
  ['[resources.md §2] link-local ranges are no pools', { cidr: '169.254.64.0/18' }, 'spec.cidr'],
  ['nor what has them inside', { cidr: 'fe00::/8' }, 'spec.cidr'],
  [
    '[resources.md §2] global() is not valid here',
    { cidr: '10.78.0.0/16', nodeSelector: 'global()' },
    'spec.nodeSelector',
  ],
  [
    '[resources.md §2] LoadBalancer is by itself',
    { cidr: '10.78.0.0/16', allowedUses: ['LoadBalancer', 'Workload'] },
    'spec.allowedUses',
  ],
  [
    '[resources.md §2] a LoadBalancer pool is announced, bare and everywhere',
    {
      cidr: '10.78.0.0/16',
      allowedUses: ['LoadBalancer'],
      vxlanMode: 'Always',
      disableBGPExport: true,
      nodeSelector: "zone == 'a'",
    },
    'spec.disableBGPExport',
    'spec.nodeSelector',
    'spec.vxlanMode',
  ],
  ['[resources.md §2] uses are three', { cidr: '10.78.0.0/16', allowedUses: ['Service'] }, 'spec.allowedUses[0]'],
  [
    'tunnel addresses are in no namespace',
    { cidr: '10.78.0.0/16', allowedUses: ['Tunnel'], namespaceSelector: 'has(a)' },
    'spec.namespaceSelector',
  ],
  ['assignment is automatic or manual', { cidr: '10.78.0.0/16', assignmentMode: 'Auto' }, 'spec.assignmentMode'],
])

table('IPReservation', [
  ['addresses and ranges are taken', { reservedCIDRs: ['10.78.0.1', 'fd00:78::/120'] }],
  ['a mask has at most the bits of the family', { reservedCIDRs: ['10.78.0.0/40'] }, 'spec.reservedCIDRs[0]'],
])

table('IPAMConfiguration', [
  ['[resources.md §10] blocks a host are limited', { maxBlocksPerHost: -1 }, 'spec.maxBlocksPerHost'],
  ['and not without limit', { maxBlocksPerHost: 1000001 }, 'spec.maxBlocksPerHost'],
  [
    'all fields are taken',
    { strictAffinity: true, autoAllocateBlocks: true, maxBlocksPerHost: 20, ipCooldownSeconds: 60 },
  ],
  ['cooling down takes at most 20 minutes', { ipCooldownSeconds: 1201 }, 'spec.ipCooldownSeconds'],
])

table('BlockAffinity', [
  ['states are three', { state: 'lost', node: 'n1', cidr: '10.78.0.0/26' }, 'spec.state'],
  ['only Calico deletes', { state: 'confirmed', node: 'n1', cidr: '10.78.0.0/26', deleted: true }, 'spec.deleted'],
])

table('BGPConfiguration', [
  ['levels of logs may be in any case', { logSeverityScreen: 'wArning' }],
  ['AS numbers may be in two parts', { asNumber: '1.20', listenPort: 1790 }],
  ['AS numbers have 32 bits', { asNumber: '4294967296' }, 'spec.asNumber'],
  ['ports have 16 bits', { listenPort: 65536 }, 'spec.listenPort'],
  ['announced ranges are strict', { serviceClusterIPs: [{ cidr: '10.96.0.1/12' }] }, 'spec.serviceClusterIPs[0].cidr'],
  ['a single address is a range', { serviceExternalIPs: [{ cidr: '192.0.2.77' }] }],
  [
    'a mesh that is off has no password',
    { nodeToNodeMeshEnabled: false, nodeMeshPassword: {}, nodeMeshMaxRestartTime: '60s' },
    'spec.nodeMeshMaxRestartTime',
    'spec.nodeMeshPassword',
  ],
  ['communities are used', { communities: [{ name: 'blue', value: '64512:7' }] }, 'spec.communities'],
  [
    'communities by name are defined',
    { prefixAdvertisements: [{ cidr: '10.78.0.0/16', communities: ['blue', '64512:7', '1:2:3'] }] },
    'spec.prefixAdvertisements[0].communities[0]',
  ],
  [
    'communities have two parts of 16 bits',
    { prefixAdvertisements: [{ cidr: '10.78.0.0/16', communities: ['70000:1'] }] },
    'spec.prefixAdvertisements[0].communities[0]',
  ],
  ['not all interfaces are ignored', { ignoredInterfaces: ['dummy*', '*'] }, 'spec.ignoredInterfaces[1]'],
  [
    'addresses towards workloads are of their family',
    { localWorkloadPeeringIPV4: 'fd00::1', localWorkloadPeeringIPV6: '10.0.0.1' },
    'spec.localWorkloadPeeringIPV4',
    'spec.localWorkloadPeeringIPV6',
  ],
  ['durations have a unit', { nodeMeshMaxRestartTime: '60' }, 'spec.nodeMeshMaxRestartTime'],
])

table('BGPPeer', [
  ['a peer may have a port', { peerIP: '192.0.2.9:1790', asNumber: 65010 }],
  ['a peer of IPv6 with a port is in brackets', { peerIP: '[fd00::9]:1790' }],
  ['ports have 16 bits', { peerIP: '192.0.2.9:70000' }, 'spec.peerIP'],
  ['nodes are found in one way', { node: 'n1', nodeSelector: 'has(rr)' }, 'spec.nodeSelector'],
  ['peers are found in one way', { peerIP: '192.0.2.9', peerSelector: 'has(rr)' }, 'spec.peerSelector'],
  ['selected nodes have their own AS number', { peerSelector: 'has(rr)', asNumber: 65010 }, 'spec.asNumber'],
  ['workloads need an AS number', { localWorkloadSelector: 'has(bgp)' }, 'spec.asNumber'],
  ['a gateway is to an address', { reachableBy: '192.0.2.1', peerSelector: 'has(rr)' }, 'spec.reachableBy'],
  ['a gateway is of the family of the peer', { reachableBy: '192.0.2.1', peerIP: 'fd00::9' }, 'spec.reachableBy'],
  ['the next hop is said once', { keepOriginalNextHop: true, nextHopMode: 'Self' }, 'spec.keepOriginalNextHop'],
  [
    'words are written as they are',
    { sourceAddress: 'useNodeIP', nextHopMode: '', reversePeering: 'auto' },
    'spec.nextHopMode',
    'spec.reversePeering',
    'spec.sourceAddress',
  ],
  ['hops have 8 bits', { ttlSecurity: 256 }, 'spec.ttlSecurity'],
  ['filters are called like objects', { filters: ['No Filter'] }, 'spec.filters[0]'],
])

const filter = (rule: Spec): Spec => ({ importV4: [{ action: 'Accept', ...rule }] })
table('BGPFilter', [
  ['a rule may be for everything', filter({})],
  ['a range is compared in some way', filter({ cidr: '10.78.0.0/16' }), 'spec.importV4[0].matchOperator'],
  ['a comparison has a range', filter({ matchOperator: 'In' }), 'spec.importV4[0].cidr'],
  ['lengths are inside a range', filter({ prefixLength: { min: 8 } }), 'spec.importV4[0].prefixLength'],
  [
    'lengths of IPv4 end at 32',
    filter({ cidr: '10.78.0.0/16', matchOperator: 'In', prefixLength: { max: 33 } }),
    'spec.importV4[0].prefixLength.max',
  ],
  [
    'lengths of IPv6 end at 128',
    { exportV6: [{ action: 'Reject', cidr: 'fd00::/8', matchOperator: 'NotIn', prefixLength: { min: 33, max: 128 } }] },
  ],
  [
    'ranges are of the list',
    { exportV6: [{ action: 'Reject', cidr: '10.78.0.0/16', matchOperator: 'In' }] },
    'spec.exportV6[0].cidr',
  ],
  ['a rule accepts or rejects', { exportV4: [{}] }, 'spec.exportV4[0].action'],
  [
    'rejected routes are not changed',
    { exportV4: [{ action: 'Reject', operations: [{ setPriority: { value: 7 } }] }] },
    'spec.exportV4[0].operations',
  ],
  [
    'operations stand alone',
    filter({ operations: [{ setPriority: { value: 7 }, addCommunity: { value: '1:2' } }] }),
    'spec.importV4[0].operations[0]',
  ],
  [
    'communities have no leading zeros',
    filter({ communities: { values: ['064:1'] } }),
    'spec.importV4[0].communities.values[0]',
  ],
  [
    'one community is compared',
    filter({ communities: { values: ['1:1', '2:2'] } }),
    'spec.importV4[0].communities.values',
  ],
  ['sources are one', filter({ source: 'Mesh' }), 'spec.importV4[0].source'],
])

table('FelixConfiguration', [
  ['numbers are no text', { vxlanMTU: '1450' }, 'spec.vxlanMTU'],
  ['flags are no text', { wireguardEnabled: 'true' }, 'spec.wireguardEnabled'],
  [
    'durations have no fractions',
    { routeRefreshInterval: '1.5s', iptablesRefreshInterval: '1m30s' },
    'spec.routeRefreshInterval',
  ],
  ['words of actions may be in any case', { chainInsertMode: 'append', iptablesFilterDenyAction: 'REJECT' }],
  [
    'other words may not',
    { ipForwarding: 'disabled', serviceLoopPrevention: 'drop', iptablesBackend: 'nft' },
    'spec.ipForwarding',
    'spec.iptablesBackend',
    'spec.serviceLoopPrevention',
  ],
  ['a prefix of logs has plain characters', { logPrefix: 'calico[%t]' }, 'spec.logPrefix'],
  ['a rate has a unit', { logActionRateLimit: '10' }, 'spec.logActionRateLimit'],
  [
    'addresses are of their family',
    { natOutgoingAddress: 'fd00::1', deviceRouteSourceAddressIPv6: '10.0.0.1' },
    'spec.deviceRouteSourceAddressIPv6',
    'spec.natOutgoingAddress',
  ],
  ['external nodes are of IPv4', { externalNodesList: ['192.0.2.0/24', 'fd00::/64'] }, 'spec.externalNodesList[1]'],
  [
    'tables are said in one way',
    { routeTableRange: { min: 1, max: 9 }, routeTableRanges: [{ min: 1, max: 9 }] },
    'spec.routeTableRange',
  ],
  [
    'there are at most 65,535 tables',
    {
      routeTableRanges: [
        { min: 1, max: 60000 },
        { min: 100000, max: 120000 },
      ],
    },
    'spec.routeTableRanges',
  ],
  [
    'node ports are numbers, in at most seven ranges',
    { kubeNodePortRanges: ['30000:32767', 'http'] },
    'spec.kubeNodePortRanges[1]',
  ],
  [
    'patterns are regular expressions',
    { mtuIfacePattern: '(eth', bpfDataIfacePattern: 'ens.*' },
    'spec.mtuIfacePattern',
  ],
  [
    'features are on or off',
    { featureDetectOverride: 'SNATFullyRandom=false,MASQFullyRandom=maybe' },
    'spec.featureDetectOverride',
  ],
  [
    'priorities end below the top',
    { wireguardRoutingRulePriority: 32766, ipv4NormalRoutePriority: 0 },
    'spec.ipv4NormalRoutePriority',
    'spec.wireguardRoutingRulePriority',
  ],
  [
    'health has names and no negative times',
    {
      healthTimeoutOverrides: [
        { name: 'calc graph', timeout: '-1s' },
        { name: '!', timeout: '1s' },
      ],
    },
    'spec.healthTimeoutOverrides[0].timeout',
    'spec.healthTimeoutOverrides[1].name',
  ],
  ['the object for all nodes selects none', { nodeSelector: 'has(gpu)' }, 'spec.nodeSelector'],
  [
    'timeouts of conntrack may be those of Linux',
    { bpfConntrackTimeouts: { tcpEstablished: 'Auto', udpTimeout: '90' } },
    'spec.bpfConntrackTimeouts.udpTimeout',
  ],
  [
    'failsafe ports are of protocols with ports',
    {
      failsafeInboundHostPorts: [
        { protocol: 'tcp', port: 22 },
        { protocol: 'gre', port: 1 },
      ],
    },
    'spec.failsafeInboundHostPorts[1].protocol',
  ],
])

table('KubeControllersConfiguration', [
  [
    '[resources.md §11] what the startup makes is taken',
    {
      logSeverityScreen: 'Info',
      healthChecks: 'Enabled',
      etcdV3CompactionPeriod: '10m',
      prometheusMetricsPort: 9094,
      controllers: {
        node: {
          reconcilerPeriod: '5m',
          syncLabels: 'Enabled',
          leakGracePeriod: '15m',
          hostEndpoint: { autoCreate: 'Disabled' },
        },
        loadBalancer: { assignIPs: 'AllServices' },
      },
    },
  ],
  [
    '[resources.md §11] switches have two positions',
    { healthChecks: 'on', controllers: { node: { syncLabels: 'Yes' }, loadBalancer: { assignIPs: 'None' } } },
    'spec.controllers.loadBalancer.assignIPs',
    'spec.controllers.node.syncLabels',
    'spec.healthChecks',
  ],
  [
    'templates have patterns, ranges, labels',
    {
      controllers: {
        node: {
          hostEndpoint: {
            templates: [
              {
                generateName: 'A',
                interfacePattern: '[',
                interfaceCIDRs: ['x'],
                labels: { 'a b': 'c' },
                nodeSelector: '(',
              },
            ],
          },
        },
      },
    },
    'spec.controllers.node.hostEndpoint.templates[0].generateName',
    'spec.controllers.node.hostEndpoint.templates[0].interfaceCIDRs[0]',
    'spec.controllers.node.hostEndpoint.templates[0].interfacePattern',
    'spec.controllers.node.hostEndpoint.templates[0].labels["a b"]',
    'spec.controllers.node.hostEndpoint.templates[0].nodeSelector',
  ],
])

table('CalicoNodeStatus', [
  ['a question is whole', {}, 'spec.classes', 'spec.node', 'spec.updatePeriodSeconds'],
  [
    'it is asked at most once a day',
    { node: 'n1', classes: ['BGP', 'Agent'], updatePeriodSeconds: 86401 },
    'spec.updatePeriodSeconds',
  ],
  ['zero asks once', { node: 'n1', classes: ['Routes'], updatePeriodSeconds: 0 }],
])

table('Node', [
  ['BGP has fields', { bgp: {} }, 'spec.bgp'],
  [
    '[resources.md §5] addresses are of their family',
    { bgp: { ipv4Address: '10.60.0.4/24', ipv6Address: '10.60.0.4/24', ipv4IPIPTunnelAddr: '10.78.0.1/32' } },
    'spec.bgp.ipv4IPIPTunnelAddr',
    'spec.bgp.ipv6Address',
  ],
  [
    'MAC addresses of tunnels are MAC addresses',
    { vxlanTunnelMACAddr: '66-aa-bb-cc-dd-ee', vxlanTunnelMACAddrV6: '66:aa' },
    'spec.vxlanTunnelMACAddrV6',
  ],
])

describe('names', () => {
  const named = (kind: string, name: string, spec: Spec = {}): string[] => pathsOf(of(kind, spec, { name }))
  const pool = { cidr: '10.78.0.0/16' }
  it.each([
    ['a name is a DNS subdomain', named('IPPool', 'east.pool-1', pool), []],
    ['capitals are none', named('IPPool', 'East', pool), ['metadata.name']],
    ['an object has a name', named('IPPool', '', pool), ['metadata.name']],
    ['[resources.md §13] a name has at most 253 characters', named('IPPool', 'a'.repeat(254), pool), ['metadata.name']],
    ['tiers have no dots', named('Tier', 'a.b'), ['metadata.name']],
    ['tiers have at most 63 characters', named('Tier', 'a'.repeat(64)), ['metadata.name']],
    ['policies have one dot', named('NetworkPolicy', 'tier.name'), []],
    ['but not two', named('NetworkPolicy', 'a.b.c'), ['metadata.name']],
    ['unless Calico itself made them', named('NetworkPolicy', 'knp.default.a.b'), []],
    ['global policies have one dot, too', named('GlobalNetworkPolicy', 'knp.default.a'), ['metadata.name']],
  ])('%s', (_, paths, expected) => expect(paths).toEqual(expected))

  it('labels and annotations are qualified names, annotations with capitals', () => {
    const metadata = {
      name: 'a',
      labels: { 'Example.org/a': 'b', c: '-' },
      annotations: { 'Example.org/a': '-', '': '' },
    }
    expect(pathsOf(of('NetworkSet', {}, metadata))).toEqual([
      'metadata.annotations[""]',
      'metadata.labels.c',
      'metadata.labels["Example.org/a"]',
    ])
  })

  it('a label that stands for the namespace is not for users', () => {
    const labels = { 'projectcalico.org/namespace': 'shop' }
    expect(pathsOf(of('GlobalNetworkSet', {}, { name: 'a', labels }))).toEqual([
      'metadata.labels["projectcalico.org/namespace"]',
    ])
  })
})

describe('answers', () => {
  it('say what may be meant', () => {
    expect(reasonsOf(of('IPPool', { cidr: '10.78.0.5/20' }))[0]!.message).toContain('10.78.0.0/20 is meant?')
    expect(reasonsOf(of('FelixConfiguration', { vxlanMtu: 1450 }))[0]!.message).toContain('vxlanMTU')
  })

  it('are unsupported for what is none of Calico’s', () => {
    const object = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }
    expect(answerCalico({ verb: 'validate', object })).toEqual({
      unsupported: 'validation of objects of kind Node in v1',
    })
  })

  it('refuse kinds and APIs that there are not', () => {
    expect(pathsOf({ apiVersion: 'projectcalico.org/v3', kind: 'IPPools', metadata: { name: 'a' } })).toEqual(['kind'])
    expect(pathsOf({ apiVersion: 'v3', kind: 'IPPool', metadata: { name: 'a' } })).toEqual(['apiVersion'])
  })

  it('are errors without an object', () => {
    expect(answerCalico({ verb: 'validate' } as never)).toHaveProperty('error')
  })
})
