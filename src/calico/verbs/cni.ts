import * as v from 'valibot'
import {
  type CniCall,
  type CniFailure,
  type CniMachine,
  cniAdd,
  cniDel,
  cniMachine,
  HOST_MAC,
  hostInterfaceName,
  isCniFailure,
  NotModelled,
  type PluginEndpoint,
  type PodDevice,
  routeLines,
  traitsOf,
} from '../../control/index.ts'
import { hostPrefix } from '../../wire/index.ts'
import { type RequestBase, type Verb, verb } from '../verb.ts'
import { type CniDatastore, cniDatastore } from './cni-objects.ts'
import { rememberedOf, requestFault } from './ipam-references.ts'
import { type IpamScript, type IpamStepResult, ipamScript, runIpamStep } from './ipam-script.ts'
import { IPAM_STEP, type IpamStep } from './ipam-steps.ts'

/** A call of the plugin. */
export interface CniCallStep {
  /** ADD or DEL. */
  readonly do: 'add' | 'del'
  /** A name for what comes of it. */
  readonly as?: string
  /** `namespace/name`. */
  readonly pod: string
  /** Id of the container. */
  readonly container: string
  /** Interface in the pod; absent: eth0. */
  readonly interface?: string
  /** The network configuration: the plugin's entry of the conflist, or all of it. */
  readonly config: Readonly<Record<string, unknown>>
  /** Files of the host, by path. */
  readonly files?: Readonly<Record<string, string>>
}

/** Lists all endpoints. */
export interface EndpointsStep {
  /** What is done. */
  readonly do: 'endpoints'
  /** A name for what comes of it. */
  readonly as?: string
}

/** What does the plugin do on this node, one call after the other? */
export interface CniRequest extends RequestBase<'cni'> {
  /** The node. */
  readonly node: string
  /** What the datastore holds. */
  readonly objects?: readonly unknown[]
  /** Calls, and steps of IPAM. */
  readonly steps: readonly (CniCallStep | EndpointsStep | IpamStep)[]
}

/** The host's side of a pod after a call. */
export interface CniHostResult {
  /** The host end; null: there is none. */
  readonly interface: { readonly name: string; readonly mac: string; readonly mtu: number; readonly up: boolean } | null
  /** Settings of the host end that the plugin writes. */
  readonly sysctls: Readonly<Record<string, string>>
  /** Routes to the pod, as `ip route` prints them. */
  readonly routes: readonly string[]
}

/** The container's side of a pod after a call. */
export interface CniPodResult {
  /** The container end; null: there is none. */
  readonly interface: { readonly name: string; readonly mac: string; readonly mtu: number } | null
  /** Routes, as `ip route` and `ip -6 route` print them. */
  readonly routes: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] }
}

/** What a call of ADD gives. */
export interface CniAddResult {
  /** Why not. */
  readonly error: CniFailure | null
  /** Addresses with their lengths. */
  readonly addresses: readonly string[]
  /** The endpoint of the pod after the call; null: there is none. */
  readonly endpoint: PluginEndpoint | null
  /** The host's side. */
  readonly host: CniHostResult
  /** The container's side. */
  readonly pod: CniPodResult
}

/** What came of each step. */
export interface CniResult {
  /** In their order. */
  readonly steps: readonly (IpamStepResult | CniAddResult)[]
}

const text = v.string('text')
const CALL = v.strictObject({
  do: v.picklist(['add', 'del']),
  as: v.exactOptional(text),
  pod: text,
  container: text,
  interface: v.exactOptional(text),
  config: v.record(v.string(), v.unknown(), 'a map'),
  files: v.exactOptional(v.record(v.string(), text)),
})
const ENDPOINTS = v.strictObject({ do: v.literal('endpoints'), as: v.exactOptional(text) })
const STEP: v.GenericSchema<unknown, CniRequest['steps'][number]> = v.lazy((step) => {
  const name = typeof step === 'object' && step !== null && 'do' in step ? step.do : undefined
  return name === 'add' || name === 'del' ? CALL : name === 'endpoints' ? ENDPOINTS : IPAM_STEP
})

