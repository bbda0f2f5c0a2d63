import {
  addressChanges,
  type CalculatedRoute,
  type CalicoVersion,
  type DeviceAddress,
  type FelixSettings,
  type FloatingAddress,
  type KernelPool,
  type KernelState,
  type KernelWorkload,
  kernelProgram,
  type ProgrammedRoute,
  type TunnelEndpoint,
  traitsOf,
  vxlanMismatch,
  type WantedDevice,
} from '../../control/index.ts'
import { isRecord } from '../../model/index.ts'
import {
  explainMac,
  type Family,
  familyOf,
  type Ip,
  isHostPrefix,
  type Prefix,
  parseCidr,
  parseIp,
  parseMac,
  prefixAddress,
} from '../../wire/index.ts'
import { type OwnFields, type Verb, verb } from '../verb.ts'
import type {
  FelixDevice,
  FelixKernelRequest,
  FelixKernelResult,
  FelixKernelRoute,
  FelixKernelState,
  FelixNat,
  FelixRoute,
  FelixVtep,
  FelixWorkload,
} from './felix-kernel-request.ts'
import { canonicalVxlan, kernelShape } from './felix-kernel-shape.ts'
import { bareAddress, felixOf, netOf } from './felix-request.ts'

/** Felix' own names of VXLAN devices. */
const VXLAN_NAMES: Readonly<Record<Family, string>> = { 4: 'vxlan.calico', 6: 'vxlan-v6.calico' }

type Asked = OwnFields<FelixKernelRequest>

function deviceOf({ device, address, mtu }: FelixDevice, name: string): WantedDevice {
  return {
    device: device ?? name,
    ...(address === undefined ? {} : { address: bareAddress(address) }),
    ...(mtu === undefined || mtu === 0 ? {} : { mtu }),
  }
}

/** The device of one family; undefined where the node has none of it. */
function vtepOf(vtep: FelixVtep, family: Family): TunnelEndpoint | undefined {
  const [mac, address, parent] =
    family === 4 ? [vtep.mac, vtep.ipv4, vtep.parentIpv4] : [vtep.mac6, vtep.ipv6, vtep.parentIpv6]
  if (address === undefined || parent === undefined) return undefined
  return {
    node: vtep.node,
    ...(mac === undefined || explainMac(mac) !== undefined ? {} : { mac: parseMac(mac)! }),
    address: bareAddress(address),
    parent: bareAddress(parent),
  }
}

function routeOf(route: FelixRoute): CalculatedRoute {
  const { dst, types = [], poolType = 'NONE', node, nodeIp, sameSubnet, borrowed, localWorkload } = route
  return {
    dst: netOf(dst)!,
    types,
    poolType,
    ...(node === undefined ? {} : { node }),
    ...(nodeIp === undefined ? {} : { nodeIp: bareAddress(nodeIp) }),
    sameSubnet: sameSubnet ?? false,
    borrowed: borrowed ?? false,
    localWorkload: localWorkload ?? false,
  }
}

const listOf = (given: string | readonly string[] | undefined): readonly string[] =>
  given === undefined ? [] : typeof given === 'string' ? [given] : given

function floatingOf(list: readonly FelixNat[] = []): FloatingAddress[] {
  return list.map(({ external, internal }) => ({ external: bareAddress(external), internal: bareAddress(internal) }))
}

function workloadOf(workload: FelixWorkload, family: Family): KernelWorkload {
  const { orchestrator = 'k8s', interface: dev, ipv4, ipv6, nat4, nat6 } = workload
  return {
    orchestrator,
    ...(dev === undefined ? {} : { interface: dev }),
    nets: listOf(family === 4 ? ipv4 : ipv6).map((net) => netOf(net)!),
    floating: floatingOf(family === 4 ? nat4 : nat6),
  }
}

/** Pools of a family among objects as they are, lists unfolded. */
function poolsIn(objects: readonly unknown[], family: Family): KernelPool[] {
  return objects.flatMap((object): KernelPool[] => {
    if (!isRecord(object)) return []
    if (Array.isArray(object['items'])) return poolsIn(object['items'], family)
    const spec = object['kind'] === 'IPPool' ? object['spec'] : undefined
    const cidr = isRecord(spec) ? netOf(String(spec['cidr'])) : undefined
    if (!isRecord(spec) || cidr === undefined || familyOf(cidr) !== family) return []
    const uses: unknown = spec['allowedUses']
    const loadBalancerOnly = Array.isArray(uses) && uses.length === 1 && uses[0] === 'LoadBalancer'
    return [{ cidr, natOutgoing: spec['natOutgoing'] === true, loadBalancerOnly }]
  })
}

