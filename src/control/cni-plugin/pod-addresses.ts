import { type Family, familyOf, type Ip, type Prefix, parseIp, prefixAddress } from '../../wire/index.ts'
import { assignAddress } from '../ipam/store/assign-address.ts'
import { autoAssignAddresses } from '../ipam/store/auto-assign.ts'
import { isFailure } from '../ipam/store/failure.ts'
import { releaseAddresses, releaseHandle } from '../ipam/store/release.ts'
import { resolvePools } from '../ipam/store/usable-pools.ts'
import type { CheckedCall } from './call-checks.ts'
import { type CniMachine, networkStore } from './cni-machine.ts'
import { type CniFailure, cniFailure, isCniFailure } from './failure.ts'
import { hostLocalAddresses, type PodRanges, podRangesOf, releaseHostLocal } from './host-local.ts'

type Annotations = Readonly<Record<string, string>>

/** Addresses for a pod. */
export interface PodAddressing {
  /** In the order in which they were got. */
  readonly addresses: readonly Ip[]
  /** Whether IPAM says routes, too; those of fixed addresses are left to Felix from v3.32 on. */
  readonly hasRoutes: boolean
}

const CNI = 'cni.projectcalico.org/'

/**
 * The addresses a pod gets: fixed ones with or past IPAM by its annotations, else what its IPAM plugin gives.
 *
 * @param annotations - of the pod
 * @param before - addresses of its endpoint, when there is one
 * @calico cni-plugin/pkg/k8s/k8s.go CmdAddK8s
 */
export function podAddresses(
  machine: CniMachine,
  checked: CheckedCall,
  annotations: Annotations,
  before: readonly Prefix[],
): PodAddressing | CniFailure {
  const { config } = checked
  const [fixed, past] = [annotations[`${CNI}ipAddrs`] ?? '', annotations[`${CNI}ipAddrsNoIpam`] ?? '']
  if (fixed === '' && past === '') return ofPlugin(machine, checked, annotations)
  const refused = (message: string): CniFailure => cniFailure('annotation', message)
  if (fixed !== '' && past !== '') {
    return refused("can't have both annotations: 'ipAddrs' and 'ipAddrsNoIpam' in use at the same time")
  }
  const name = past === '' ? 'ipAddrs' : 'ipAddrsNoIpam'
  if (config.ipam.type !== 'calico-ipam') {
    return refused(`${name} is not compatible with configured IPAM: ${config.ipam.type}`)
  }
  if (past !== '' && !config.addressesNoIpam) return refused('requested feature is not enabled: ip_addrs_no_ipam')
  if (past === '')
    releaseAddresses(
      machine.store,
      before.map((prefix) => ({ address: prefixAddress(prefix) })),
    )
  const wanted = listedAddresses(past || fixed, `${CNI}${name}`)
  if (isCniFailure(wanted)) return wanted
  for (const address of past === '' ? wanted : []) {
    const error = assignAddress(machine.store, { host: checked.node, address, handle: checked.handle, use: 'Workload' })
    if (error !== undefined) return { ...error, message: `error getting IP from IPAM: ${error.message}` }
  }
  return { addresses: wanted, hasRoutes: !machine.traits.felixRoutesFixedAddresses }
}

/** One address of each family at most, of a JSON list. */
function listedAddresses(text: string, annotation: string): readonly Ip[] | CniFailure {
  const list = jsonTexts(text)
  if (list === undefined) {
    return cniFailure('annotation', `failed to parse IPs ${text} for annotation "${annotation}": it is no JSON list`)
  }
  if (list.length === 0) return cniFailure('annotation', `annotation "${annotation}" specified but empty`)
  const addresses: Ip[] = []
  for (const one of list) {
    const address = parseIp(one)
    if (address === undefined) return cniFailure('annotation', `invalid IP format: ${one}`)
    const family = familyOf(address)
    if (addresses.some((other) => familyOf(other) === family)) {
      const message = `cannot have more than one IPv${family} address for "${annotation}" annotation`
      return cniFailure('annotation', message)
    }
    addresses.push(address)
  }
  return addresses
}

