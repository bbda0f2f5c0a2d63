import {
  familyOf,
  hostPrefix,
  type Ip,
  type Mac,
  type Prefix,
  parseCidr,
  parseIp,
  parseMac,
  prefixOf,
} from '../../wire/index.ts'
import { drawnPodMac } from '../cni.ts'
import type { ConvertedPod } from '../conversion/pod.ts'
import { type ConvertedEndpoint, endpointOfPod } from '../conversion/pod-endpoint.ts'
import { hostInterfaceName, workloadEndpointName } from '../names.ts'
import { type CheckedCall, checkedCall, mtuOf, NotModelled } from './call-checks.ts'
import type { CniCall, CniMachine } from './cni-machine.ts'
import { type CniFailure, cniFailure, isCniFailure } from './failure.ts'
import { jsonTexts, type PodAddressing, podAddresses, releasePodAddresses } from './pod-addresses.ts'
import { hostEndSysctls, hostRoutesTo, podRoutesOf } from './pod-device.ts'

/** Names of an endpoint: those of the pod's first interface stay when it is called for another. */
interface EndpointNames {
  readonly key: string
  readonly name: string
  readonly endpoint: string
}

const CNI = 'cni.projectcalico.org/'
const DEFAULTS: readonly Prefix[] = ['0.0.0.0/0', '::/0'] as readonly string[] as readonly Prefix[]

/**
 * ADD: addresses, the veth, the endpoint, in this order. What was done before it fails stays, as for the runtime that then
 * calls DEL.
 *
 * @returns the addresses, or why not
 * @calico cni-plugin/pkg/plugin/plugin.go cmdAdd, cni-plugin/pkg/k8s/k8s.go CmdAddK8s
 */
export function cniAdd(machine: CniMachine, call: CniCall): readonly Ip[] | CniFailure {
  const checked = checkedCall(machine, call, 'ADD')
  if (isCniFailure(checked)) return checked
  const names = namesOf(machine, checked)
  const before = machine.endpoints.get(names.key)
  const isKubernetes = checked.config.policy === 'k8s'
  const pod = isKubernetes ? machine.objects.pod(`${call.namespace}/${call.pod}`) : undefined
  if (isKubernetes && pod === undefined) return cniFailure('other', `pods "${call.pod}" not found`)
  if (isOfKubeVirt(pod)) throw new NotModelled('pods of KubeVirt')
  const routes = routesOf(checked)
  if ('reason' in routes) return routes
  const made = pod === undefined ? undefined : converted(machine, checked, pod)
  if (made !== undefined && isCniFailure(made)) return made
  const annotations = pod?.metadata.annotations ?? {}
  const addressing = podAddresses(machine, checked, annotations, (before?.spec.ipNetworks as Prefix[]) ?? [])
  if (isCniFailure(addressing)) return addressing
  const mac = wired(machine, checked, addressing, annotations, routes)
  if (typeof mac !== 'string') {
    releasePodAddresses(machine, checked)
    return mac
  }
  return written(machine, checked, names, made, annotations, addressing, mac)
}

/** Whether a pod runs a virtual machine, whose addresses outlive it. */
function isOfKubeVirt(pod: ConvertedPod | undefined): boolean {
  const owners = pod?.metadata.ownerReferences ?? []
  return (
    pod?.metadata.name.startsWith('virt-launcher-') === true &&
    owners.some(({ kind }) => kind === 'VirtualMachineInstance')
  )
}

/** The endpoint of the pod at any interface, else what it will be called. */
function namesOf({ endpoints }: CniMachine, { call, node }: CheckedCall): EndpointNames {
  for (const [key, { metadata, spec }] of endpoints) {
    if (metadata.namespace === call.namespace && spec.pod === call.pod && spec.node === node) {
      return { key, name: metadata.name, endpoint: spec.endpoint }
    }
  }
  const name = workloadEndpointName(node, call.pod, call.interface)
  return { key: `${call.namespace}/${name}`, name, endpoint: call.interface }
}

/** The destinations that get a route in the pod: those of host-local's configuration in place of the usual ones, or beside them. */
function routesOf({ config }: CheckedCall): readonly Prefix[] | CniFailure {
  const { routes = [] } = config.ipam.type === 'host-local' ? config.ipam.fields : {}
  if (!Array.isArray(routes)) {
    return cniFailure('other', 'failed to parse host-local IPAM routes section; expecting list')
  }
  const own: Prefix[] = []
  for (const route of routes) {
    const { dst } = (route ?? {}) as Readonly<Record<string, unknown>>
    if (dst === undefined) continue
    const cidr = typeof dst === 'string' ? parseCidr(dst) : undefined
    if (cidr === undefined) return cniFailure('other', `invalid CIDR address: ${String(dst)}`)
    own.push(prefixOf(cidr.address, cidr.length))
  }
  if (own.length === 0) return DEFAULTS
  return config.includeDefaultRoutes ? [...DEFAULTS, ...own] : own
}

/** What the pod itself says of its endpoint. */
function converted(
  { traits, prefix }: CniMachine,
  { node }: CheckedCall,
  pod: ConvertedPod,
): ConvertedEndpoint | CniFailure {
  const scheduled = { ...pod, spec: { ...pod.spec, nodeName: pod.spec?.nodeName ?? node, hostNetwork: false } }
  const { object, errors } = endpointOfPod(scheduled, traits, prefix)
  return object ?? cniFailure('annotation', errors.join('; '))
}

