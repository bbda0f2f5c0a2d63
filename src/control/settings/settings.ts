import { goRegexp } from '../../model/index.ts'
import { type Family, type Ip, parseIp } from '../../wire/index.ts'
import type { BGPConfigurationResource, FelixConfigurationResource } from '../calico-kinds.ts'
import { type CalicoVersion, calicoVersionOf, traitsOf, type VersionTraits } from '../calico-version.ts'
import { type Marks, marksOf } from '../felix/rules/marks.ts'
import type { Findings } from '../findings.ts'
import { birdRoutesOf } from '../install/installation.ts'
import type { ConfigMapResource } from '../kubernetes-kinds.ts'
import { checkAutodetection } from '../node-address.ts'
import type { Resources } from '../resources.ts'
import { asNumberFrom } from '../startup/as-number.ts'
import { calicoNodeEnvironment, type Environment } from './environment.ts'
import { fieldOfVariable } from './felix-fields.ts'
import { wordOf } from './felix-parsers.ts'
import { type FelixRuleSettings, felixRuleSettings } from './felix-rule-settings.ts'
import { FELIX_VALUES, flagOf, numberOf, wrongText } from './felix-values.ts'
import { type FelixRefresh, felixRefresh } from './refresh.ts'

/** Who runs beside Felix: BIRD with confd, or nothing. */
export type Backend = 'bird' | 'vxlan' | 'none'

/** What Felix calculates routes from. */
export type RouteSource = 'CalicoIPAM' | 'WorkloadIPs'

/** Felix parameters that change packets, merged for one node. Numbers; 0 = automatic where Felix says so. */
export interface FelixSettings {
  /** Whether tunl0 is there; absent = when a pool asks for it. */
  readonly ipipEnabled?: boolean
  /** Whether the VXLAN devices are there; absent = when a pool asks for them. */
  readonly vxlanEnabled?: boolean
  /** MTU of tunl0. */
  readonly ipipMtu: number
  /** MTU of vxlan.calico. */
  readonly vxlanMtu: number
  /** MTU of vxlan-v6.calico. */
  readonly vxlanMtuV6: number
  /** MTU of wireguard.cali. */
  readonly wireguardMtu: number
  /** MTU of wg-v6.cali. */
  readonly wireguardMtuV6: number
  /** UDP port of VXLAN. */
  readonly vxlanPort: number
  /** Network identifier of VXLAN. */
  readonly vxlanVni: number
  /** WireGuard over IPv4. */
  readonly wireguard: boolean
  /** WireGuard over IPv6. */
  readonly wireguardV6: boolean
  /** UDP port of wireguard.cali. */
  readonly wireguardPort: number
  /** UDP port of wg-v6.cali. */
  readonly wireguardPortV6: number
  /** Priority of the WireGuard rule. */
  readonly wireguardRulePriority: number
  /** Traffic between nodes is encrypted, too. */
  readonly wireguardHostEncryption: boolean
  /** Protocol of Felix's device routes; 3 (boot) means each class has its usual one. */
  readonly deviceRouteProtocol: number
  /** Preferred source of Felix' routes by family; empty = the kernel's choice. */
  readonly deviceRouteSource: Readonly<Record<Family, Ip | ''>>
  /** What rules are made of. */
  readonly rules: FelixRuleSettings
  /** Bits of the firewall mark. */
  readonly marks: Marks
  /** Interfaces that count for the host's MTU. */
  readonly mtuIfacePattern: string
  /** Whether Felix handles IPv6. */
  readonly ipv6: boolean
  /** Whether Felix turns forwarding on. */
  readonly ipForwarding: boolean
  /** Addresses that stand for those of pods are honoured. */
  readonly floatingIps: boolean
  /** What routes are calculated from: blocks, or the addresses of pods. */
  readonly routeSource: RouteSource
  /** Felix programs IPIP routes. */
  readonly ownsIpip: boolean
  /** Felix programs unencapsulated routes. */
  readonly ownsNoEncap: boolean
}

/** What the whole control plane reads from configuration objects. */
export interface Settings {
  /** Release. */
  readonly version: CalicoVersion
  /** What it does. */
  readonly traits: VersionTraits
  /** Networking backend. */
  readonly backend: Backend
  /** `veth_mtu`, in bytes; 0 = automatic. */
  readonly vethMtu: number
  /** First interface prefix, normally `cali`. */
  readonly interfacePrefix: string
  /** Environment of the calico-node container. */
  readonly env: Environment
  /** `calico-config`, for origins. */
  readonly configMap?: ConfigMapResource
  /** BGPConfiguration `default`, for origins. */
  readonly bgp?: BGPConfigurationResource
  /** Global AS number. */
  readonly asNumber: number
  /** Full mesh. */
  readonly mesh: boolean
  /** BIRD puts IPIP routes into the kernel. */
  readonly birdProgramsIpip: boolean
  /** BIRD puts unencapsulated routes into the kernel. */
  readonly birdProgramsNoEncap: boolean
  /** Felix settings of a node; nodes without their own share one object. */
  readonly felixOf: (node: string) => FelixSettings
  /** How often the Felix of a node looks again at what it wrote. */
  readonly refreshOf: (node: string) => FelixRefresh
}

