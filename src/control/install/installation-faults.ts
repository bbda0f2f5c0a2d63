import { familyOf } from '../../wire/index.ts'
import type { Findings } from '../findings.ts'
import type { FieldPath } from '../origin.ts'
import { cniTypeOf, ipamTypeOf, usesBgp } from './installation.ts'
import type { Autodetection, InstallationResource } from './installation-kind.ts'

/** Who may give addresses to pods that a plugin wires, and whose clusters bring that plugin. */
const PLUGINS: Readonly<Record<string, { readonly ipam: readonly string[]; readonly provider?: string }>> = {
  Calico: { ipam: ['Calico', 'HostLocal'] },
  GKE: { ipam: ['HostLocal'], provider: 'GKE' },
  AmazonVPC: { ipam: ['AmazonVPC'], provider: 'EKS' },
  AzureVNET: { ipam: ['AzureVNET'], provider: 'AKS' },
}

/** Settings of pods that the operator takes. */
const SYSCTLS = ['net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_keepalive_time']
const MOST_POOLS = 25
const CNI = ['spec', 'cni']
const NETWORK = ['spec', 'calicoNetwork']

/** A fault of an Installation: where, what would be right, what is there. */
type Tell = (path: FieldPath, expected: string, received: string) => void

/**
 * Tells what the operator would refuse of an Installation, and Calico would then not be installed.
 * @operator pkg/controller/installation/validation.go, pkg/controller/ippool/validation.go
 */
export function checkInstallation(installation: InstallationResource, findings: Findings): void {
  const tell: Tell = (path, expected, received) => findings.fault('invalid', installation, path, expected, received)
  if (installation.metadata.name !== 'default') tell(['metadata', 'name'], 'default', installation.metadata.name)
  checkPlugin(installation, tell)
  checkPools(installation, tell)
  checkDataplane(installation, tell)
  const { nodeAddressAutodetectionV4: v4, nodeAddressAutodetectionV6: v6, sysctl = [] } = networkOf(installation)
  checkAutodetections(v4, 'V4', tell)
  checkAutodetections(v6, 'V6', tell)
  for (const [i, { key = '' }] of sysctl.entries()) {
    if (!SYSCTLS.includes(key)) tell([...NETWORK, 'sysctl', i, 'key'], `one of ${SYSCTLS.join(', ')}`, key)
  }
}

function networkOf({ spec }: InstallationResource): NonNullable<InstallationResource['spec']['calicoNetwork']> {
  return spec.calicoNetwork ?? {}
}

function checkPlugin(installation: InstallationResource, tell: Tell): void {
  const type = cniTypeOf(installation)
  const plugin = PLUGINS[type]
  if (plugin === undefined) {
    tell([...CNI, 'type'], `one of ${Object.keys(PLUGINS).join(', ')}`, type)
    return
  }
  const { kubernetesProvider: provider = '' } = installation.spec
  if (plugin.provider !== undefined && provider !== '' && provider !== plugin.provider) {
    tell([...CNI, 'type'], `kubernetesProvider ${plugin.provider} with ${type}`, provider)
  }
  const ipam = ipamTypeOf(installation)
  if (!plugin.ipam.includes(ipam)) tell([...CNI, 'ipam', 'type'], `${plugin.ipam.join(' or ')} with ${type}`, ipam)
  if (type === 'Calico') return
  const network = networkOf(installation)
  const only = { hostPorts: 'Disabled', multiInterfaceMode: '', containerIPForwarding: '', linuxPodInterfaceType: '' }
  for (const [field, allowed] of Object.entries(only)) {
    const value = network[field as keyof typeof only]
    if (value !== undefined && value !== allowed) tell([...NETWORK, field], 'Calico’s CNI plugin with it', type)
  }
  if (network.bgp === 'Enabled' && (network.ipPools ?? []).length > 0) {
    tell([...NETWORK, 'bgp'], 'Disabled with another CNI plugin', 'Enabled')
  }
}

function checkPools(installation: InstallationResource, tell: Tell): void {
  const { ipPools = [] } = networkOf(installation)
  const base = [...NETWORK, 'ipPools']
  if (ipPools.length > MOST_POOLS) tell(base, `at most ${MOST_POOLS} pools`, String(ipPools.length))
  const seen = new Set<string>()
  for (const [i, pool] of ipPools.entries()) {
    for (const field of ['cidr', 'name'] as const) {
      const value = pool[field]
      if (value !== undefined && seen.has(`${field} ${value}`)) tell([...base, i, field], 'each pool once', value)
      seen.add(`${field} ${value}`)
    }
    const fault = encapsulationFault(installation, pool)
    if (fault !== undefined) tell([...base, i, 'encapsulation'], fault, pool.encapsulation ?? 'None')
  }
}

type Pool = NonNullable<NonNullable<InstallationResource['spec']['calicoNetwork']>['ipPools']>[number]

/** Why an encapsulation does not go with the rest; undefined when it does. */
function encapsulationFault(installation: InstallationResource, { cidr, encapsulation }: Pool): string | undefined {
  const isIpv6 = familyOf(cidr) === 6
  const mode = encapsulation ?? (isIpv6 ? 'None' : '')
  const isIpip = mode.startsWith('IPIP')
  if (isIpv6 && isIpip) return 'no IPIP: it does not carry IPv6'
  if (cniTypeOf(installation) !== 'Calico') {
    return mode === '' || mode === 'None' ? undefined : 'None with another CNI plugin'
  }
  if (ipamTypeOf(installation) === 'HostLocal') {
    return mode.startsWith('VXLAN') ? 'no VXLAN with addresses of host-local' : undefined
  }
  const { clusterRoutingMode = 'BIRD' } = networkOf(installation)
  if (usesBgp(installation) || clusterRoutingMode === 'Felix') return undefined
  if (isIpip && clusterRoutingMode !== 'FelixIPIPOnly') return 'VXLAN: IPIP requires that BGP is enabled'
  return mode === 'None' ? 'VXLAN: pools without encapsulation require that BGP is enabled' : undefined
}

function checkDataplane(installation: InstallationResource, tell: Tell): void {
  const network = networkOf(installation)
  const { linuxDataplane, linuxPolicySetupTimeoutSeconds: timeout, hostPorts } = network
  if (linuxDataplane === 'VPP') {
    if (cniTypeOf(installation) !== 'Calico') tell([...CNI, 'type'], 'Calico with VPP', cniTypeOf(installation))
    if (!usesBgp(installation)) tell([...NETWORK, 'bgp'], 'Enabled with VPP', 'Disabled')
    if (hostPorts === 'Disabled') tell([...NETWORK, 'hostPorts'], 'Enabled with VPP', hostPorts)
  }
  if (timeout === undefined) return
  const path = [...NETWORK, 'linuxPolicySetupTimeoutSeconds']
  if (timeout < 0) tell(path, '0 or more', String(timeout))
  else if (linuxDataplane === 'VPP' || linuxDataplane === undefined) {
    tell(path, 'linuxDataplane Iptables, Nftables or BPF with it', linuxDataplane ?? 'none')
  }
}

function checkAutodetections(method: Autodetection | undefined, family: 'V4' | 'V6', tell: Tell): void {
  if (method === undefined) return
  const { firstFound, kubernetes, ...others } = method
  const asked = [firstFound === true, kubernetes !== undefined]
  for (const value of Object.values(others)) asked.push(value !== undefined && value.length > 0)
  const count = asked.filter(Boolean).length
  const path = [...NETWORK, `nodeAddressAutodetection${family}`]
  if (count > 1) tell(path, 'no more than one autodetection method', `${count} of them`)
}
