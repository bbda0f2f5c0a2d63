import {
  contains,
  type Family,
  familyOf,
  type Prefix,
  parseCidr,
  parseIp,
  parsePrefix,
  prefixOf,
} from '../../wire/index.ts'
import type { EncapMode, IPPoolResource } from '../calico-kinds.ts'
import type { Findings } from '../findings.ts'
import type { PlaceOf } from '../resource.ts'
import type { Resources } from '../resources.ts'
import type { Environment, Variable } from '../settings/environment.ts'
import { flagOf, numberOf } from '../settings/felix-values.ts'

const API = 'projectcalico.org/v3'
const USUAL: Readonly<Record<Family, { readonly blockSize: number; readonly natOutgoing: boolean }>> = {
  4: { blockSize: 26, natOutgoing: true },
  6: { blockSize: 122, natOutgoing: false },
}
const FIRST_RANGE = '192.168.0.0/16' as Prefix

/** The modes of an encapsulation as the environment spells them, in any case. */
const MODES: Readonly<Record<string, EncapMode>> = {
  '': 'Never',
  off: 'Never',
  never: 'Never',
  always: 'Always',
  crosssubnet: 'CrossSubnet',
  'cross-subnet': 'CrossSubnet',
}

/**
 * The pools that calico-node makes at its first start when there is none of the family: by its environment, the pod subnet
 * of kubeadm, or 192.168.0.0/16. Without a calico-node nobody makes any.
 *
 * @calico node/pkg/lifecycle/startup/startup.go configureIPPools
 */
export function defaultPools(resources: Resources, env: Environment, findings: Findings): IPPoolResource[] {
  if (env.size === 0 || flagOf(env.get('NO_DEFAULT_POOLS')?.value) === true) return []
  // What other programs address and route needs no pool of Calico's.
  if (env.get('CALICO_NETWORKING_BACKEND')?.value === 'none' && env.get('CALICO_IPV4POOL_CIDR') === undefined) return []
  const has = (family: Family): boolean =>
    resources.ippools.some(({ spec }) => spec.cidr.includes(':') === (family === 6))
  const pools: (IPPoolResource | undefined)[] = []
  if (!has(4)) pools.push(defaultPool(4, resources, env, findings))
  // Without a range calico-node draws one at random, from which no pod gets an address unless the CNI plugin is told to.
  if (!has(6) && wantedRange(6, resources, env) !== undefined) pools.push(defaultPool(6, resources, env, findings))
  return pools.filter((pool) => pool !== undefined)
}

/** A range that somebody asked for, and the place of the words. */
interface WantedRange {
  readonly text: string
  readonly variable?: Variable
}

function wantedRange(family: Family, resources: Resources, env: Environment): WantedRange | undefined {
  const variable = env.get(`CALICO_IPV${family}POOL_CIDR`)
  if (variable !== undefined && variable.value !== '') return { text: variable.value, variable }
  const text = podSubnets(resources).find((subnet) => subnet.includes(':') === (family === 6))
  return text === undefined ? undefined : { text }
}

/** `podSubnet` of kubeadm's ClusterConfiguration, which kubeadm keeps as text in a ConfigMap. */
export function podSubnets(resources: Resources): string[] {
  const configMap = resources.configMaps.find(({ metadata }) => metadata.name === 'kubeadm-config')
  const found = /^\s*podSubnet:\s*"?([^\s"]+)"?\s*$/m.exec(configMap?.data?.['ClusterConfiguration'] ?? '')
  return found?.[1]?.split(',') ?? []
}

function defaultPool(
  family: Family,
  resources: Resources,
  env: Environment,
  findings: Findings,
): IPPoolResource | undefined {
  const wanted = wantedRange(family, resources, env)
  if (wanted?.text === 'none') return undefined
  const named = (name: string): Variable | undefined => env.get(`CALICO_IPV${family}POOL_${name}`)
  const wrong = (variable: Variable, expected: string): undefined => {
    findings.fault(
      'invalid',
      variable.resource,
      variable.path,
      `${expected}, as ${variable.name}`,
      `"${variable.value}"`,
    )
  }
  const cidr = wanted === undefined ? freeRange(resources) : maskedRange(wanted.text, family)
  if (cidr === undefined) return wanted?.variable && wrong(wanted.variable, `an IPv${family} CIDR`)
  const modeOf = (name: 'IPIP' | 'VXLAN'): EncapMode => {
    const variable = named(name)
    const mode = MODES[variable?.value.toLowerCase() ?? '']
    if (mode === undefined && variable) wrong(variable, 'Always, CrossSubnet or Never')
    return mode ?? 'Never'
  }
  const flag = (name: string, usual: boolean): boolean => flagOf(named(name)?.value) ?? usual
  const { blockSize, natOutgoing } = USUAL[family]
  const sizeOf = (variable: Variable | undefined): number => {
    const size = variable === undefined || variable.value === '' ? blockSize : numberOf(variable.value)
    if (size === undefined) wrong(variable!, 'a prefix length')
    return size ?? blockSize
  }
  const selector = named('NODE_SELECTOR')?.value
  const spec = {
    cidr,
    ipipMode: family === 4 ? modeOf('IPIP') : ('Never' as const),
    vxlanMode: modeOf('VXLAN'),
    natOutgoing: flag('NAT_OUTGOING', natOutgoing),
    blockSize: sizeOf(named('BLOCK_SIZE')),
    ...(selector ? { nodeSelector: selector } : {}),
    disableBGPExport: flag('DISABLE_BGP_EXPORT', false),
  }
  const placeOf = placesOf(named, [...env.values()][0]!)
  return { apiVersion: API, kind: 'IPPool', metadata: { name: `default-ipv${family}-ippool` }, spec, placeOf }
}

const VARIABLE_OF_FIELD: Readonly<Record<string, string>> = {
  cidr: 'CIDR',
  ipipMode: 'IPIP',
  vxlanMode: 'VXLAN',
  natOutgoing: 'NAT_OUTGOING',
  blockSize: 'BLOCK_SIZE',
  nodeSelector: 'NODE_SELECTOR',
  disableBGPExport: 'DISABLE_BGP_EXPORT',
}

/** Where the fields of a made pool come from: the variable that sets each, else the DaemonSet. */
function placesOf(named: (name: string) => Variable | undefined, any: Variable): PlaceOf {
  return (path) => {
    const variable = named(VARIABLE_OF_FIELD[String(path[1])] ?? 'CIDR')
    return variable?.resource.placeOf?.(variable.path) ?? any.resource.placeOf?.([])
  }
}

/** A range without its host bits, which calico-node clears. */
function maskedRange(text: string, family: Family): Prefix | undefined {
  const cidr = parsePrefix(text) ?? parseCidr(text)
  const prefix = cidr === undefined || typeof cidr === 'string' ? cidr : prefixOf(cidr.address, cidr.length)
  return prefix !== undefined && familyOf(prefix) === family ? prefix : undefined
}

/** 192.168.0.0/16, unless a node has an address in it; then the first of 172.16.0.0/16 to 172.31.0.0/16 without one. */
function freeRange(resources: Resources): Prefix {
  const addresses = resources.nodes.flatMap(({ status }) =>
    (status?.addresses ?? []).flatMap(({ address }) => parseIp(address) ?? []),
  )
  const ranges = [FIRST_RANGE, ...Array.from({ length: 16 }, (_, i) => `172.${16 + i}.0.0/16` as Prefix)]
  return ranges.find((range) => !addresses.some((address) => contains(range, address))) ?? FIRST_RANGE
}
