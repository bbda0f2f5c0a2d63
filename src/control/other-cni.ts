import { CNI_CONFIG_PATH, cniConfigOf } from './cni-config.ts'
import type { Findings } from './findings.ts'
import { cniTypeOf } from './install/installation.ts'
import type { FieldPath } from './origin.ts'
import type { OtherResource } from './resource.ts'
import type { Resources } from './resources.ts'
import type { Environment } from './settings/environment.ts'
import { flagOf } from './settings/felix-values.ts'

/** Somebody else who wires pods or gives them addresses, and what says so. */
interface OtherCni {
  readonly name: string
  readonly resource: OtherResource
  readonly path: FieldPath
  /** It is host-local, which gives addresses to pods that Calico wires. */
  readonly isHostLocal?: boolean
}

/** DaemonSets by the beginning of their name, and the plugin that each brings. */
const DAEMON_SETS: readonly (readonly [start: string, plugin: string])[] = [
  ['kube-flannel', 'flannel'],
  ['aws-node', 'the AWS VPC CNI'],
  ['azure-cni', 'Azure CNI'],
  ['azure-cns', 'Azure CNI'],
  ['cilium', 'Cilium'],
  ['kindnet', 'kindnet'],
  ['weave-net', 'Weave Net'],
  ['kube-router', 'kube-router'],
  ['antrea-agent', 'Antrea'],
  ['kube-ovn-cni', 'Kube-OVN'],
  ['ovnkube-node', 'OVN-Kubernetes'],
  ['netd', 'the CNI of GKE'],
]

/** `type` of a plugin in a CNI configuration that wires pods, and its name. */
const PLUGINS: Readonly<Record<string, string>> = {
  flannel: 'flannel',
  'aws-cni': 'the AWS VPC CNI',
  'azure-vnet': 'Azure CNI',
  'cilium-cni': 'Cilium',
  ptp: 'the ptp plugin',
  bridge: 'the bridge plugin',
  'weave-net': 'Weave Net',
  antrea: 'Antrea',
}

/** Charts of K3s and RKE2 by name, and the plugin that each brings. */
const CHARTS: Readonly<Record<string, string>> = {
  'rke2-canal': 'flannel (canal)',
  'rke2-flannel': 'flannel',
  'rke2-cilium': 'Cilium',
  canal: 'flannel (canal)',
  cilium: 'Cilium',
}

/** What flannel notes on its node. */
const FLANNEL = 'flannel.alpha.coreos.com/backend-type'

/** Where the operator's `cni.type` is not Calico. */
const OPERATOR_TYPES: Readonly<Record<string, string>> = {
  AmazonVPC: 'the AWS VPC CNI (AmazonVPC)',
  AzureVNET: 'Azure CNI (AzureVNET)',
  GKE: 'the CNI of GKE (GKE)',
}

/** Everybody who wires pods or gives them addresses beside Calico. */
function otherCnis(resources: Resources, env: Environment): OtherCni[] {
  const found: OtherCni[] = []
  for (const installation of resources.installations) {
    const type = cniTypeOf(installation)
    if (type === 'Calico') continue
    found.push({ name: OPERATOR_TYPES[type] ?? type, resource: installation, path: ['spec', 'cni', 'type'] })
  }
  for (const daemonSet of resources.daemonSets) {
    const containers = daemonSet.spec.template?.spec?.containers ?? []
    const at = containers.findIndex(({ name }) => name === 'kube-flannel')
    const path = ['spec', 'template', 'spec', 'containers', at]
    if (at >= 0) found.push({ name: 'flannel (canal)', resource: daemonSet, path })
    const plugin = DAEMON_SETS.find(([start]) => daemonSet.metadata.name.startsWith(start))?.[1]
    if (plugin !== undefined) found.push({ name: plugin, resource: daemonSet, path: [] })
  }
  for (const chart of resources.others) {
    const name = isChart(chart) ? CHARTS[chart.metadata.name] : undefined
    if (name !== undefined) found.push({ name, resource: chart, path: [] })
  }
  found.push(...configured(resources), ...fromVariables(env), ...flannelOfNodes(resources, env))
  return found
}

function isChart({ apiVersion }: OtherResource): boolean {
  return apiVersion.startsWith('helm.cattle.io/')
}

/** K3s runs flannel inside its own program: only the nodes tell. Where there is anything of Calico's they may be left over. */
function flannelOfNodes(resources: Resources, env: Environment): OtherCni[] {
  if (env.size > 0 || resources.ippools.length > 0 || resources.installations.length > 0) return []
  const node = resources.nodes.find(({ metadata }) => metadata.annotations?.[FLANNEL] !== undefined)
  return node === undefined ? [] : [{ name: 'flannel', resource: node, path: ['metadata', 'annotations', FLANNEL] }]
}

/** The word of a variable that pods are somebody else's. */
function fromVariables(env: Environment): OtherCni[] {
  const found: OtherCni[] = []
  const podCidr = env.get('USE_POD_CIDR')
  if (podCidr && flagOf(podCidr.value) === true)
    found.push({ ...podCidr, name: 'host-local addresses of podCIDR', isHostLocal: true })
  const manages = env.get('CALICO_MANAGE_CNI')
  if (manages && flagOf(manages.value) === false) found.push({ ...manages, name: 'a CNI plugin that is not Calico’s' })
  return found
}

/** What the CNI configuration of the manifest says: the plugin that wires pods, and who gives addresses. */
function configured(resources: Resources): OtherCni[] {
  const found: OtherCni[] = []
  for (const configMap of resources.configMaps) {
    const path = CNI_CONFIG_PATH
    const config = cniConfigOf(configMap)
    // What is no JSON is a fault elsewhere.
    for (const { type, ipam } of config === 'fault' ? [] : (config?.plugins ?? [])) {
      const plugin = PLUGINS[type ?? '']
      if (plugin !== undefined) found.push({ name: plugin, resource: configMap, path })
      const addresses = ipam?.['type']
      if (type === 'calico' && addresses !== undefined && addresses !== 'calico-ipam') {
        found.push({
          name: `addresses by ${addresses}`,
          resource: configMap,
          path,
          isHostLocal: addresses === 'host-local',
        })
      }
    }
  }
  return found
}

/**
 * Names whoever wires pods or gives them addresses beside Calico, all in one note.
 *
 * @param hostLocal - addresses of host-local are given, out of the nodes' own ranges
 * @returns whether there is somebody
 */
export function noteOtherCnis(resources: Resources, env: Environment, hostLocal: boolean, findings: Findings): boolean {
  const found = otherCnis(resources, env).filter(({ isHostLocal }) => !(hostLocal && isHostLocal === true))
  const [first] = found
  if (first === undefined) return false
  const names = [...new Set(found.map(({ name }) => name))]
  const what = `${names.join(', ')}: pods are not wired or addressed by Calico, and what does it is not modelled`
  findings.note('other_cni', first.resource, first.path, what)
  return true
}
