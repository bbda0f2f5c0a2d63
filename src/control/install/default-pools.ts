import { parseIp, parsePrefix } from '../../wire/index.ts'
import type { IPPoolResource } from '../calico-kinds.ts'
import type { Findings } from '../findings.ts'
import type { ConfigMapResource } from '../kubernetes-kinds.ts'
import type { PlaceOf } from '../resource.ts'
import type { Resources } from '../resources.ts'
import type { Environment, Variable } from '../settings/environment.ts'
import { defaultPools as calicoNodePools, type MadePool } from '../startup/default-pools.ts'
import { KUBEADM_CONFIG, podSubnetsOf } from '../startup/kubeadm.ts'

const API = 'projectcalico.org/v3'

/**
 * The pools that calico-node makes at its first start when there is none of the family: by its environment, the pod subnet
 * of kubeadm, or 192.168.0.0/16. Without a calico-node nobody makes any.
 */
export function defaultPools(resources: Resources, env: Environment, findings: Findings): IPPoolResource[] {
  if (env.size === 0) return []
  // What other programs address and route needs no pool of Calico's.
  if (env.get('CALICO_NETWORKING_BACKEND')?.value === 'none' && env.get('CALICO_IPV4POOL_CIDR') === undefined) return []
  const configMap = kubeadmConfig(resources)
  const podSubnets = configMap === undefined ? undefined : podSubnetsOf(configMap)
  const { pools, fault } = calicoNodePools({
    variable: (name) => env.get(name)?.value,
    ...(podSubnets === undefined ? {} : { podSubnets }),
    pools: resources.ippools.map(({ metadata, spec }) => ({ name: metadata.name, cidr: spec.cidr })),
    blocks: resources.ipamBlocks.flatMap(({ spec }) => parsePrefix(spec.cidr) ?? []),
    hostAddresses: resources.nodes.flatMap(({ status }) =>
      (status?.addresses ?? []).flatMap(({ address }) => parseIp(address) ?? []),
    ),
    ipv6: true,
    // calico-node draws a range where nobody names one, from which no pod gets an address unless the CNI plugin is told to.
  })
  const wrong = fault && env.get(fault.variable)
  if (wrong !== undefined) {
    findings.fault('invalid', wrong.resource, wrong.path, `${fault!.expected}, as ${wrong.name}`, `"${wrong.value}"`)
  }
  return pools.map((pool) => poolResource(pool, env))
}

function kubeadmConfig({ configMaps }: Resources): ConfigMapResource | undefined {
  return configMaps.find(({ metadata }) => metadata.name === KUBEADM_CONFIG)
}

/** `podSubnet` of kubeadm's ClusterConfiguration, as a reader of YAML has it. */
export function podSubnets(resources: Resources): string[] {
  const text = kubeadmConfig(resources)?.data?.['ClusterConfiguration'] ?? ''
  return /^\s*podSubnet:\s*"?([^\s"]+)"?\s*$/m.exec(text)?.[1]?.split(',') ?? []
}

function poolResource({ name, spec }: MadePool, env: Environment): IPPoolResource {
  const named = (field: string): Variable | undefined =>
    env.get(`CALICO_IPV${name.includes('v4') ? 4 : 6}POOL_${field}`)
  return { apiVersion: API, kind: 'IPPool', metadata: { name }, spec, placeOf: placesOf(named, [...env.values()][0]!) }
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
