import type { Cluster } from '../cluster.ts'
import { cniConfigOf } from '../cni-config.ts'
import { storeOfCluster } from '../ipam/store/cluster-store.ts'
import type { PodResource } from '../kubernetes-kinds.ts'
import { namespacedName } from '../resource.ts'
import type { Resources } from '../resources.ts'
import { cniAdd } from './add.ts'
import { NotModelled } from './call-checks.ts'
import { type CniObjects, cniMachine } from './cni-machine.ts'
import { isCniFailure } from './failure.ts'

/**
 * Why the plugin gives a pod no network in a cluster as it is, in the plugin's words; undefined where it would, or where that is not
 * modelled. The cluster stays as it is.
 */
export function podRefusal(cluster: Cluster, pod: PodResource): string | undefined {
  const { resources, settings } = cluster
  const node = pod.spec.nodeName ?? ''
  const store = storeOfCluster(cluster, settings.traits)
  const machine = cniMachine(node, store, objectsFor(resources, pod), settings.traits)
  const [namespace = '', name = ''] = namespacedName(pod.metadata).split('/')
  const call = { namespace, pod: name, container: 'asked', interface: 'eth0', config: pluginConfig(cluster) }
  try {
    const got = cniAdd(machine, call)
    return isCniFailure(got) ? got.message : undefined
  } catch (error) {
    if (error instanceof NotModelled) return undefined
    throw error
  }
}

function objectsFor({ namespaces, nodes }: Resources, pod: PodResource): CniObjects {
  return {
    pod: () => pod as ReturnType<CniObjects['pod']>,
    namespaceAnnotations: (name) =>
      namespaces.find(({ metadata }) => metadata.name === name)?.metadata.annotations ?? {},
    podCidrs: (name) => {
      const spec = nodes.find(({ metadata }) => metadata.name === name)?.spec
      return spec?.podCIDRs ?? (spec?.podCIDR === undefined ? [] : [spec.podCIDR])
    },
    readiness: () => 'ready',
  }
}

/** The plugin's part of the configuration that nodes have; without one, families are those of the pools. */
function pluginConfig({ resources, ipam }: Cluster): Readonly<Record<string, unknown>> {
  const config = cniConfigOf(resources.configMaps.find(({ metadata }) => metadata.name === 'calico-config'))
  const plugin = config === 'fault' ? undefined : config?.plugins.find(({ type }) => type === 'calico')
  const own = config === 'fault' ? undefined : config?.name
  const name = own === undefined ? {} : { name: own }
  if (plugin !== undefined) return { cniVersion: '1.0.0', ...name, ...plugin, mtu: 0, nodename: undefined }
  const has = (family: 4 | 6): boolean => ipam.pools.some((pool) => pool.family === family)
  const ofPlugin = { type: 'calico-ipam', assign_ipv4: `${has(4) || !has(6)}`, assign_ipv6: `${has(6)}` }
  return { cniVersion: '1.0.0', type: 'calico', ipam: ofPlugin, policy: { type: 'k8s' } }
}