/** Which interfaces count for the host's MTU where nobody says. */
export const MTU_PATTERN = '^((en|wl|ww|sl|ib)[Pcopsvx].*|(eth|wlan|wwan).*)'

function backendOf(text: string | undefined, configMap: ConfigMapResource | undefined, findings: Findings): Backend {
  switch (text) {
    case undefined:
    case '':
    case 'bird':
      return 'bird'
    case 'vxlan':
    case 'none':
      return text
    default:
      findings.fault('invalid', configMap, ['data', 'calico_backend'], 'bird, vxlan or none', text)
      return 'bird'
  }
}

/** Which of two owners a `programClusterRoutes` value turns on. */
function programs(value: string, mode: 'ipip' | 'noEncap'): boolean {
  if (value === 'Enabled') return true
  return value === (mode === 'ipip' ? 'EnabledIPIPOnly' : 'EnabledNoEncapOnly')
}

/** Reads one Felix parameter: environment, then `node.<name>`, then `default`. @calico felix/config/config_params.go */
function felixReader(
  env: ReadonlyMap<string, string>,
  layers: readonly (FelixConfigurationResource | undefined)[],
): (field: string) => unknown {
  return (field) => {
    const fromEnv = env.get(field)
    if (fromEnv !== undefined) return fromEnv
    for (const layer of layers) {
      const value = layer?.spec[field]
      if (value !== undefined) return value
    }
    return undefined
  }
}

/** Felix' settings from the fields of one FelixConfiguration, or none. */
export function felixSettingsOf(fields: Readonly<Record<string, unknown>>, version: CalicoVersion): FelixSettings {
  return felixSettings((field) => fields[field], traitsOf(version), 'DROP')
}

function felixSettings(
  read: (field: string) => unknown,
  traits: VersionTraits,
  toHost: 'ACCEPT' | 'DROP',
): FelixSettings {
  const rules = felixRuleSettings(read, toHost)
  const number = (field: string, fallback: number): number => numberOf(read(field)) ?? fallback
  const flag = (field: string, fallback: boolean): boolean => flagOf(read(field)) ?? fallback
  const text = (field: string, fallback: string): string => {
    const value = read(field)
    return typeof value === 'string' ? value : fallback
  }
  const [ipipEnabled, vxlanEnabled] = [flagOf(read('ipipEnabled')), flagOf(read('vxlanEnabled'))]
  const clusterRoutes =
    wordOf(read('programClusterRoutes'), ['Disabled', 'EnabledIPIPOnly', 'EnabledNoEncapOnly', 'Enabled']) ??
    (traits.felixOwnsIpip ? 'EnabledIPIPOnly' : 'Disabled')
  return {
    ...(ipipEnabled === undefined ? {} : { ipipEnabled }),
    ...(vxlanEnabled === undefined ? {} : { vxlanEnabled }),
    ipipMtu: number('ipipMTU', 0),
    vxlanMtu: number('vxlanMTU', 0),
    vxlanMtuV6: number('vxlanMTUV6', 0),
    wireguardMtu: number('wireguardMTU', 0),
    wireguardMtuV6: number('wireguardMTUV6', 0),
    vxlanPort: number('vxlanPort', 4789),
    vxlanVni: number('vxlanVNI', 4096),
    wireguard: flag('wireguardEnabled', false),
    wireguardV6: flag('wireguardEnabledV6', false),
    wireguardPort: number('wireguardListeningPort', 51820),
    wireguardPortV6: number('wireguardListeningPortV6', 51821),
    wireguardRulePriority: number('wireguardRoutingRulePriority', 99),
    wireguardHostEncryption: flag('wireguardHostEncryptionEnabled', false),
    deviceRouteProtocol: number('deviceRouteProtocol', 3),
    deviceRouteSource: {
      4: parseIp(text('deviceRouteSourceAddress', '')) ?? '',
      6: parseIp(text('deviceRouteSourceAddressIPv6', '')) ?? '',
    },
    rules,
    marks: marksOf(
      rules.markMask,
      flag('wireguardEnabled', false) || flag('wireguardEnabledV6', false),
      traits.dropMark,
    ),
    mtuIfacePattern: text('mtuIfacePattern', MTU_PATTERN),
    ipv6: flag('ipv6Support', true),
    ipForwarding: wordOf(read('ipForwarding'), ['Disabled']) === undefined,
    floatingIps: wordOf(read('floatingIPs'), ['Enabled']) !== undefined,
    routeSource: wordOf(read('routeSource'), ['CalicoIPAM', 'WorkloadIPs']) ?? 'CalicoIPAM',
    ownsIpip: traits.felixCanOwnRoutes && programs(clusterRoutes, 'ipip'),
    ownsNoEncap: traits.felixCanOwnRoutes && programs(clusterRoutes, 'noEncap'),
  }
}

