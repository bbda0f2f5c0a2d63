import { birdConfiguration, type Cluster, cniConfigOf, configurationText, podMtu } from '../../control/index.ts'
import type { Desk } from '../desk.ts'
import type { HostFile, HostFiles } from './host-file.ts'

const NET_D = '/etc/cni/net.d'
const CONFLIST = `${NET_D}/10-calico.conflist`
const KUBECONFIG = `${NET_D}/calico-kubeconfig`

/** Plugins that install-cni lays down. @calico cni-plugin/pkg/install/install.go */
const PLUGINS = [
  'bandwidth',
  'calico',
  'calico-ipam',
  'flannel',
  'host-local',
  'loopback',
  'portmap',
  'tuning',
] as const

/** Where BIRD of Calico has its files. */
const CONFD = '/etc/calico/confd/config'

/** What Calico keeps on a node: its CNI configuration and plugins, the node's name, the MTU of pods, what confd writes for BIRD. */
export const calicoFiles: HostFiles = (desk, netns) => {
  const { cluster } = desk
  const node = cluster?.nodes.find(({ name }) => name === netns)
  if (cluster === null || node === undefined || !desk.hasCni(netns)) return new Map()
  const mtu = (): string => String(podMtu(node, cluster.ipam.pools, cluster.settings))
  const files = new Map<string, HostFile>([
    [CONFLIST, conflistFile(desk, cluster, netns)],
    [KUBECONFIG, { text: () => kubeconfig(cluster) }],
    ['/var/lib/calico/nodename', { text: () => netns }],
    ['/var/lib/calico/mtu', { text: mtu }],
    ...PLUGINS.map((name): [string, HostFile] => [`/opt/cni/bin/${name}`, { text: () => '\u007fELF' }]),
  ])
  if (cluster.settings.backend === 'bird')
    for (const [path, file] of birdFiles(desk, cluster, netns)) files.set(path, file)
  return files
}

/** The configuration that kubelet looks for: without one it has no network for pods. */
function conflistFile(desk: Desk, cluster: Cluster, node: string): HostFile {
  const told = (isThere: boolean) => (): undefined => void desk.writeCni(node, isThere)
  return {
    text: () => conflist(cluster, node),
    absent: !desk.findsCni(node),
    write: told(true),
    remove: told(false),
  }
}

function birdFiles(desk: Desk, cluster: Cluster, node: string): [string, HostFile][] {
  return ([4, 6] as const).map((family): [string, HostFile] => {
    const text = (): string => {
      const known = (desk.cluster ?? cluster).confd().nodes.get(node)
      if (known === undefined) return ''
      const config = birdConfiguration((desk.cluster ?? cluster).confd(), known, family)
      return 'fault' in config ? `# confd writes no configuration: ${config.fault}\n` : configurationText(config)
    }
    return [`${CONFD}/bird${family === 6 ? '6' : ''}.cfg`, { text }]
  })
}

/** What install-cni makes of its template: names and numbers in the places that are kept for them. */
function conflist(cluster: Cluster, node: string): string {
  const { configMaps } = cluster.resources
  const map = configMaps.find(({ metadata }) => metadata.name === 'calico-config')
  const template = map?.data?.['cni_network_config']
  const config = cniConfigOf(map)
  if (template === undefined || config === undefined || config === 'fault') return usualConflist(cluster, node)
  const given: Readonly<Record<string, string>> = {
    __KUBERNETES_NODE_NAME__: node,
    __KUBECONFIG_FILEPATH__: KUBECONFIG,
    __CNI_MTU__: map?.data?.['veth_mtu'] ?? '0',
    __KUBERNETES_SERVICE_HOST__: apiServer(cluster),
    __KUBERNETES_SERVICE_PORT__: '443',
    __LOG_LEVEL__: 'info',
  }
  const text = template.replace(/__[A-Z_]+__/g, (place) => given[place] ?? place)
  return text.endsWith('\n') ? text : `${text}\n`
}

/** The configuration of an install whose template is not given, with the plugin's usual settings. */
function usualConflist({ settings }: Cluster, nodename: string): string {
  const isOld = settings.version.minor < 33
  const calico = {
    type: 'calico',
    log_level: 'info',
    log_file_path: '/var/log/calico/cni/cni.log',
    datastore_type: 'kubernetes',
    nodename,
    mtu: 0,
    ipam: { type: 'calico-ipam' },
    policy: { type: 'k8s' },
    kubernetes: { kubeconfig: KUBECONFIG },
  }
  const bandwidth = settings.version.minor < 30 ? [{ type: 'bandwidth', capabilities: { bandwidth: true } }] : []
  const portmap = { type: 'portmap', snat: true, capabilities: { portMappings: true } }
  const config = {
    name: 'k8s-pod-network',
    cniVersion: isOld ? '0.3.1' : '1.0.0',
    plugins: [calico, portmap, ...bandwidth],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

function apiServer({ resources }: Cluster): string {
  const service = resources.services.find(
    ({ metadata }) => metadata.name === 'kubernetes' && (metadata.namespace ?? 'default') === 'default',
  )
  return service?.spec.clusterIP ?? '10.96.0.1'
}

/** How the plugin talks to the API server; tokens are not kept. */
function kubeconfig(cluster: Cluster): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- name: local',
    '  cluster:',
    `    server: https://${apiServer(cluster)}:443`,
    '    certificate-authority-data: "(packetwalk keeps none)"',
    'users:',
    '- name: calico',
    '  user:',
    '    token: "(packetwalk keeps none)"',
    'contexts:',
    '- name: calico-context',
    '  context:',
    '    cluster: local',
    '    user: calico',
    'current-context: calico-context',
    '',
  ].join('\n')
}