function hostsOf(hosts: Readonly<Record<string, string>>, family: Family): Map<string, Ip> {
  const found = Object.entries(hosts).map(([name, address]): [string, Ip] => [name, bareAddress(address)])
  return new Map(found.filter(([, address]) => familyOf(address) === family))
}

function stateOf(asked: Asked, felix: FelixSettings, version: CalicoVersion): KernelState {
  const { node = '', ipVersion: family = 4, parent, hosts = {}, ipip, vxlan } = asked
  const { vteps = [], routes = [], objects = [], workloads = [] } = asked
  return {
    node,
    family,
    ...(parent === undefined ? {} : { parent: parent.device }),
    felix,
    traits: traitsOf(version),
    hosts: hostsOf(hosts, family),
    ...(ipip === undefined ? {} : { ipip: deviceOf(ipip, 'tunl0') }),
    ...(vxlan === undefined ? {} : { vxlan: deviceOf(vxlan, VXLAN_NAMES[family]) }),
    vteps: vteps.flatMap((vtep) => vtepOf(vtep, family) ?? []),
    routes: routes.map(routeOf).filter(({ dst }) => familyOf(dst) === family),
    workloads: workloads.map((workload) => workloadOf(workload, family)),
    pools: poolsIn(objects, family),
  }
}

function routeAnswer({ dst, type, dev, gw, onlink, protocol, mtu }: ProgrammedRoute): FelixKernelRoute {
  return { dst, type, dev: dev ?? null, gw: gw ?? null, onlink, protocol, mtu: mtu ?? null }
}

function stateAnswer(state: KernelState, randomFully: boolean): FelixKernelState {
  const { routes, fdb, devices, ipSets, chains } = kernelProgram(state, randomFully)
  return { routes: routes.map(routeAnswer), fdb, devices, ipSets, chains }
}

/** An address with its length, that of a single address where none is given. */
function deviceAddress(text: string): DeviceAddress {
  const alone = parseIp(text)
  if (alone !== undefined) return { local: alone, length: familyOf(alone) === 4 ? 32 : 128 }
  const { address, length } = parseCidr(text)!
  return { local: address, length }
}

function addressText({ local, length }: DeviceAddress): string {
  const prefix = `${local}/${length}` as Prefix
  return isHostPrefix(prefix) ? prefixAddress(prefix) : prefix
}

type DeviceAnswers = Pick<FelixKernelResult, 'vxlanDevice' | 'tunnelAddresses'>

function deviceAnswers({ vxlanDevice, tunnelAddresses, ipVersion }: Asked): DeviceAnswers {
  const answers: { -readonly [K in keyof DeviceAnswers]: DeviceAnswers[K] } = {}
  if (vxlanDevice !== undefined) {
    const reason = vxlanMismatch(canonicalVxlan(vxlanDevice.existing), canonicalVxlan(vxlanDevice.wanted)) ?? null
    answers.vxlanDevice = { recreate: reason !== null, reason }
  }
  if (tunnelAddresses !== undefined) {
    const wanted = listOf(tunnelAddresses.wanted).map(bareAddress)[0]
    const existing = (tunnelAddresses.existing ?? []).map(deviceAddress)
    const family = ipVersion ?? (wanted === undefined ? 4 : familyOf(wanted))
    const { kept, removed, added } = addressChanges(family, existing, wanted)
    answers.tunnelAddresses = {
      kept: kept.map(addressText),
      removed: removed.map(addressText),
      added: added.map(addressText),
    }
  }
  return answers
}

/** The verb `felix-kernel`. */
export const felixKernel: Verb = verb<FelixKernelRequest, FelixKernelResult>(kernelShape, (asked, { version }) => {
  const felix = felixOf(asked.felix ?? {}, version)
  if (typeof felix === 'string') return { unsupported: felix }
  const devices = deviceAnswers(asked)
  const isAboutNode = asked.node !== undefined || Object.keys(devices).length === 0
  const state = isAboutNode ? stateAnswer(stateOf(asked, felix, version), asked.randomFully ?? false) : {}
  return { result: { ...state, ...devices } }
})