/** The Felix fields that the environment sets, by field name; a value Felix does not take is a fault and left out. */
function felixEnvironment(env: Environment, findings: Findings): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const { name, value, resource, path } of env.values()) {
    const field = name.toUpperCase().startsWith('FELIX_') ? fieldOfVariable(name) : undefined
    if (field === undefined || value === '') continue
    const kind = FELIX_VALUES[field]
    const expected = kind === undefined ? undefined : wrongText(kind, value)
    if (expected === undefined) fields.set(field, value)
    else findings.fault('invalid', resource, path, `${expected}, as ${name}`, `"${value}"`)
  }
  return fields
}

/** A FelixConfiguration whose pattern for uplinks is none counts as one without it. */
function checkedFelix(felix: FelixConfigurationResource, findings: Findings): FelixConfigurationResource {
  const { mtuIfacePattern, ...spec } = felix.spec
  if (typeof mtuIfacePattern !== 'string' || isPattern(mtuIfacePattern)) return felix
  findings.fault('invalid', felix, ['spec', 'mtuIfacePattern'], 'a regular expression', mtuIfacePattern)
  return { ...felix, spec }
}

const isPattern = (text: string): boolean => typeof goRegexp(text) !== 'string'

/** `node.<name>` objects by node name. */
function perNode<R extends { readonly metadata: { readonly name: string } }>(list: readonly R[]): Map<string, R> {
  const found = new Map<string, R>()
  for (const resource of list) {
    if (resource.metadata.name.startsWith('node.')) found.set(resource.metadata.name.slice(5), resource)
  }
  return found
}

function named<R extends { readonly metadata: { readonly name: string } }>(
  list: readonly R[],
  name: string,
): R | undefined {
  return list.find((resource) => resource.metadata.name === name)
}

/** `veth_mtu` of calico-config; 0 = automatic. */
function vethMtuOf(configMap: ConfigMapResource | undefined, findings: Findings): number | undefined {
  const text = configMap?.data?.['veth_mtu']
  if (text === undefined) return undefined
  const expected = wrongText(FELIX_VALUES['vxlanMTU']!, text)
  if (expected !== undefined) findings.fault('invalid', configMap, ['data', 'veth_mtu'], expected, text)
  return expected === undefined ? numberOf(text) : undefined
}

/** Reads all configuration objects of a cluster. Faults go to `findings`. */
export function readSettings(resources: Resources, version: CalicoVersion | undefined, findings: Findings): Settings {
  const release = version ?? calicoVersionOf(resources)
  const traits = traitsOf(release)
  const env = calicoNodeEnvironment(resources)
  checkAutodetection(env, findings)
  const felixEnv = felixEnvironment(env, findings)
  const felix = resources.felixConfigurations.map((one) => checkedFelix(one, findings))
  const configMap = named(resources.configMaps, 'calico-config')
  const bgp = named(resources.bgpConfigurations, 'default')
  const base = named(felix, 'default')
  const overrides = perNode(felix)
  // Felix's own default is to drop; calico.yaml and the operator say otherwise, and who gives neither gets what they do.
  const toHost = env.size > 0 ? 'DROP' : 'ACCEPT'
  const shared = felixSettings(felixReader(felixEnv, [base]), traits, toHost)
  const own = new Map<string, FelixSettings>()
  for (const [node, layer] of overrides)
    own.set(node, felixSettings(felixReader(felixEnv, [layer, base]), traits, toHost))
  const birdRoutes =
    birdRoutesOf(resources.installations) ??
    bgp?.spec.programClusterRoutes ??
    (traits.felixOwnsIpip ? 'EnabledNoEncapOnly' : 'Enabled')
  const vethMtu = vethMtuOf(configMap, findings)
  const operatorMtu = resources.installations.find((one) => one.spec.calicoNetwork?.mtu)?.spec.calicoNetwork?.mtu
  return {
    version: release,
    traits,
    backend: backendOf(
      env.get('CALICO_NETWORKING_BACKEND')?.value ?? configMap?.data?.['calico_backend'],
      configMap,
      findings,
    ),
    vethMtu: operatorMtu ?? vethMtu ?? (traits.autoMtu ? 0 : 1440),
    interfacePrefix: (env.get('FELIX_INTERFACEPREFIX')?.value ?? 'cali').split(',')[0]!,
    env,
    ...(configMap ? { configMap } : {}),
    ...(bgp ? { bgp } : {}),
    asNumber: asNumberFrom(env.get('AS')?.value ?? '') ?? numberOf(bgp?.spec.asNumber) ?? 64512,
    mesh: bgp?.spec.nodeToNodeMeshEnabled ?? true,
    birdProgramsIpip: programs(birdRoutes, 'ipip'),
    birdProgramsNoEncap: programs(birdRoutes, 'noEncap'),
    felixOf: (node) => own.get(node) ?? shared,
    refreshOf: (node) => felixRefresh(felixReader(felixEnv, [overrides.get(node), base]), release),
  }
}
