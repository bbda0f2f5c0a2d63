import { isRecord } from '../../model/index.ts'
import { type CniFailure, cniFailure } from './failure.ts'

/** The plugin's own part of a CNI configuration, with the defaults of the plugin. @calico cni-plugin/pkg/types/types.go */
export interface NetworkConfig {
  /** Name of the network: the first half of handles. */
  readonly name: string
  /** Version of the CNI specification. */
  readonly cniVersion: string
  /** MTU of the veth; 0: by the file that Felix writes. */
  readonly mtu: number
  /** The MTU's file must be there. */
  readonly requireMtuFile: boolean
  /** Name of the node, the first of those that are asked. */
  readonly nodename?: string
  /** The same, of old. */
  readonly hostname?: string
  /** The file that says the node's name. */
  readonly nodenameFile: string
  /** The file need not be there. */
  readonly nodenameFileOptional: boolean
  /** Who gives addresses. */
  readonly ipam: IpamConfig
  /** `k8s`: labels, annotations and profiles are the pod's. */
  readonly policy: string
  /** Name of the node's object, where it is another. */
  readonly kubernetesNode?: string
  /** Addresses by annotation, past IPAM. */
  readonly addressesNoIpam: boolean
  /** Floating addresses by annotation. */
  readonly floatingAddresses: boolean
  /** Pods may forward packets. */
  readonly allowIpForwarding: boolean
  /** The default routes stay beside those of the configuration. */
  readonly includeDefaultRoutes: boolean
  /** `veth` or `netkit`. */
  readonly deviceType: string
  /** Which programs wires pods; absent: the plugin itself. */
  readonly dataplane?: string
  /** What must answer before a pod is wired. */
  readonly readinessGates: readonly string[]
  /** Seconds to wait for Felix' rules. */
  readonly policySetupTimeout: number
}

/** `ipam` of a configuration. */
export interface IpamConfig {
  /** Its plugin. */
  readonly type: string
  /** Whether an IPv4 address is asked for. */
  readonly assignIpv4: boolean
  /** Whether an IPv6 address is asked for. */
  readonly assignIpv6: boolean
  /** Pools by name or range. */
  readonly ipv4Pools: readonly string[]
  readonly ipv6Pools: readonly string[]
  /** All of it, for plugins that read more. */
  readonly fields: Fields
}

type Fields = Readonly<Record<string, unknown>>

/** Where the plugin finds the node's name, unless it is told. */
export const NODENAME_FILE = '/var/lib/calico/nodename'

/** What the installed conflist says where the plugin's part of it leaves it open. */
const CONFLIST = { name: 'k8s-pod-network', policy: 'k8s' } as const

/** Thrown while a configuration is read only; callers get a {@link CniFailure}. */
class Misfit extends Error {}

/** One map of the configuration, read as Go's decoder reads it into fields with types. */
class Section {
  readonly fields: Fields
  private readonly path: string

  constructor(fields: Fields, path = 'NetConf') {
    this.fields = fields
    this.path = path
  }

  private of<T>(name: string, usual: T, isOne: (value: unknown) => value is T, type: string): T {
    const value = this.fields[name]
    if (value === undefined || value === null) return usual
    if (isOne(value)) return value
    const what = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    throw new Misfit(`json: cannot unmarshal ${what} into Go struct field ${this.path}.${name} of type ${type}`)
  }

  text(name: string): string {
    return this.of(name, '', (value) => typeof value === 'string', 'string')
  }

  flag(name: string): boolean {
    return this.of(name, false, (value) => typeof value === 'boolean', 'bool')
  }

  whole(name: string): number {
    return this.of(name, 0, (value): value is number => Number.isInteger(value), 'int')
  }

  texts(name: string): readonly string[] {
    return this.of(name, [], areTexts, '[]string')
  }

  section(name: string): Section {
    return new Section(this.of(name, {}, isRecord, 'map'), `${this.path}.${name}`)
  }
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

/** Reads the plugin's configuration, or of a whole list that of the plugin `calico`. */
export function readNetworkConfig(given: Fields): NetworkConfig | CniFailure {
  try {
    return networkConfig(new Section(ownPart(given)))
  } catch (error) {
    if (error instanceof Misfit) return cniFailure('other', `failed to load netconf: ${error.message}`)
    throw error
  }
}

function ownPart(given: Fields): Fields {
  const { plugins, ...common } = given
  if (!Array.isArray(plugins)) return given
  const own = plugins.find((plugin) => isRecord(plugin) && plugin['type'] === 'calico')
  return { ...common, ...(isRecord(own) ? own : {}) }
}

function networkConfig(section: Section): NetworkConfig {
  const ipam = section.section('ipam')
  const [assignIpv4, assignIpv6] = [ipam.text('assign_ipv4'), ipam.text('assign_ipv6')]
  const features = section.section('feature_control')
  const [nodename, hostname] = [section.text('nodename'), section.text('hostname')]
  const kubernetesNode = section.section('kubernetes').text('node_name')
  const dataplane = section.section('dataplane_options').fields['type']
  return {
    name: section.fields['name'] === undefined ? CONFLIST.name : section.text('name'),
    cniVersion: section.text('cniVersion'),
    mtu: section.whole('mtu'),
    requireMtuFile: section.flag('require_mtu_file'),
    ...(nodename === '' ? {} : { nodename }),
    ...(hostname === '' ? {} : { hostname }),
    nodenameFile: section.text('nodename_file') || NODENAME_FILE,
    nodenameFileOptional: section.flag('nodename_file_optional'),
    ipam: {
      type: ipam.text('type'),
      assignIpv4: assignIpv4 !== 'false',
      assignIpv6: assignIpv6 === 'true',
      ipv4Pools: ipam.texts('ipv4_pools'),
      ipv6Pools: ipam.texts('ipv6_pools'),
      fields: ipam.fields,
    },
    policy: section.fields['policy'] === undefined ? CONFLIST.policy : section.section('policy').text('type'),
    ...(kubernetesNode === '' ? {} : { kubernetesNode }),
    addressesNoIpam: features.flag('ip_addrs_no_ipam'),
    floatingAddresses: features.flag('floating_ips'),
    allowIpForwarding: section.section('container_settings').flag('allow_ip_forwarding'),
    includeDefaultRoutes: section.flag('include_default_routes'),
    deviceType: section.text('device_type'),
    ...(dataplane === undefined ? {} : { dataplane: String(dataplane) }),
    readinessGates: section.texts('readiness_gates'),
    policySetupTimeout: section.whole('policy_setup_timeout_seconds'),
  }
}
