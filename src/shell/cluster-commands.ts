import { type Cluster, nodeStatus, type PeerStatus, type PodResource } from '../control/index.ts'
import { didYouMean } from '../model/index.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'
import { table } from './table.ts'

const NO_CLUSTER = 'packetwalk: there are no Kubernetes objects here; this network was made by hand or from dumps'

function flagValue(words: readonly string[], ...flags: string[]): string | undefined {
  for (const [i, word] of words.entries()) {
    if (flags.includes(word)) return words[i + 1]
    const long = flags.find((f) => f.startsWith('--') && word.startsWith(`${f}=`))
    if (long !== undefined) return word.slice(long.length + 1)
  }
  return undefined
}

/** Words that are neither flags nor their values. */
function plainWords(words: readonly string[], valued: readonly string[]): string[] {
  const plain: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (valued.includes(word)) i++
    else if (!word.startsWith('-')) plain.push(word)
  }
  return plain
}

const VALUED = ['-n', '--namespace', '-o', '--output', '-l', '--selector', '-c', '--container']

/** `kubectl get pods|nodes [-n NS|-A] [-o wide]`. */
export function kubectlGet(cluster: Cluster | null, words: readonly string[]): Run {
  if (cluster === null) return failed(NO_CLUSTER)
  const [, , kind = ''] = plainWords(words, VALUED)
  const wide = flagValue(words, '-o', '--output') === 'wide'
  switch (kind) {
    case 'pods':
    case 'pod':
    case 'po':
      return getPods(cluster, words, wide)
    case 'nodes':
    case 'node':
    case 'no':
      return getNodes(cluster, wide)
    default:
      return failed(
        `error: the server doesn't have a resource type "${kind}" (packetwalk knows pods and nodes; ${didYouMean(kind, ['pods', 'nodes'])})`,
      )
  }
}

function getPods(cluster: Cluster, words: readonly string[], wide: boolean): Run {
  const all = words.includes('-A') || words.includes('--all-namespaces')
  const namespace = flagValue(words, '-n', '--namespace') ?? 'default'
  const pods = cluster.resources.pods
    .filter((pod) => all || (pod.metadata.namespace ?? 'default') === namespace)
    .sort((a, b) => compare(namespaceOf(a), namespaceOf(b)) || compare(a.metadata.name, b.metadata.name))
  if (pods.length === 0) return printed('', `No resources found in ${namespace} namespace.\n`)
  const head = [...(all ? ['NAMESPACE'] : []), 'NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE']
  if (wide) head.push('IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES')
  const rows = pods.map((pod) => {
    const containers = pod.spec.containers?.length ?? 1
    const status = pod.status?.phase ?? 'Running'
    const ready = status === 'Running' ? containers : 0
    const row = [
      ...(all ? [namespaceOf(pod)] : []),
      pod.metadata.name,
      `${ready}/${containers}`,
      status,
      '0',
      '<unknown>',
    ]
    if (wide) row.push(addressOf(cluster, pod), pod.spec.nodeName ?? '<none>', '<none>', '<none>')
    return row
  })
  return printed(table([head, ...rows]))
}

