import {
  isCalicoPolicy,
  type Metadata,
  type OtherResource,
  type PolicyResource,
  type Resources,
} from '../../control/index.ts'
import { clusterGuid } from '../../controllers/index.ts'
import { withOwn } from '../own-objects.ts'
import { allNodes, allProfiles, allTiers, allWorkloadEndpoints } from './made-objects.ts'
import type { AnyObject, Seen } from './seen.ts'

/** Prints a cell of a table. */
type Cell = (object: AnyObject, seen: Seen) => string

/** A kind of Calico's API as calicoctl knows it. */
export interface CalicoKind {
  /** Kind, for messages. */
  readonly kind: string
  /** What it is called by, the first in lists. @calico calicoctl/calicoctl/resourcemgr */
  readonly words: readonly string[]
  readonly namespaced: boolean
  /** Objects of it. */
  readonly all: (seen: Seen) => readonly AnyObject[]
  /** Columns of a table. */
  readonly head: readonly string[]
  /** Columns of `-o wide`. */
  readonly wide: readonly string[]
  readonly cells: Readonly<Record<string, Cell>>
  /** Listed as they were given, and not by their names. */
  readonly asGiven?: true
  /** Why nobody stores or deletes such objects by hand; absent where one can. */
  readonly madeBy?: string
}

/** What a template of Go prints of a pointer that is nil. */
const NIL = '<nil>'

/** A field of the spec, as a template of Go prints it. */
function field(name: string, otherwise: string): Cell {
  return ({ spec }) => String(spec?.[name] ?? otherwise)
}

function listOf({ spec }: AnyObject, name: string): readonly unknown[] {
  const list = spec?.[name]
  return Array.isArray(list) ? list : []
}

/** Texts of a list with commas between them, cut where calicoctl cuts them. */
function list(name: string, most = Number.POSITIVE_INFINITY): Cell {
  return (object) => {
    const text = listOf(object, name).join(',')
    return text.length <= most ? text : `${text.slice(0, most - 3)}...`
  }
}

const NAME: Cell = ({ metadata }) => metadata.name
const NETS = { head: ['NAME'], wide: ['NAME', 'NETS'], cells: { NAME, NETS: list('nets', 80) } }
const POLICY = {
  head: ['NAME', 'TIER'],
  wide: ['NAME', 'TIER', 'ORDER', 'SELECTOR'],
  cells: { NAME, TIER: field('tier', 'default'), ORDER: field('order', NIL), SELECTOR: field('selector', '') },
}
const NAME_ONLY = { head: ['NAME'], wide: ['NAME'], cells: { NAME } }

/** All objects of a list of one kind. */
function stored(name: keyof Resources): (seen: Seen) => readonly AnyObject[] {
  return ({ objects }) => objects[name] as readonly OtherResource[]
}

/** The same, and the one that Calico stores by itself. */
function orOwn(name: keyof Resources, kind: string): (seen: Seen) => readonly AnyObject[] {
  return (seen) => {
    const given = seen.objects[name] as readonly OtherResource[]
    return seen.isStarted ? withOwn(kind, given, { settings: seen.cluster.settings, seed: seen.seed }) : given
  }
}

/** Those of a list of several kinds that are of one. */
function ofKind(name: keyof Resources, kind: string): (seen: Seen) => readonly AnyObject[] {
  return ({ objects }) => (objects[name] as readonly OtherResource[]).filter((one) => one.kind === kind)
}

/** Calico's NetworkPolicies, and not those of Kubernetes. */
function networkPolicies({ objects }: Seen): readonly AnyObject[] {
  const own = (one: PolicyResource): boolean => one.kind === 'NetworkPolicy' && isCalicoPolicy(one)
  return objects.policies.filter(own) as readonly OtherResource[]
}

function asnOf(object: AnyObject, { cluster }: Seen): string {
  const own = (object.spec?.['bgp'] as { readonly asNumber?: unknown } | undefined)?.asNumber
  return own === undefined ? `(${cluster.settings.asNumber})` : String(own)
}

