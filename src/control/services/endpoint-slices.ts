import { once } from '../../model/index.ts'
import { familyOf, type Ip, parseIps } from '../../wire/index.ts'
import type { ClusterNode } from '../cluster-node.ts'
import type { PodResource, ServicePort, ServiceResource } from '../kubernetes-kinds.ts'
import type { FieldPath } from '../origin.ts'
import { type PodGroups, PodLists } from '../pod-lists.ts'
import { namespacedName } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { type AddressedPod, addressedPods } from './addressed-pods.ts'
import {
  type GivenEndpoint,
  type GivenSlice,
  type GivenSlices,
  givenAfter,
  givenSlices,
  tellsOf,
} from './given-slices.ts'
import { isOfProtocol, protocolOf } from './port-protocol.ts'
import { podReadiness, type Readiness } from './readiness.ts'
import { SelectedPods } from './selected-pods.ts'
import { isOpen, type StandIns, standIns, withStandIns } from './stand-ins.ts'

/** A port of the endpoints of one EndpointSlice. */
export interface SlicePort {
  /** Name of the Service's port. */
  readonly name: string
  /** Protocol, in small letters. */
  readonly protocol: string
  /** Number; absent = none, or any. */
  readonly port?: number
}

/** An endpoint of a Service, with the ports of its EndpointSlice. */
export interface SliceEndpoint extends Readiness {
  /** Its addresses, of one family. */
  readonly addresses: readonly Ip[]
  /** Its ports. */
  readonly ports: readonly SlicePort[]
  /** `namespace/name` of its pod. */
  readonly pod?: string
  /** Node it runs on. */
  readonly node?: string
  /** Zones it is meant for. */
  readonly zones: readonly string[]
  /** Nodes it is meant for. */
  readonly nodes: readonly string[]
  /** The object that tells of it. */
  readonly resource: GivenSlice['resource'] | PodResource
  /** Where in it. */
  readonly path: FieldPath
}

const NONE: readonly string[] = []

/** Objects that tell of Services and their endpoints. */
type Told = Pick<Resources, 'endpointSlices' | 'endpoints' | 'services'>

/** Services of which some object was edited. */
export interface EditedServices {
  /** As they were: those that are gone, or are others. */
  readonly gone: readonly ServiceResource[]
  /** As they are: those that are new, or are others. */
  readonly fresh: readonly ServiceResource[]
  /** Names of all of which an object was edited, `namespace/name`. */
  readonly names: ReadonlySet<string>
}

function servicesAfter(
  before: ReadonlyMap<string, ServiceResource>,
  gone: readonly ServiceResource[],
  fresh: readonly ServiceResource[],
): ReadonlyMap<string, ServiceResource> {
  const after = new Map(before)
  for (const { metadata } of gone) after.delete(namespacedName(metadata))
  for (const service of fresh) after.set(namespacedName(service.metadata), service)
  return after
}

/** Services, and what the input tells of their endpoints. */
interface GivenEndpoints {
  readonly services: () => ReadonlyMap<string, ServiceResource>
  readonly given: () => GivenSlices
}

/**
 * The endpoints of Services: what EndpointSlices or Endpoints of the input say, and for a Service without either what the EndpointSlice
 * controller would write. Nothing of it is made before somebody asks, and then one endpoint after the other.
 */
export class EndpointSlices {
  /** Endpoints at addresses that nobody has, and the pods they are taken to be. */
  readonly standIns: () => StandIns
  private readonly given: () => GivenSlices
  private readonly services: () => ReadonlyMap<string, ServiceResource>
  /** Pods that run, in groups. */
  readonly groups: PodGroups<AddressedPod>
  private readonly selected: SelectedPods

  private constructor(
    groups: PodGroups<AddressedPod>,
    { services, given, standIns: found }: Pick<EndpointSlices, 'standIns'> & GivenEndpoints,
  ) {
    this.groups = groups
    this.selected = new SelectedPods(groups)
    this.services = services
    this.given = given
    this.standIns = found
  }