/** Makes the veth. @returns the MAC of the container end */
function wired(
  machine: CniMachine,
  checked: CheckedCall,
  { addresses, hasRoutes }: PodAddressing,
  annotations: Readonly<Record<string, string>>,
  routes: readonly Prefix[],
): Mac | CniFailure {
  const { call } = checked
  const hostName = hostInterfaceName(machine.prefix, call.namespace, call.pod)
  const wanted = annotations[`${CNI}hwAddr`]
  const mac = wanted === undefined ? drawnPodMac(call.namespace, call.pod, machine.made) : parseMac(wanted)
  machine.made += 1
  const common = { container: call.container, hostName, name: call.interface, mtu: mtuOf(checked) }
  const sysctls = hostEndSysctls(hostName, addresses)
  if (mac === undefined) {
    const bare = { addresses: [], hostRoutes: [], podRoutes: podRoutesOf([], call.interface, []) }
    machine.devices.set(hostName, { ...common, ...bare, sysctls, mac: drawnPodMac(call.namespace, call.pod, 0) })
    const message = `failed to parse MAC address ${wanted} provided via ${CNI}hwAddr: address ${wanted}: invalid MAC address`
    return cniFailure('annotation', message)
  }
  const hostRoutes = hasRoutes ? hostRoutesTo(addresses, hostName) : []
  const taken = hasRoutes ? otherWith(machine, hostName, addresses) : undefined
  machine.devices.set(hostName, {
    ...common,
    mac,
    addresses,
    sysctls,
    hostRoutes: taken === undefined ? hostRoutes : [],
    podRoutes: podRoutesOf(addresses, call.interface, routes),
  })
  if (taken === undefined) return mac
  const { address, dev } = taken
  const already = `route (Dst: ${hostPrefix(address)}, Scope: link) already exists for an interface other than '${hostName}'`
  const message = `error adding host side routes for interface: ${hostName}, error: ${already}: route (Iface: ${dev})`
  return cniFailure('other', message)
}

/** An address that the host already has a route to, at another interface. */
function otherWith({ devices }: CniMachine, hostName: string, addresses: readonly Ip[]) {
  for (const { hostName: dev, hostRoutes } of devices.values()) {
    if (dev === hostName) continue
    const address = addresses.find((one) => hostRoutes.some(({ dst }) => dst === hostPrefix(one)))
    if (address !== undefined) return { address, dev }
  }
  return undefined
}

/** Writes the endpoint. */
function written(
  machine: CniMachine,
  checked: CheckedCall,
  names: EndpointNames,
  made: ConvertedEndpoint | undefined,
  annotations: Readonly<Record<string, string>>,
  { addresses }: PodAddressing,
  mac: Mac,
): readonly Ip[] | CniFailure {
  const { call, config, node } = checked
  const floating = floatingOf(checked, annotations, addresses)
  if (isCniFailure(floating)) {
    releasePodAddresses(machine, checked)
    return floating
  }
  const { ports, serviceAccountName, allowSpoofedSourcePrefixes } = made?.spec ?? {}
  const { labels = {}, generateName } = made?.metadata ?? {}
  const { key, name, endpoint } = names
  machine.endpoints.set(key, {
    apiVersion: 'projectcalico.org/v3',
    kind: 'WorkloadEndpoint',
    metadata: { name, namespace: call.namespace, ...(generateName === undefined ? {} : { generateName }), labels },
    spec: {
      orchestrator: 'k8s',
      node,
      containerID: call.container,
      pod: call.pod,
      endpoint,
      interfaceName: hostInterfaceName(machine.prefix, call.namespace, call.pod),
      mac,
      ipNetworks: addresses.map(hostPrefix),
      profiles: made?.spec.profiles ?? [config.name],
      ...(floating.length === 0 ? {} : { ipNATs: floating }),
      ...(ports === undefined ? {} : { ports }),
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
      ...(allowSpoofedSourcePrefixes === undefined ? {} : { allowSpoofedSourcePrefixes }),
    },
  })
  if (config.policySetupTimeout >= 0) return addresses
  return cniFailure('other', `invalid pod startup delay of ${config.policySetupTimeout}`)
}

/** Floating addresses, each for the pod's address of its family. */
function floatingOf({ config }: CheckedCall, annotations: Readonly<Record<string, string>>, addresses: readonly Ip[]) {
  const text = annotations[`${CNI}floatingIPs`] ?? ''
  if (text === '') return []
  if (!config.floatingAddresses) return cniFailure('annotation', 'requested feature is not enabled: floating_ips')
  const wanted = jsonTexts(text)
  if (wanted === undefined) return cniFailure('annotation', `failed to parse '${text}' as JSON`)
  const pairs: { internalIP: Ip; externalIP: string }[] = []
  for (const externalIP of wanted) {
    const family = externalIP.includes(':') ? 6 : 4
    const internalIP = [...addresses].reverse().find((address) => familyOf(address) === family)
    if (internalIP === undefined || parseIp(externalIP) === undefined) {
      return cniFailure('annotation', `ipNATs: ${externalIP} has no address of the pod to stand for`)
    }
    pairs.push({ internalIP, externalIP })
  }
  return pairs
}
