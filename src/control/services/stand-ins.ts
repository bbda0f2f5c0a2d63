import { familyOf, type Ip, parseIp } from '../../wire/index.ts'
import { statedAddresses } from '../ipam/pod-address.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { namespacedName } from '../resource.ts'
import type { AddressedPod } from './addressed-pods.ts'
import type { GivenEndpoint, GivenSlice, GivenSlices } from './given-slices.ts'

/** A pod that stands for an address, and a Service that has the address as an endpoint. */
export interface StandIn {
  /** The pod. */
  readonly pod: PodResource
  /** Its own address. */
  readonly address: Ip
  /** `namespace/name` of the Service. */
  readonly service: string
}

/**
 * Pods by the addresses they stand for. Where the input leaves open which address a pod has, IPAM gives it one, and an
 * EndpointSlice that names the true one would lead nowhere: such an endpoint is taken to be a pod the Service selects.
 */
export type StandIns = ReadonlyMap<string, StandIn>

/** Whether the input leaves open which address a pod has. */
export function isOpen({ pod }: AddressedPod): boolean {
  return pod.spec.hostNetwork !== true && statedAddresses(pod) === undefined
}

/** The pods that stand for addresses of EndpointSlices which no pod has, each for one of a family. */
export function standIns(
  given: GivenSlices,
  pods: () => Iterable<AddressedPod>,
  selectedBy: (service: string) => Iterable<AddressedPod>,
): StandIns {
  const found = new Map<string, StandIn>()
  const nobodys = given.size === 0 ? new Set<Ip>() : nobodysAddresses(given, pods())
  if (nobodys.size === 0) return found
  const taken = new Set<Ip>()
  for (const [service, slices] of given) {
    const open = [...selectedBy(service)].filter(isOpen)
    for (const slice of open.length === 0 ? [] : slices) {
      for (const endpoint of slice.endpoints ?? []) {
        const ip = firstOf(endpoint)
        if (ip === undefined || !nobodys.has(ip)) continue
        const free = (one: AddressedPod): Ip | undefined =>
          one.allocations.find((own) => familyOf(own.address) === familyOf(ip) && !taken.has(own.address))?.address
        const chosen = open.find(
          (one) => isMeant(one, endpoint, slice.resource.metadata.namespace) && free(one) !== undefined,
        )
        if (chosen === undefined) continue
        const address = free(chosen)!
        nobodys.delete(ip)
        taken.add(address)
        found.set(ip, { pod: chosen.pod, address, service })
      }
    }
  }
  return found
}

/** The address of an endpoint; a slice names one each. */
function firstOf({ addresses }: GivenEndpoint): Ip | undefined {
  return parseIp(addresses?.[0] ?? '')
}

/** Addresses of endpoints that no pod has; none where no pod's address is open. */
function nobodysAddresses(given: GivenSlices, pods: Iterable<AddressedPod>): Set<Ip> {
  const slices = [...given.values()].flat()
  const asked = slices.flatMap(({ endpoints = [] }) => endpoints.map(firstOf))
  const nobodys = new Set(asked.filter((ip) => ip !== undefined))
  let hasOpen = false
  for (const one of pods) {
    for (const { address } of one.allocations) nobodys.delete(address)
    hasOpen ||= isOpen(one)
  }
  return hasOpen ? nobodys : new Set()
}

/** Whether a pod may be an endpoint: by the pod and the node that the slice names. */
function isMeant({ pod }: AddressedPod, { nodeName, targetRef }: GivenEndpoint, namespace = 'default'): boolean {
  if (nodeName !== undefined && nodeName !== pod.spec.nodeName) return false
  if (targetRef?.name === undefined) return true
  return namespacedName({ namespace, ...targetRef, name: targetRef.name }) === namespacedName(pod.metadata)
}

/** A slice whose endpoints are at the addresses their pods have here. */
export function withStandIns(slice: GivenSlice, found: StandIns): GivenSlice {
  const { endpoints = [] } = slice
  const standInOf = (endpoint: GivenEndpoint): StandIn | undefined => found.get(firstOf(endpoint) ?? '')
  if (found.size === 0 || !endpoints.some(standInOf)) return slice
  return { ...slice, endpoints: endpoints.map((one) => replaced(one, standInOf(one))) }
}

function replaced(endpoint: GivenEndpoint, found: StandIn | undefined): GivenEndpoint {
  if (found === undefined) return endpoint
  const { namespace = 'default', name } = found.pod.metadata
  return { ...endpoint, addresses: [found.address], targetRef: { kind: 'Pod', namespace, name } }
}