  /** @param own - pods with a network of their own */
  static of(
    resources: Told & Pick<Resources, 'pods'>,
    own: Iterable<AddressedPod>,
    nodes: readonly ClusterNode[],
  ): EndpointSlices {
    const { services, pods } = resources
    const all = (): Iterable<AddressedPod> => addressedPods(own, pods, nodes)
    const given = once(() => givenSlices(resources))
    const selectedBy = (service: string): Iterable<AddressedPod> => made.selectedBy(service)
    const made: EndpointSlices = new EndpointSlices(new PodLists(all()), {
      services: once(() => new Map(services.map((service) => [namespacedName(service.metadata), service]))),
      given,
      standIns: once(() => standIns(given(), all, selectedBy)),
    })
    return made
  }

  /** The same over other pods, where none of these is, or was, an endpoint of a Service whose endpoints are in the input. */
  forPods(groups: PodGroups<AddressedPod>): EndpointSlices {
    const { services, given, standIns: found } = this
    return new EndpointSlices(groups, { services, given, standIns: found })
  }

  /**
   * The same where objects of some Services alone are others; undefined where pods stand for addresses that nobody has, or may do so
   * then: who stands for which depends on all of them.
   *
   * @param isHeld - whether a pod has an address
   */
  edited(
    objects: Told,
    { gone, fresh, names }: EditedServices,
    isHeld: (address: Ip) => boolean,
  ): EndpointSlices | undefined {
    if (this.standIns().size > 0) return undefined
    const given = givenAfter(this.given(), objects, names)
    // Made now: what makes it later must not hold on to all that was before.
    const all = gone.length + fresh.length === 0 ? this.services() : servicesAfter(this.services(), gone, fresh)
    const told = { services: () => all, given: () => given, standIns: this.standIns }
    const made = new EndpointSlices(this.groups, told)
    return [...names].some((name) => made.mayStandIn(name, isHeld)) ? undefined : made
  }

  private mayStandIn(service: string, isHeld: (address: Ip) => boolean): boolean {
    const slices = this.given().get(service) ?? []
    const isOfNobody = ({ addresses = [] }: GivenEndpoint): boolean => parseIps(addresses).some((ip) => !isHeld(ip))
    if (!slices.some(({ endpoints = [] }) => endpoints.some(isOfNobody))) return false
    for (const pod of this.selectedBy(service)) if (isOpen(pod)) return true
    return false
  }

  /** Whether an object of the input tells of an endpoint at one of these addresses. */
  tellOf(addresses: readonly Ip[]): boolean {
    if (addresses.length === 0) return false
    for (const slices of this.given().values()) if (slices.some((one) => tellsOf(one, addresses))) return true
    return false
  }

  /** Whether endpoints of a Service are in the input. */
  isGiven({ metadata }: ServiceResource): boolean {
    return this.given().has(namespacedName(metadata))
  }

  /** The Service that is called so, `namespace/name`. */
  service(name: string): ServiceResource | undefined {
    return this.services().get(name)
  }

  /** The endpoints of a Service, in no order. */
  of(service: ServiceResource): Iterable<SliceEndpoint> {
    const slices = this.given().get(namespacedName(service.metadata))
    return slices === undefined ? this.derived(service) : this.told(slices)
  }

  /** Those of the Service that is called so (`namespace/name`), even where only slices of it are in the input. */
  named(name: string): Iterable<SliceEndpoint> {
    const slices = this.given().get(name)
    if (slices !== undefined) return this.told(slices)
    const found = this.services().get(name)
    return found === undefined ? [] : this.derived(found)
  }

  /** Whether endpoints of a Service might be told twice, and not in the same words. */
  mayRepeat({ metadata }: ServiceResource, { resource, addresses }: SliceEndpoint): boolean {
    if (resource.kind === 'Pod') return resource.spec.hostNetwork === true
    let count = 0
    for (const slice of this.given().get(namespacedName(metadata)) ?? []) {
      for (const one of slice.endpoints ?? []) if (one.addresses?.[0] === addresses[0]) count++
    }
    return count !== 1
  }