function namespaceOf(pod: PodResource): string {
  return pod.metadata.namespace ?? 'default'
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function addressOf(cluster: Cluster, pod: PodResource): string {
  const endpoint = cluster.workloadEndpoints.find((w) => w.pod === pod)
  if (endpoint !== undefined) return endpoint.addresses[0] ?? '<none>'
  if (pod.spec.hostNetwork !== true) return pod.status?.podIP ?? '<none>'
  return cluster.nodes.find((n) => n.name === pod.spec.nodeName)?.ipv4?.address ?? '<none>'
}

function getNodes(cluster: Cluster, wide: boolean): Run {
  const head = ['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION']
  if (wide) head.push('INTERNAL-IP', 'EXTERNAL-IP', 'OS-IMAGE', 'KERNEL-VERSION', 'CONTAINER-RUNTIME')
  const rows = [...cluster.resources.nodes]
    .sort((a, b) => compare(a.metadata.name, b.metadata.name))
    .map((node) => {
      const roles = Object.keys(node.metadata.labels ?? {})
        .filter((label) => label.startsWith('node-role.kubernetes.io/'))
        .map((label) => label.slice('node-role.kubernetes.io/'.length))
      const info = (key: string): string => String(node.status?.nodeInfo?.[key] ?? '<unknown>')
      const row = [node.metadata.name, 'Ready', roles.join(',') || '<none>', '<unknown>', info('kubeletVersion')]
      if (wide) {
        const address = node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address
        row.push(address ?? '<none>', '<none>', info('osImage'), info('kernelVersion'), info('containerRuntimeVersion'))
      }
      return row
    })
  return printed(table([head, ...rows]))
}

/** `calicoctl node status`, `calicoctl get workloadendpoints|ippool`. */
export function calicoctl(cluster: Cluster | null, netns: string, words: readonly string[]): Run {
  if (cluster === null) return failed(NO_CLUSTER)
  const plain = plainWords(words, VALUED)
  if (plain[1] === 'node' && plain[2] === 'status') return status(cluster, netns)
  if (plain[1] !== 'get') {
    return failed(
      `packetwalk: calicoctl ${plain.slice(1).join(' ')} is not known; there are: node status, get workloadendpoints, get ippool`,
    )
  }
  const kind = (plain[2] ?? '').toLowerCase()
  if (['workloadendpoint', 'workloadendpoints', 'wep', 'weps'].includes(kind))
    return getWorkloadEndpoints(cluster, words)
  if (['ippool', 'ippools', 'ipp', 'ipps', 'pool', 'pools'].includes(kind)) return getIpPools(cluster, words)
  return failed(`packetwalk: calicoctl get ${kind} is not known; ${didYouMean(kind, ['workloadendpoints', 'ippool'])}`)
}

function getWorkloadEndpoints(cluster: Cluster, words: readonly string[]): Run {
  const all = words.includes('-a') || words.includes('--all-namespaces')
  const namespace = flagValue(words, '-n', '--namespace') ?? 'default'
  const rows = cluster.workloadEndpoints
    .filter((w) => all || w.namespace === namespace)
    .sort((a, b) => compare(a.namespace, b.namespace) || compare(a.pod.metadata.name, b.pod.metadata.name))
    .map((w) => {
      const networks = w.addresses.map((a) => `${a}/${a.includes(':') ? 128 : 32}`).join(',')
      return [...(all ? [w.namespace] : []), w.pod.metadata.name, w.node, networks, w.interfaceName]
    })
  return printed(table([[...(all ? ['NAMESPACE'] : []), 'WORKLOAD', 'NODE', 'NETWORKS', 'INTERFACE'], ...rows]))
}

function getIpPools(cluster: Cluster, words: readonly string[]): Run {
  const wide = flagValue(words, '-o', '--output') === 'wide'
  const head = wide
    ? ['NAME', 'CIDR', 'NAT', 'IPIPMODE', 'VXLANMODE', 'DISABLED', 'DISABLEBGPEXPORT', 'SELECTOR']
    : ['NAME', 'CIDR', 'SELECTOR']
  const rows = cluster.resources.ippools.map(({ metadata, spec }) => {
    const selector = spec.nodeSelector ?? 'all()'
    if (!wide) return [metadata.name, spec.cidr, selector]
    const modes = [spec.ipipMode ?? 'Never', spec.vxlanMode ?? 'Never']
    const flags = [String(spec.disabled ?? false), String(spec.disableBGPExport ?? false)]
    return [metadata.name, spec.cidr, String(spec.natOutgoing ?? false), ...modes, ...flags, selector]
  })
  return printed(table([head, ...rows]))
}

function status(cluster: Cluster, netns: string): Run {
  const node = cluster.nodes.find((n) => n.name === netns)
  if (node === undefined) return failed('Calico process is not running.')
  if (cluster.settings.backend !== 'bird') {
    return printed('Calico process is running.\n\nThe BGP backend process (BIRD) is not running.\n')
  }
  const peers = nodeStatus(cluster.bgp, node, cluster.bgpFaults)
  const parts = ([4, 6] as const).map((family) =>
    family4or6(
      family,
      peers.filter((p) => p.family === family),
    ),
  )
  return printed(`Calico process is running.\n\n${parts.join('\n')}`)
}

function family4or6(family: 4 | 6, peers: readonly PeerStatus[]): string {
  if (peers.length === 0) return family === 6 ? '' : `IPv${family} BGP status\nNo IPv${family} peers found.\n`
  const head = ['PEER ADDRESS', 'PEER TYPE', 'STATE', 'SINCE', 'INFO']
  const rows = peers.map((p) => [p.peerAddress, p.peerType, p.state, '00:00:00', p.info])
  return `IPv${family} BGP status\n${box([head, ...rows])}`
}

/** A table in a box, the head centred, as calicoctl's table writer draws it. */
function box(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)))
  const rule = `+${widths.map((w) => '-'.repeat(w + 2)).join('+')}+\n`
  const centre = (cell: string, width: number): string => {
    const left = Math.floor((width - cell.length) / 2)
    return `${' '.repeat(left)}${cell}`.padEnd(width)
  }
  const line = (row: readonly string[], head: boolean): string =>
    `|${row.map((cell, i) => ` ${head ? centre(cell, widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)} `).join('|')}|\n`
  return `${rule}${line(rows[0] ?? [], true)}${rule}${rows
    .slice(1)
    .map((row) => line(row, false))
    .join('')}${rule}`
}
