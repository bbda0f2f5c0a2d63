import { type Cluster, nodeStatus, type PeerStatus } from '../control/index.ts'
import { didYouMean } from '../model/index.ts'
import { CALICO_KINDS, type CalicoAsked, calicoGet } from './calicoctl-get.ts'
import { type FlagTable, parseFlags, refusedOutput } from './flags.ts'
import { NO_CLUSTER } from './no-cluster.ts'
import { failed, printed } from './result.ts'
import type { Run } from './run.ts'
import { table } from './table.ts'

const FLAGS: FlagTable = {
  valued: { '-n': 'namespace', '--namespace': 'namespace', '-o': 'output', '--output': 'output' },
  plain: { '-a': 'all', '--all-namespaces': 'all' },
}
const OUTPUTS = ['ps', 'wide'] as const

const KINDS = ['workloadendpoints', 'ippool', ...CALICO_KINDS]

/** `calicoctl node status`, `calicoctl get KIND [NAME…] [-n NS|-a] [-o wide]`. */
export function calicoctl(cluster: Cluster | null, netns: string, line: readonly string[]): Run {
  if (cluster === null) return failed(NO_CLUSTER)
  const asks = line.slice(1)
  // Flags of a verb that is not known are not known either: the verb comes first.
  if (!asks.includes('get') && !(asks.includes('node') && asks.includes('status'))) {
    return failed(
      `packetwalk: calicoctl ${asks.join(' ')} is not known; there are: node status, get ${KINDS.join('|')}`,
    )
  }
  const parsed = parseFlags(asks, FLAGS)
  if (typeof parsed === 'string') return failed(parsed)
  const { flags, words } = parsed
  if (words[0] === 'node') return status(cluster, netns)
  const refused = refusedOutput(flags.get('output'), OUTPUTS)
  if (refused !== undefined) return failed(refused)
  const asked = {
    names: words.slice(2),
    namespace: String(flags.get('namespace') ?? 'default'),
    all: flags.has('all'),
    wide: flags.get('output') === 'wide',
  }
  const kind = (words[1] ?? '').toLowerCase()
  if (['workloadendpoint', 'workloadendpoints', 'wep', 'weps'].includes(kind))
    return getWorkloadEndpoints(cluster, asked)
  if (['ippool', 'ippools', 'ipp', 'ipps', 'pool', 'pools'].includes(kind)) return getIpPools(cluster, asked)
  return (
    calicoGet(cluster, kind, asked) ??
    failed(`packetwalk: calicoctl get ${kind} is not known; ${didYouMean(kind, KINDS)}`)
  )
}

/** Says which name nobody has; undefined when all are there. */
function missing(kind: string, names: readonly string[], known: readonly string[]): Run | undefined {
  const absent = names.find((name) => !known.includes(name))
  if (absent === undefined) return undefined
  return failed(`resource does not exist: ${kind}(${absent}) (packetwalk: ${didYouMean(absent, known)})`)
}

function getWorkloadEndpoints(cluster: Cluster, { names, namespace, all }: CalicoAsked): Run {
  const known = cluster.workloadEndpoints.filter((w) => all || w.namespace === namespace)
  const absent = missing(
    'WorkloadEndpoint',
    names,
    known.map((w) => w.pod.metadata.name),
  )
  if (absent !== undefined) return absent
  const rows = known
    .filter((w) => names.length === 0 || names.includes(w.pod.metadata.name))
    .sort((a, b) => compare(a.namespace, b.namespace) || compare(a.pod.metadata.name, b.pod.metadata.name))
    .map((w) => {
      const networks = w.addresses.map((a) => `${a}/${a.includes(':') ? 128 : 32}`).join(',')
      return [...(all ? [w.namespace] : []), w.pod.metadata.name, w.node, networks, w.interfaceName]
    })
  return printed(table([[...(all ? ['NAMESPACE'] : []), 'WORKLOAD', 'NODE', 'NETWORKS', 'INTERFACE'], ...rows]))
}

function getIpPools(cluster: Cluster, { names, wide }: CalicoAsked): Run {
  const absent = missing(
    'IPPool',
    names,
    cluster.resources.ippools.map(({ metadata }) => metadata.name),
  )
  if (absent !== undefined) return absent
  const head = wide
    ? ['NAME', 'CIDR', 'NAT', 'IPIPMODE', 'VXLANMODE', 'DISABLED', 'DISABLEBGPEXPORT', 'SELECTOR']
    : ['NAME', 'CIDR', 'SELECTOR']
  const pools = cluster.resources.ippools.filter(({ metadata }) => names.length === 0 || names.includes(metadata.name))
  const rows = pools.map(({ metadata, spec }) => {
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

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
