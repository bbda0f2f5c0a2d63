import { listOfKind, type OtherResource } from '../../control/index.ts'
import type { Seen } from './seen.ts'

/** A kind of objects as an API server offers it. */
export interface ApiType {
  /** Kind. */
  readonly kind: string
  /** Name of the resource, as in error messages. */
  readonly plural: string
  /** Short names. */
  readonly short: readonly string[]
  /** API group; '' = the core group. */
  readonly group: string
  /** Version of the group. */
  readonly version: string
  /** Whether its objects are in namespaces. */
  readonly namespaced: boolean
  /** Whether it is one of `all`. */
  readonly isOfAll: boolean
}

function typesOf(group: string, version: string, lines: string): ApiType[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [kind = '', plural = '', scope, ...rest] = line.trim().split(/\s+/)
      const short = rest.filter((word) => word !== '*')
      return { kind, plural, short, group, version, namespaced: scope === 'ns', isOfAll: rest.includes('*') }
    })
}

/** The group that Calico's objects are stored in. */
const CALICO_GROUP = 'crd.projectcalico.org'

/** Kinds that there are, those of Kubernetes first: of a name of two groups the first is meant. */
export const API_TYPES: readonly ApiType[] = [
  ...typesOf(
    '',
    'v1',
    `ConfigMap      configmaps      ns  cm
     Endpoints      endpoints       ns  ep
     Event          events          ns  ev
     Namespace      namespaces      -   ns
     Node           nodes           -   no
     Pod            pods            ns  po *
     Secret         secrets         ns
     ServiceAccount serviceaccounts ns  sa
     Service        services        ns  svc *`,
  ),
  ...typesOf(
    'apps',
    'v1',
    `ControllerRevision controllerrevisions ns
     DaemonSet   daemonsets   ns ds *
     Deployment  deployments  ns deploy *
     ReplicaSet  replicasets  ns rs *
     StatefulSet statefulsets ns sts *`,
  ),
  ...typesOf('discovery.k8s.io', 'v1', 'EndpointSlice endpointslices ns'),
  ...typesOf('networking.k8s.io', 'v1', 'NetworkPolicy networkpolicies ns netpol'),
  ...typesOf(
    'policy.networking.k8s.io',
    'v1alpha1',
    `AdminNetworkPolicy         adminnetworkpolicies         - anp
     BaselineAdminNetworkPolicy baselineadminnetworkpolicies - banp`,
  ),
  ...typesOf('policy.networking.k8s.io', 'v1alpha2', 'ClusterNetworkPolicy clusternetworkpolicies - cnp'),
  ...typesOf(
    CALICO_GROUP,
    'v1',
    `BGPConfiguration              bgpconfigurations              -
     BGPFilter                     bgpfilters                     -
     BGPPeer                       bgppeers                       -
     BlockAffinity                 blockaffinities                -
     CalicoNodeStatus              caliconodestatuses             -
     ClusterInformation            clusterinformations            -
     FelixConfiguration            felixconfigurations            -
     GlobalNetworkPolicy           globalnetworkpolicies          -
     GlobalNetworkSet              globalnetworksets              -
     HostEndpoint                  hostendpoints                  -
     IPAMBlock                     ipamblocks                     -
     IPAMConfig                    ipamconfigs                    -
     IPAMHandle                    ipamhandles                    -
     IPPool                        ippools                        -
     IPReservation                 ipreservations                 -
     KubeControllersConfiguration  kubecontrollersconfigurations  -
     NetworkPolicy                 networkpolicies                ns
     NetworkSet                    networksets                    ns
     StagedGlobalNetworkPolicy     stagedglobalnetworkpolicies    -
     StagedKubernetesNetworkPolicy stagedkubernetesnetworkpolicies ns
     StagedNetworkPolicy           stagednetworkpolicies          ns
     Tier                          tiers                          -`,
  ),
  ...typesOf('operator.tigera.io', 'v1', 'Installation installations -'),
]