/** A JSON list of texts; null is an empty one; undefined for everything else. */
export function jsonTexts(text: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(text) ?? []
    return Array.isArray(list) && list.every((one) => typeof one === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

function ofPlugin(machine: CniMachine, checked: CheckedCall, annotations: Annotations): PodAddressing | CniFailure {
  const addresses =
    checked.config.ipam.type === 'host-local' ? ofHostLocal(machine, checked) : ofIpam(machine, checked, annotations)
  return isCniFailure(addresses) ? addresses : { addresses, hasRoutes: true }
}

function holderOf({ call }: CheckedCall): string {
  return `${call.container} ${call.interface}`
}

function ofHostLocal(machine: CniMachine, checked: CheckedCall): readonly Ip[] | CniFailure {
  const { config, node } = checked
  const ranges = (): PodRanges | CniFailure => {
    const name = config.kubernetesNode ?? node
    const cidrs = machine.objects.podCidrs(name)
    return cidrs === undefined ? cniFailure('other', `nodes "${name}" not found`) : podRangesOf(cidrs, name)
  }
  return hostLocalAddresses(config.ipam.fields, networkStore(machine, config.name), holderOf(checked), ranges)
}

/** What a call asks of IPAM: how many addresses of each family, and of which pools. */
interface Wanted {
  readonly count: Readonly<Record<Family, number>>
  readonly pools: Readonly<Record<Family, readonly string[]>>
}

/** The configuration, with what annotations of the pod, else of its namespace, put in its place. */
function wantedOf(machine: CniMachine, { call, config }: CheckedCall, annotations: Annotations): Wanted | CniFailure {
  const isKubernetes = config.policy === 'k8s'
  const ofNamespace = isKubernetes ? machine.objects.namespaceAnnotations(call.namespace) : {}
  const told = (name: string): string => annotations[`${CNI}${name}`] || ofNamespace[`${CNI}${name}`] || ''
  const pools = { 4: config.ipam.ipv4Pools, 6: config.ipam.ipv6Pools }
  for (const family of [4, 6] as const) {
    const text = told(`ipv${family}pools`)
    const list = text === '' ? pools[family] : jsonTexts(text)
    if (list === undefined) return cniFailure('annotation', `ipv${family}pools: "${text}" is no JSON list of pools`)
    pools[family] = list
  }
  const text = told('ipFamilies')
  if (text === '') return { pools, count: { 4: config.ipam.assignIpv4 ? 1 : 0, 6: config.ipam.assignIpv6 ? 1 : 0 } }
  const families = jsonTexts(text)
  if (families === undefined || families.some((one) => one !== 'IPv4' && one !== 'IPv6')) {
    return cniFailure('annotation', `error parsing ipFamilies: ${text}`)
  }
  return { pools, count: { 4: families.includes('IPv4') ? 1 : 0, 6: families.includes('IPv6') ? 1 : 0 } }
}

/** Addresses of Calico's IPAM: of all wanted families, or none. @calico cni-plugin/pkg/ipamplugin/ipam_plugin.go cmdAdd */
function ofIpam(machine: CniMachine, checked: CheckedCall, annotations: Annotations): readonly Ip[] | CniFailure {
  const { store } = machine
  const { call, node, handle } = checked
  const wanted = wantedOf(machine, checked, annotations)
  if (isCniFailure(wanted)) return wanted
  const { count, pools } = wanted
  for (const family of [4, 6] as const) {
    const resolved = resolvePools(store, pools[family], family)
    if (isFailure(resolved)) return resolved
  }
  const { ipv4, ipv6, error } = autoAssignAddresses(store, {
    host: node,
    ipv4: count[4],
    ipv6: count[6],
    use: 'Workload',
    namespace: call.namespace,
    pools4: pools[4],
    pools6: pools[6],
    handle,
  })
  if (error !== undefined) return error
  const got = { 4: ipv4, 6: ipv6 }
  const short = ([4, 6] as const).filter((family) => got[family].addresses.length < count[family])
  const addresses = [...ipv4.addresses, ...ipv6.addresses]
  const [family] = short
  if (family === undefined) {
    return addresses.length > 0 ? addresses : cniFailure('other', 'IPAM plugin returned missing IP config')
  }
  releaseAddresses(
    store,
    addresses.map((address) => ({ address })),
  )
  const why = [`Assigned 0 out of 1 requested IPv${family} addresses`, ...got[family].messages].join('; ')
  return cniFailure('other', `failed to request IPv${family} addresses: ${why}`)
}

/** Gives back what a container has; that it has nothing is no fault. */
export function releasePodAddresses(machine: CniMachine, checked: CheckedCall): CniFailure | undefined {
  if (checked.config.ipam.type === 'host-local') {
    releaseHostLocal(networkStore(machine, checked.config.name), holderOf(checked))
    return undefined
  }
  // Releases before v3 called the handle after the pod.
  for (const handle of [checked.handle, `${checked.call.namespace}.${checked.call.pod}`]) {
    const error = releaseHandle(machine.store, handle)
    if (error !== undefined && error.reason !== 'unknown-handle') return error
  }
  return undefined
}
