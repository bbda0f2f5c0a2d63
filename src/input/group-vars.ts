import type { PlaceOf } from '../control/index.ts'
import type { Issue } from '../model/index.ts'
import type { InputDocument } from './document.ts'
import { isMap, type RawObject, show } from './objects.ts'

type Value = string | number | boolean

/** A variable of Kubespray's inventory, and the file it stands in. */
interface Given {
  readonly value: unknown
  readonly document: InputDocument
}

/** What Kubespray sets where its inventory says nothing. @kubespray roles/network_plugin/calico_defaults */
const USUAL: Readonly<Record<string, Value>> = {
  calico_pool_name: 'default-pool',
  kube_pods_subnet: '10.233.64.0/18',
  calico_pool_blocksize: 26,
  calico_ipip_mode: 'Never',
  calico_vxlan_mode: 'Always',
  calico_network_backend: 'vxlan',
  nat_outgoing: true,
  calico_endpoint_to_host_action: 'RETURN',
}

/** Variables of calico-node by those of the inventory. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  calico_network_backend: 'CALICO_NETWORKING_BACKEND',
  calico_endpoint_to_host_action: 'FELIX_DEFAULTENDPOINTTOHOSTACTION',
  calico_ip_auto_method: 'IP_AUTODETECTION_METHOD',
  calico_ip6_auto_method: 'IP6_AUTODETECTION_METHOD',
  calico_bpf_enabled: 'FELIX_BPFENABLED',
  calico_wireguard_enabled: 'FELIX_WIREGUARDENABLED',
  calico_vxlan_vni: 'FELIX_VXLANVNI',
  calico_vxlan_port: 'FELIX_VXLANPORT',
  calico_mtu: 'FELIX_VXLANMTU',
  calico_iptables_backend: 'FELIX_IPTABLESBACKEND',
}

/** Fields of the pool by variables of the inventory. */
const POOL: Readonly<Record<string, string>> = {
  cidr: 'calico_pool_cidr',
  blockSize: 'calico_pool_blocksize',
  ipipMode: 'calico_ipip_mode',
  vxlanMode: 'calico_vxlan_mode',
  natOutgoing: 'nat_outgoing',
}

/** What reaches no packet, or says no more than the objects of the cluster do. */
const HARMLESS =
  /^calico_(version|.*_(enabled|image|repo|tag|url|checksum|binary|cpu|memory|log.*|limit|requests|replicas|dir|prometheus.*)|cni_.*|typha_.*|apiserver_.*|datastore|felix_(log.*|prometheus.*|health.*)|node_(extra.*|live.*|ready.*|startup.*)|loglevel|kdd|pool_name)$/

/** Variables that Calico follows: its own and its peers. */
const CALICOS = /^(calico_|peer_with_|global_as_num)/
/** Switches of a second family of addresses, for which no pool is made. */
const SECOND_FAMILY: ReadonlySet<string> = new Set(['ipv6_stack', 'enable_dual_stack_networks'])

/** Whether a document is a piece of Kubespray's `group_vars`: plain variables, and such of networks. */
export function isGroupVars({ value }: InputDocument): boolean {
  if (!isMap(value) || 'kind' in value || 'apiVersion' in value) return false
  return Object.keys(value).some((key) => /^(kube_network_plugin$|kube_pods_subnet$|calico_)/.test(key))
}

/** The pool and the settings that Kubespray makes of its inventory, all files of it together. */
export function groupVarsObjects(documents: readonly InputDocument[], warnings: Issue[]): RawObject[] {
  const given = new Map<string, Given>()
  for (const document of documents) {
    for (const [key, value] of Object.entries(document.value as object)) given.set(key, { value, document })
  }
  const first = documents[0]
  if (first === undefined) return []
  const plugin = given.get('kube_network_plugin')
  const place = (key: string): ReturnType<PlaceOf> => {
    const found = given.get(key)
    return found === undefined ? first.placeOf([]) : found.document.placeOf([key])
  }
  if (plugin !== undefined && plugin.value !== 'calico') return [daemonSet(String(plugin.value), [], place, first)]
  noteUnread(given, place, first, warnings)
  const settingOf = (key: string): unknown => given.get(key)?.value ?? USUAL[key]
  const env = Object.entries(ENVIRONMENT).flatMap(([key, name]) => {
    const value = settingOf(key)
    return value === undefined || value === '' ? [] : [{ key, name, value: String(value) }]
  })
  const usual = [
    { key: '', name: 'IP', value: 'autodetect' },
    { key: '', name: 'NO_DEFAULT_POOLS', value: 'true' },
  ]
  return [pool(settingOf, given, place, first), daemonSet('calico-node', [...usual, ...env], place, first)]
}

function pool(
  settingOf: (key: string) => unknown,
  given: ReadonlyMap<string, Given>,
  place: (key: string) => ReturnType<PlaceOf>,
  { file }: InputDocument,
): RawObject {
  const apiVersion = 'projectcalico.org/v3'
  const cidr = given.has('calico_pool_cidr') ? 'calico_pool_cidr' : 'kube_pods_subnet'
  const keys: Readonly<Record<string, string>> = { ...POOL, cidr }
  const spec = Object.fromEntries(Object.entries(keys).map(([field, key]) => [field, settingOf(key)]))
  const metadata = { name: String(settingOf('calico_pool_name')) }
  return {
    apiVersion,
    kind: 'IPPool',
    value: { apiVersion, kind: 'IPPool', metadata, spec },
    file,
    placeOf: (path) => place(keys[String(path[1])] ?? cidr),
  }
}

function daemonSet(
  name: string,
  env: readonly { readonly key: string; readonly name: string; readonly value: string }[],
  place: (key: string) => ReturnType<PlaceOf>,
  { file }: InputDocument,
): RawObject {
  const apiVersion = 'apps/v1'
  const containers = [{ name, env: env.map(({ name: variable, value }) => ({ name: variable, value })) }]
  const metadata = { name: name === 'flannel' ? 'kube-flannel' : name, namespace: 'kube-system' }
  return {
    apiVersion,
    kind: 'DaemonSet',
    value: { apiVersion, kind: 'DaemonSet', metadata, spec: { template: { spec: { containers } } } },
    file,
    placeOf: (path) => place(path[6] === undefined ? 'kube_network_plugin' : (env[Number(path[6])]?.key ?? '')),
  }
}

/** Variables of Calico that are not read: they may change packets. */
function noteUnread(
  given: ReadonlyMap<string, Given>,
  place: (key: string) => ReturnType<PlaceOf>,
  { file }: InputDocument,
  warnings: Issue[],
): void {
  const read = new Set([...Object.keys(USUAL), ...Object.keys(ENVIRONMENT), ...Object.values(POOL)])
  for (const [key, { value }] of given) {
    if (!(CALICOS.test(key) || (SECOND_FAMILY.has(key) && value !== false)) || read.has(key) || HARMLESS.test(key))
      continue
    const at = place(key)
    const where = at === undefined ? { file } : { file: at.file, line: at.line, column: at.column }
    warnings.push({
      kind: 'unsupported',
      ...where,
      path: [key],
      expected: 'a variable packetwalk reads',
      received: show(value),
    })
  }
}