/** Resources every cluster has and packetwalk does not model, by the words kubectl takes for them. */
const NOT_MODELLED: readonly string[] = [
  'bindings componentstatuses cs limitranges limits persistentvolumeclaims pvc persistentvolumes pv podtemplates replicationcontrollers rc',
  'resourcequotas quota cronjobs cj jobs horizontalpodautoscalers hpa certificatesigningrequests csr leases ingresses ing',
  'ingressclasses poddisruptionbudgets pdb clusterroles clusterrolebindings roles rolebindings priorityclasses pc storageclasses sc',
  'volumeattachments csidrivers csinodes customresourcedefinitions crd crds apiservices mutatingwebhookconfigurations',
  'validatingwebhookconfigurations runtimeclasses flowschemas prioritylevelconfigurations servicecidrs ipaddresses tigerastatuses apiservers',
].flatMap((line) => line.split(' '))

/** The name in the singular. */
export function singularOf({ kind }: Pick<ApiType, 'kind'>): string {
  return kind.toLowerCase()
}

/** `plural.group`, as API servers name a resource in errors. */
export function resourceName({ plural, group }: Pick<ApiType, 'plural' | 'group'>): string {
  return group === '' ? plural : `${plural}.${group}`
}

/** `kind.group/name`, as kubectl names an object. */
export function objectWord({ kind, group }: Pick<ApiType, 'kind' | 'group'>, name: string): string {
  const singular = singularOf({ kind })
  return `${group === '' ? singular : `${singular}.${group}`}/${name}`
}

/** Words a type is called by, without its group. */
export function wordsOf({ kind, plural, short }: ApiType): readonly string[] {
  return [plural, singularOf({ kind }), ...short]
}

/** Groups under which a type is found: what is stored as crd.projectcalico.org Calico's API server has as projectcalico.org. */
function groupsOf({ group }: ApiType): readonly string[] {
  return group === CALICO_GROUP ? [group, 'projectcalico.org'] : [group]
}

/** The type behind a word: `po`, `deployments.apps`, `pods.v1.`, `networkpolicies.v1.networking.k8s.io`. */
export function apiTypeOf(word: string): ApiType | undefined {
  const text = word.toLowerCase()
  const plain = API_TYPES.find((type) => wordsOf(type).includes(text))
  if (plain !== undefined) return plain
  const [, name = '', rest = ''] = /^([a-z]+)\.(.*)$/.exec(text) ?? []
  const [, version, versioned = ''] = /^(v\d+(?:(?:alpha|beta)\d+)?)\.(.*)$/.exec(rest) ?? []
  return API_TYPES.find((type) => {
    if (!wordsOf(type).includes(name)) return false
    const groups = groupsOf(type)
    if (version !== undefined && groups.includes(versioned)) return isVersionOf(type, versioned, version)
    return rest !== '' && groups.some((group) => group !== '' && (group === rest || group.startsWith(`${rest}.`)))
  })
}

function isVersionOf(type: ApiType, group: string, version: string): boolean {
  return version === (group === 'projectcalico.org' ? 'v3' : type.version)
}

/** The type of an object; undefined for kinds that packetwalk keeps no more of than their names. */
export function apiTypeFor({ apiVersion, kind }: Pick<OtherResource, 'apiVersion' | 'kind'>): ApiType | undefined {
  const group = groupOf(apiVersion)
  const name = kind === 'IPAMConfiguration' ? 'IPAMConfig' : kind
  const legacy = group === 'extensions' ? ['apps', 'networking.k8s.io'] : [group]
  return API_TYPES.find((type) => type.kind === name && groupsOf(type).some((one) => legacy.includes(one)))
}

/** The group of an `apiVersion`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash === -1 ? '' : apiVersion.slice(0, slash)
}

/** Whether every cluster has such a resource, and packetwalk does not model it. */
export function isNotModelled(word: string): boolean {
  const [name = ''] = word.toLowerCase().split('.')
  return NOT_MODELLED.some((one) => [name, `${name}s`, `${name}es`, name.replace(/y$/, 'ies')].includes(one))
}

/** Objects of a type as they are stored, in input order. */
export function objectsOf(seen: Seen, type: ApiType): readonly OtherResource[] {
  const list = listOfKind(type.kind)
  if (list === 'others') return []
  const all: readonly OtherResource[] = seen.resources[list]
  return all.filter((one) => {
    if (type.kind === 'NetworkPolicy')
      return one.kind === type.kind && one.apiVersion.includes('projectcalico.org') === (type.group === CALICO_GROUP)
    return one.kind === type.kind || (type.kind === 'IPAMConfig' && one.kind === 'IPAMConfiguration')
  })
}
