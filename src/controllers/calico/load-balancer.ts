import {
  assignAddress,
  autoAssignAddresses,
  type IPPoolResource,
  type IpamStore,
  type ServiceResource,
  storeOf,
} from '../../control/index.ts'
import { isRecord } from '../../model/index.ts'
import { contains, type Family, familyOf, type Ip, parseIp, parsePrefix } from '../../wire/index.ts'
import type { Work } from '../work.ts'

/** Whom blocks of load balancers belong to. @calico libcalico-go/lib/apis/v3 VirtualLoadBalancer */
const HOST = 'load-balancer'
const CLASS = 'calico'
/** Pools for load balancers are of releases that know all of these. */
const TRAITS = { assignmentMode: true, namespaceSelector: true, ipCooldown: true } as const

/**
 * Gives Services of type LoadBalancer addresses of the pools that are for them. Addresses that they have stay; what is free is handed
 * out as of new blocks, since blocks of load balancers are not stored.
 *
 * @calico kube-controllers/pkg/controllers/loadbalancer/loadbalancer_controller.go
 */
export function loadBalancers(work: Work): void {
  const { objects } = work
  const pools = objects.all('ippools').filter(isForBalancers)
  if (pools.length === 0) return
  const services = objects.all('services')
  const isAll = !assignsRequestedOnly(work)
  const wanting = services.filter((one) => isOurs(one, isAll))
  const isIn = (address: Ip): boolean => pools.some(({ spec }) => isInside(spec.cidr, address))
  for (const one of services) if (one.spec.type !== 'LoadBalancer' && addressesOf(one).some(isIn)) put(work, one, [])
  if (wanting.every((one) => missing(one).length === 0)) return
  const store = storeOf([...pools, ...objects.all('ipReservations')], TRAITS)
  const held = services.filter(({ spec }) => spec.type === 'LoadBalancer').flatMap(addressesOf)
  for (const address of held) if (isIn(address)) take(store, address)
  for (const one of wanting) {
    const fresh = missing(one).flatMap((family) => given(store, one, family) ?? [])
    if (fresh.length > 0) put(work, one, [...addressesOf(one), ...fresh])
  }
}

function isForBalancers({ spec }: IPPoolResource): boolean {
  return spec.allowedUses?.includes('LoadBalancer') === true && spec.disabled !== true
}

function isInside(cidr: string, address: Ip): boolean {
  const range = parsePrefix(cidr)
  return range !== undefined && familyOf(range) === familyOf(address) && contains(range, address)
}

/** `assignIPs` of the KubeControllersConfiguration. */
function assignsRequestedOnly({ objects }: Work): boolean {
  const settings = objects.all('kubeControllersConfigurations').find(({ metadata }) => metadata.name === 'default')
  return settings?.spec?.controllers?.loadBalancer?.assignIPs === 'RequestedServicesOnly'
}

/** Whether a Service gets its addresses from Calico: it is of no other's class, and asks for it where only those get one that ask. */
function isOurs(service: ServiceResource, isAll: boolean): boolean {
  const { type, loadBalancerClass, loadBalancerIP } = service.spec
  if (type !== 'LoadBalancer') return false
  if (loadBalancerClass !== undefined) return loadBalancerClass === CLASS
  const asked = ['loadBalancerIPs', 'ipv4pools', 'ipv6pools'].some((name) => listIn(service, name).length > 0)
  return isAll || asked || loadBalancerIP !== undefined
}

/** A list of texts in an annotation of Calico's; empty where there is none. */
function listIn({ metadata }: ServiceResource, name: string): readonly string[] {
  const text = metadata.annotations?.[`projectcalico.org/${name}`]
  try {
    const value: unknown = text === undefined ? [] : JSON.parse(text)
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return []
  }
}

function addressesOf({ status }: ServiceResource): readonly Ip[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip = '' }) => parseIp(ip) ?? [])
}

/** Families of a Service of which it has no address yet. */
function missing(service: ServiceResource): readonly Family[] {
  const { spec } = service
  const said = (spec as { readonly ipFamilies?: unknown }).ipFamilies
  const families = Array.isArray(said) ? said.map((one): Family => (one === 'IPv6' ? 6 : 4)) : [familyOfCluster(spec)]
  const has = new Set(addressesOf(service).map(familyOf))
  return families.filter((family) => !has.has(family))
}

function familyOfCluster({ clusterIP = '' }: ServiceResource['spec']): Family {
  return clusterIP.includes(':') ? 6 : 4
}

/** An address for a Service: one that it asks for, or the next of its pools; undefined where there is none. */
function given(store: IpamStore, service: ServiceResource, family: Family): Ip | undefined {
  const { loadBalancerIP } = service.spec
  const asked = [...listIn(service, 'loadBalancerIPs'), ...(loadBalancerIP === undefined ? [] : [loadBalancerIP])]
  if (asked.length > 0) {
    const own = asked.flatMap((text) => parseIp(text) ?? []).find((one) => familyOf(one) === family)
    return own !== undefined && take(store, own) ? own : undefined
  }
  const names = listIn(service, family === 4 ? 'ipv4pools' : 'ipv6pools')
  const wanted = family === 4 ? { ipv4: 1, pools4: names } : { ipv6: 1, pools6: names }
  const got = autoAssignAddresses(store, { host: HOST, use: 'LoadBalancer', ...wanted })
  return (family === 4 ? got.ipv4 : got.ipv6).addresses[0]
}

function take(store: IpamStore, address: Ip): boolean {
  return assignAddress(store, { host: HOST, use: 'LoadBalancer', address }) === undefined
}

function put(work: Work, service: ServiceResource, addresses: readonly Ip[]): void {
  const { status = {} } = service
  const loadBalancer = addresses.length === 0 ? {} : { ingress: addresses.map((ip) => ({ ip })) }
  work.objects.put({ ...service, status: { ...(isRecord(status) ? status : {}), loadBalancer } })
}