/** A script under way. */
interface CniScript {
  readonly ipam: IpamScript
  readonly machine: CniMachine
  readonly datastore: CniDatastore
}

/** The verb `cni`. */
export const cni: Verb = verb<CniRequest, CniResult>(
  v.strictObject({ node: text, objects: v.exactOptional(v.array(v.unknown())), steps: v.array(STEP) }),
  ({ node, objects = [], steps }, { version }) => {
    const ipam = ipamScript(objects, version)
    const datastore = cniDatastore(objects)
    const machine = cniMachine(node, ipam.store, datastore, traitsOf(version))
    for (const [name, endpoint] of datastore.endpoints()) machine.endpoints.set(name, endpoint)
    const script = { ipam, datastore, machine }
    try {
      return { result: { steps: steps.map((step) => runStep(script, step)) } }
    } catch (error) {
      if (error instanceof NotModelled) return { unsupported: error.message }
      throw error
    }
  },
)

function runStep(script: CniScript, step: CniRequest['steps'][number]): IpamStepResult | CniAddResult {
  const { machine, datastore } = script
  switch (step.do) {
    case 'add':
      return added(script, step)
    case 'del': {
      const call = callOf(step)
      const error = cniDel(machine, call) ?? null
      return { error, ...stateOf(machine, call) }
    }
    case 'endpoints':
      return { endpoints: [...machine.endpoints].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint) }
    case 'apply':
      datastore.apply(step.objects)
      return runIpamStep(script.ipam, step)
    case 'delete':
      datastore.remove(step.kind, step.name, step.namespace)
      return runIpamStep(script.ipam, step)
    default:
      return runIpamStep(script.ipam, step)
  }
}

function callOf({ pod: name, container, interface: dev = 'eth0', config, files }: CniCallStep): CniCall {
  const [namespace, pod, ...more] = name.split('/')
  if (!namespace || !pod || more.length > 0) throw requestFault('pod', 'namespace/name', name)
  return { namespace, pod, container, interface: dev, config, ...(files === undefined ? {} : { files }) }
}

function added({ machine, ipam }: CniScript, step: CniCallStep): CniAddResult {
  const call = callOf(step)
  const got = cniAdd(machine, call)
  const failed = isCniFailure(got)
  const addresses = failed ? [] : got
  if (step.as !== undefined) ipam.names.set(step.as, rememberedOf(machine.store, addresses))
  const endpoint = [...machine.endpoints.values()].find(
    ({ metadata, spec }) => metadata.namespace === call.namespace && spec.pod === call.pod,
  )
  return {
    error: failed ? got : null,
    addresses: addresses.map(hostPrefix),
    endpoint: endpoint ?? null,
    ...stateOf(machine, call),
  }
}

/** What host and container have after a call. */
function stateOf(machine: CniMachine, call: CniCall): { readonly host: CniHostResult; readonly pod: CniPodResult } {
  const device = machine.devices.get(hostInterfaceName(machine.prefix, call.namespace, call.pod))
  const isOwn = device?.container === call.container && device.name === call.interface
  return { host: hostResult(device), pod: podResult(isOwn ? device : undefined) }
}

function hostResult(device: PodDevice | undefined): CniHostResult {
  if (device === undefined) return { interface: null, sysctls: {}, routes: [] }
  const { hostName: name, mtu, sysctls, hostRoutes } = device
  const routes = (['inet', 'inet6'] as const).flatMap((family) => routeLines(hostRoutes, family))
  return { interface: { name, mac: HOST_MAC, mtu, up: true }, sysctls, routes }
}

function podResult(device: PodDevice | undefined): CniPodResult {
  if (device === undefined) return { interface: null, routes: { ipv4: [], ipv6: [] } }
  const { name, mac, mtu, podRoutes } = device
  const routes = { ipv4: routeLines(podRoutes, 'inet'), ipv6: routeLines(podRoutes, 'inet6') }
  return { interface: { name, mac, mtu }, routes }
}
