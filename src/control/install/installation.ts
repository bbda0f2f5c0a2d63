import type { Variable } from '../settings/environment.ts'
import type { Autodetection, InstallationResource } from './installation-kind.ts'

/** Which CNI plugin wires the pods; the operator's default is Calico's own, but for hosted clusters that bring one. */
export function cniTypeOf(installation: InstallationResource): string {
  const { cni, kubernetesProvider } = installation.spec
  const brought: Readonly<Record<string, string>> = { EKS: 'AmazonVPC', GKE: 'GKE', AKS: 'AzureVNET' }
  return cni?.type ?? brought[kubernetesProvider ?? ''] ?? 'Calico'
}

/** Who gives addresses, by the CNI plugin where it is not said. */
export function ipamTypeOf(installation: InstallationResource): string {
  const type = cniTypeOf(installation)
  return installation.spec.cni?.ipam?.type ?? (type === 'GKE' ? 'HostLocal' : type)
}

/** Whether BIRD runs: with Calico's CNI plugin, unless it is told otherwise or the cluster is Amazon's. */
export function usesBgp(installation: InstallationResource): boolean {
  const { kubernetesProvider, calicoNetwork } = installation.spec
  if (cniTypeOf(installation) !== 'Calico') return calicoNetwork?.bgp === 'Enabled'
  return calicoNetwork?.bgp === undefined ? kubernetesProvider !== 'EKS' : calicoNetwork.bgp === 'Enabled'
}

/** Autodetection of the operator in the words of calico-node's variable; `none` where no way is asked for. */
function autodetectionOf(method: Autodetection | undefined): string | undefined {
  if (method === undefined) return undefined
  if (method.kubernetes !== undefined) return 'kubernetes-internal-ip'
  if (method.interface !== undefined) return `interface=${method.interface}`
  if (method.skipInterface !== undefined) return `skip-interface=${method.skipInterface}`
  if (method.canReach !== undefined) return `can-reach=${method.canReach}`
  if (method.cidrs !== undefined) return `cidr=${method.cidrs.join(',')}`
  return method.firstFound === true ? 'first-found' : 'none'
}

/** Who programs routes between nodes, in the words of FelixConfiguration and BGPConfiguration. */
const ROUTING_MODES: Readonly<Record<string, { readonly felix: string; readonly bird: string }>> = {
  BIRD: { felix: 'Disabled', bird: 'Enabled' },
  Felix: { felix: 'Enabled', bird: 'Disabled' },
  FelixIPIPOnly: { felix: 'EnabledIPIPOnly', bird: 'EnabledNoEncapOnly' },
}

/** What BIRD programs, as an Installation says; undefined: it says nothing. */
export function birdRoutesOf(installations: readonly InstallationResource[]): string | undefined {
  const mode = installations.find(({ spec }) => spec.calicoNetwork?.clusterRoutingMode)?.spec.calicoNetwork
  return ROUTING_MODES[mode?.clusterRoutingMode ?? '']?.bird
}

/** The variables that the operator gives calico-node, and settings that it owns, as far as they reach packets. */
export function operatorVariables(installation: InstallationResource): Variable[] {
  const network = installation.spec.calicoNetwork ?? {}
  const { nodeAddressAutodetectionV4: v4, nodeAddressAutodetectionV6: v6, ipPools = [] } = network
  const ipv6 = v6 !== undefined || ipPools.some(({ cidr }) => cidr.includes(':'))
  const own = cniTypeOf(installation) === 'Calico'
  const [way4, way6] = [autodetectionOf(v4), autodetectionOf(v6)]
  const backend = !own ? 'none' : usesBgp(installation) ? 'bird' : 'vxlan'
  const routes = ROUTING_MODES[network.clusterRoutingMode ?? '']?.felix
  const variables: readonly (readonly [name: string, value: string | undefined, field: string])[] = [
    ['IP', own && way4 !== 'none' ? 'autodetect' : 'none', 'nodeAddressAutodetectionV4'],
    ['IP_AUTODETECTION_METHOD', way4 === 'none' ? undefined : way4, 'nodeAddressAutodetectionV4'],
    ['IP6', ipv6 && way6 !== 'none' ? 'autodetect' : 'none', 'nodeAddressAutodetectionV6'],
    ['IP6_AUTODETECTION_METHOD', way6 === 'none' ? undefined : way6, 'nodeAddressAutodetectionV6'],
    ['CALICO_NETWORKING_BACKEND', backend, 'bgp'],
    ['FELIX_PROGRAMCLUSTERROUTES', routes, 'clusterRoutingMode'],
    ['FELIX_DEFAULTENDPOINTTOHOSTACTION', 'ACCEPT', ''],
    ['FELIX_IPV6SUPPORT', String(ipv6), 'ipPools'],
    ['NO_DEFAULT_POOLS', 'true', 'ipPools'],
  ]
  return variables.flatMap(([name, value, field]): Variable[] => {
    const path = field === '' ? [] : ['spec', 'calicoNetwork', field]
    return value === undefined ? [] : [{ name, value, resource: installation, path }]
  })
}