function bgpOf(name: string): Cell {
  return ({ spec }) => String((spec?.['bgp'] as Readonly<Record<string, unknown>> | undefined)?.[name] ?? '')
}

/** The kinds, in the order calicoctl's help has them. */
export const CALICO_KINDS: readonly CalicoKind[] = [
  {
    kind: 'WorkloadEndpoint',
    words: ['workloadendpoints', 'workloadendpoint', 'wep', 'weps'],
    namespaced: true,
    all: allWorkloadEndpoints,
    head: ['WORKLOAD', 'NODE', 'NETWORKS', 'INTERFACE'],
    wide: ['NAME', 'WORKLOAD', 'NODE', 'NETWORKS', 'INTERFACE', 'PROFILES', 'NATS'],
    cells: {
      NAME,
      WORKLOAD: ({ spec }) => String(spec?.['workload'] ?? spec?.['pod'] ?? ''),
      NODE: field('node', ''),
      NETWORKS: list('ipNetworks'),
      INTERFACE: field('interfaceName', ''),
      PROFILES: list('profiles'),
      NATS: () => '',
    },
    madeBy: 'the CNI plugin makes one for every pod',
  },
  {
    kind: 'IPPool',
    words: ['ippool', 'ippools', 'ipp', 'ipps', 'pool', 'pools'],
    namespaced: false,
    all: stored('ippools'),
    asGiven: true,
    head: ['NAME', 'CIDR', 'SELECTOR'],
    wide: ['NAME', 'CIDR', 'NAT', 'IPIPMODE', 'VXLANMODE', 'DISABLED', 'DISABLEBGPEXPORT', 'SELECTOR'],
    cells: {
      NAME,
      CIDR: field('cidr', ''),
      NAT: field('natOutgoing', 'false'),
      IPIPMODE: field('ipipMode', 'Never'),
      VXLANMODE: field('vxlanMode', 'Never'),
      DISABLED: field('disabled', 'false'),
      DISABLEBGPEXPORT: field('disableBGPExport', 'false'),
      SELECTOR: field('nodeSelector', 'all()'),
    },
  },
  {
    kind: 'NetworkPolicy',
    words: ['networkpolicy', 'networkpolicies', 'policy', 'np', 'policies', 'pol', 'pols'],
    namespaced: true,
    all: networkPolicies,
    ...POLICY,
  },
  {
    kind: 'GlobalNetworkPolicy',
    words: ['globalnetworkpolicy', 'globalnetworkpolicies', 'gnp', 'gnps'],
    namespaced: false,
    all: ofKind('policies', 'GlobalNetworkPolicy'),
    ...POLICY,
  },
  {
    kind: 'StagedNetworkPolicy',
    words: ['stagednetworkpolicy', 'stagednetworkpolicies', 'snp'],
    namespaced: true,
    all: ofKind('policies', 'StagedNetworkPolicy'),
    ...POLICY,
  },
  {
    kind: 'StagedGlobalNetworkPolicy',
    words: ['stagedglobalnetworkpolicy', 'stagedglobalnetworkpolicies', 'sgnp'],
    namespaced: false,
    all: ofKind('policies', 'StagedGlobalNetworkPolicy'),
    ...POLICY,
  },
  {
    kind: 'StagedKubernetesNetworkPolicy',
    words: ['stagedkubernetesnetworkpolicy', 'stagedkubernetesnetworkpolicies', 'sknp', 'skpol', 'skpols'],
    namespaced: true,
    all: ofKind('policies', 'StagedKubernetesNetworkPolicy'),
    ...NAME_ONLY,
  },
  {
    kind: 'HostEndpoint',
    words: ['hostendpoint', 'hostendpoints', 'hep', 'heps'],
    namespaced: false,
    all: stored('hostEndpoints'),
    head: ['NAME', 'NODE'],
    wide: ['NAME', 'NODE', 'INTERFACE', 'IPS', 'PROFILES'],
    cells: {
      NAME,
      NODE: field('node', ''),
      INTERFACE: field('interfaceName', ''),
      IPS: list('expectedIPs'),
      PROFILES: list('profiles'),
    },
  },
  {
    kind: 'Profile',
    words: ['profile', 'profiles', 'pro', 'pros'],
    namespaced: false,
    all: allProfiles,
    head: ['NAME'],
    wide: ['NAME', 'LABELS'],
    cells: {
      NAME,
      LABELS: ({ spec }) =>
        Object.entries((spec?.['labelsToApply'] ?? {}) as Readonly<Record<string, string>>)
          .map(([key, value]) => `${key}=${value}`)
          .join(','),
    },
  },
  {
    kind: 'NetworkSet',
    words: ['networkset', 'networksets', 'netsets'],
    namespaced: true,
    all: ofKind('networkSets', 'NetworkSet'),
    ...NETS,
  },
  {
    kind: 'GlobalNetworkSet',
    words: ['globalnetworkset', 'globalnetworksets', 'gnetsets'],
    namespaced: false,
    all: ofKind('networkSets', 'GlobalNetworkSet'),
    ...NETS,
  },
  {
    kind: 'Tier',
    words: ['tier', 'tiers'],
    namespaced: false,
    all: allTiers,
    head: ['NAME', 'ORDER'],
    wide: ['NAME', 'ORDER'],
    cells: { NAME, ORDER: field('order', NIL) },
  },
  {
    kind: 'Node',
    words: ['node', 'nodes', 'no', 'nos'],
    namespaced: false,
    all: allNodes,
    head: ['NAME'],
    wide: ['NAME', 'ASN', 'IPV4', 'IPV6'],
    cells: { NAME, ASN: asnOf, IPV4: bgpOf('ipv4Address'), IPV6: bgpOf('ipv6Address') },
    madeBy: 'it is one of Kubernetes with annotations: calico-node writes them (kubectl label, kubectl annotate)',
  },
  {
    kind: 'BGPConfiguration',
    words: ['bgpconfiguration', 'bgpconfigurations', 'bgpconfig', 'bgpconfigs'],
    namespaced: false,
    all: stored('bgpConfigurations'),
    head: ['NAME', 'LOGSEVERITY', 'MESHENABLED', 'ASNUMBER'],
    wide: ['NAME', 'LOGSEVERITY', 'MESHENABLED', 'ASNUMBER'],
    cells: {
      NAME,
      LOGSEVERITY: field('logSeverityScreen', 'Info'),
      MESHENABLED: field('nodeToNodeMeshEnabled', '-'),
      ASNUMBER: field('asNumber', '-'),
    },
  },
  {
    kind: 'BGPPeer',
    words: ['bgppeer', 'bgppeers', 'bgpp', 'bgpps', 'bp', 'bps'],
    namespaced: false,
    all: stored('bgpPeers'),
    head: ['NAME', 'PEERIP', 'NODE', 'ASN'],
    wide: ['NAME', 'PEERIP', 'NODE', 'ASN'],
    cells: {
      NAME,
      PEERIP: field('peerIP', ''),
      NODE: ({ spec }) => String(spec?.['node'] || spec?.['nodeSelector'] || '(global)'),
      ASN: field('asNumber', '0'),
    },
  },
  {
    kind: 'BGPFilter',
    words: ['bgpfilter', 'bgpfilters', 'bgpf', 'bgpfs', 'bf', 'bfs'],
    namespaced: false,
    all: stored('bgpFilters'),
    head: ['NAME', 'NUMEXPORTV4', 'NUMIMPORTV4', 'NUMEXPORTV6', 'NUMIMPORTV6'],
    wide: ['NAME', 'NUMEXPORTV4', 'NUMIMPORTV4', 'NUMEXPORTV6', 'NUMIMPORTV6'],
    cells: {
      NAME,
      NUMEXPORTV4: (one) => String(listOf(one, 'exportV4').length),
      NUMIMPORTV4: (one) => String(listOf(one, 'importV4').length),
      NUMEXPORTV6: (one) => String(listOf(one, 'exportV6').length),
      NUMIMPORTV6: (one) => String(listOf(one, 'importV6').length),
    },
  },
  {
    kind: 'FelixConfiguration',
    words: ['felixconfiguration', 'felixconfigurations', 'felixconfig', 'felixconfigs'],
    namespaced: false,
    all: orOwn('felixConfigurations', 'FelixConfiguration'),
    ...NAME_ONLY,
  },
  {
    kind: 'IPReservation',
    words: ['ipreservation', 'ipreservations', 'reservation', 'reservations'],
    namespaced: false,
    all: stored('ipReservations'),
    head: ['NAME'],
    wide: ['NAME', 'CIDRS'],
    cells: { NAME, CIDRS: list('reservedCIDRs', 80) },
  },
  {
    kind: 'ClusterInformation',
    words: ['clusterinformation', 'clusterinformations', 'clusterinfo', 'clusterinfos'],
    namespaced: false,
    all: orOwn('clusterInformations', 'ClusterInformation'),
    head: ['NAME', 'CLUSTERGUID', 'CLUSTERTYPE', 'CALICOVERSION', 'DATASTOREREADY'],
    wide: ['NAME', 'CLUSTERGUID', 'CLUSTERTYPE', 'CALICOVERSION', 'DATASTOREREADY'],
    cells: {
      NAME,
      CLUSTERGUID: ({ spec }, { seed }) => String(spec?.['clusterGUID'] ?? clusterGuid(seed)),
      CLUSTERTYPE: field('clusterType', ''),
      CALICOVERSION: field('calicoVersion', ''),
      DATASTOREREADY: field('datastoreReady', NIL),
    },
    madeBy: 'only Calico itself writes it',
  },
  {
    kind: 'KubeControllersConfiguration',
    words: [
      ...['kubecontrollersconfiguration', 'kubecontrollersconfigurations'],
      ...['kubecontrollersconfig', 'kubecontrollersconfigs'],
    ],
    namespaced: false,
    all: orOwn('kubeControllersConfigurations', 'KubeControllersConfiguration'),
    ...NAME_ONLY,
  },
  {
    kind: 'CalicoNodeStatus',
    words: ['caliconodestatus', 'caliconodestatuses', 'nodestatus', 'nodestatuses'],
    namespaced: false,
    all: stored('calicoNodeStatuses'),
    head: ['NAME', 'NODE'],
    wide: ['NAME', 'NODE', 'CLASSES'],
    cells: { NAME, NODE: field('node', ''), CLASSES: list('classes') },
  },
  {
    kind: 'IPAMConfiguration',
    words: ['ipamconfiguration', 'ipamconfigurations', 'ipamconfig', 'ipamconfigs'],
    namespaced: false,
    all: stored('ipamConfigs'),
    head: ['NAME', 'STRICTAFFINITY', 'AUTOALLOCATEBLOCKS'],
    wide: ['NAME', 'STRICTAFFINITY', 'AUTOALLOCATEBLOCKS', 'MAXBLOCKSPERHOST'],
    cells: {
      NAME,
      STRICTAFFINITY: field('strictAffinity', 'false'),
      AUTOALLOCATEBLOCKS: field('autoAllocateBlocks', 'true'),
      MAXBLOCKSPERHOST: field('maxBlocksPerHost', '0'),
    },
  },
]

/** The first word of each kind, for those who ask for one that is none. */
export const KIND_WORDS: readonly string[] = CALICO_KINDS.map(({ words: [first = ''] }) => first)

/** The kind a word means. */
export function kindOf(word: string): CalicoKind | undefined {
  const small = word.toLowerCase()
  return CALICO_KINDS.find(({ words }) => words.includes(small))
}

/** The kind of objects that call themselves so; undefined for those that calicoctl does not take. */
export function kindOfObject({
  apiVersion,
  kind,
}: {
  readonly apiVersion: string
  readonly kind: string
}): CalicoKind | undefined {
  return apiVersion === 'projectcalico.org/v3' ? CALICO_KINDS.find((one) => one.kind === kind) : undefined
}

/** Whether an object is one that is meant. */
export function isNamed(
  { namespaced }: CalicoKind,
  { metadata }: { readonly metadata: Metadata },
  name: string,
  namespace: string,
): boolean {
  return metadata.name === name && (!namespaced || (metadata.namespace ?? 'default') === namespace)
}