  /** Whether some endpoint of a Service is meant for zones or nodes: only EndpointSlices can say so. */
  haveHints({ metadata }: ServiceResource): boolean {
    const slices = this.given().get(namespacedName(metadata)) ?? []
    return slices.some(({ endpoints = [] }) => endpoints.some(({ hints }) => hints !== undefined))
  }

  private *told(slices: readonly GivenSlice[]): Iterable<SliceEndpoint> {
    for (const slice of slices) yield* ofSlice(withStandIns(slice, this.standIns()))
  }

  private selectedBy(service: string): Iterable<AddressedPod> {
    const found = this.services().get(service)
    return found === undefined ? [] : this.selected.of(found)
  }

  /** Pods the Service selects, that have an address. */
  private *derived(service: ServiceResource): Iterable<SliceEndpoint> {
    const { ports = [], publishNotReadyAddresses = false } = service.spec
    const same = ports.some(({ targetPort }) => typeof targetPort === 'string') ? undefined : ports.map(numbered)
    for (const { pod, allocations } of this.selected.of(service)) {
      const { nodeName } = pod.spec
      for (const family of [4, 6] as const) {
        const address = allocations.find((one) => familyOf(one.address) === family)?.address
        if (address === undefined) continue
        yield {
          addresses: [address],
          ports: same ?? ports.flatMap((port) => named(pod, port)),
          ...podReadiness(pod, publishNotReadyAddresses),
          pod: namespacedName(pod.metadata),
          ...(nodeName === undefined ? {} : { node: nodeName }),
          zones: NONE,
          nodes: NONE,
          resource: pod,
          path: [],
        }
      }
    }
  }
}

function slicePort(of: Pick<Partial<ServicePort>, 'name' | 'protocol'>, port: number | undefined): SlicePort {
  return { name: of.name ?? '', protocol: protocolOf(of), ...(port === undefined ? {} : { port }) }
}

/** A port of a Service whose pods are asked at a number. */
function numbered(port: ServicePort): SlicePort {
  return slicePort(port, Number(port.targetPort ?? port.port))
}

/** A port of a Service in a pod: numbers may be written as text, and a name is what the pod calls its port. */
function named({ spec }: PodResource, port: ServicePort): readonly SlicePort[] {
  const { targetPort = port.port } = port
  if (typeof targetPort === 'number' || /^\d+$/.test(targetPort)) return [numbered(port)]
  const ports = (spec.containers ?? []).flatMap((container) => container.ports ?? [])
  const found = ports.find((one) => one.name === targetPort && isOfProtocol(one, protocolOf(port)))
  return found === undefined ? [] : [slicePort(port, found.containerPort)]
}

function* ofSlice(slice: GivenSlice): Iterable<SliceEndpoint> {
  if (slice.addressType === 'FQDN') return
  const ports = (slice.ports ?? []).map((one) =>
    slicePort({ name: one.name ?? '', protocol: one.protocol ?? 'TCP' }, one.port),
  )
  for (const [index, endpoint] of (slice.endpoints ?? []).entries()) {
    const addresses = parseIps(endpoint.addresses ?? [])
    const { conditions = {}, targetRef, nodeName, hints } = endpoint
    const { ready = true, serving = true, terminating = false } = conditions
    const namespace = targetRef?.namespace ?? slice.resource.metadata.namespace ?? 'default'
    const isPod = targetRef?.name !== undefined && (targetRef.kind ?? 'Pod') === 'Pod'
    yield {
      addresses,
      ports,
      ready,
      serving,
      terminating,
      ...(isPod ? { pod: `${namespace}/${targetRef.name}` } : {}),
      ...(nodeName === undefined ? {} : { node: nodeName }),
      zones: (hints?.forZones ?? []).map(({ name }) => name),
      nodes: (hints?.forNodes ?? []).map(({ name }) => name),
      resource: slice.resource,
      path: slice.pathOf(index),
    }
  }
}
