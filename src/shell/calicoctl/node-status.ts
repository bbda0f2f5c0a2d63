import { type Cluster, nodeStatus, type PeerStatus } from '../../control/index.ts'
import type { Ip } from '../../wire/index.ts'
import { birdClock } from '../bird/bird-time.ts'
import { runsCalicoNode } from '../calico-programs.ts'
import type { Host } from '../host.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'

/** `calicoctl node status`: what BIRD of the prompt's node says of its peers. */
export function nodeStatusText({ lab, netns }: Host, cluster: Cluster): Run {
  if (!cluster.nodes.some(({ name }) => name === netns) || !runsCalicoNode(lab, netns))
    return failed('Calico process is not running.')
  const bird = cluster.settings.backend === 'bird' ? lab.birdOf(netns) : null
  const since = lab.birdSince(netns)
  const node = bird?.nodes.find(({ name }) => name === netns)
  if (bird === null || node === undefined) {
    return printed('Calico process is running.\n\nThe BGP backend process (BIRD) is not running.\n')
  }
  const peers = nodeStatus(bird.bgp, node, bird.bgpFaults)
  const { short } = birdClock(lab.simulation)
  const parts = ([4, 6] as const).map((family) =>
    family4or6(
      family,
      peers.filter((p) => p.family === family),
      (peer) => short(since?.session(family, peer) ?? 0),
    ),
  )
  return printed(`Calico process is running.\n\n${parts.join('\n')}`)
}

function family4or6(family: 4 | 6, peers: readonly PeerStatus[], since: (peer: Ip) => string): string {
  if (peers.length === 0) return family === 6 ? '' : `IPv${family} BGP status\nNo IPv${family} peers found.\n`
  const head = ['PEER ADDRESS', 'PEER TYPE', 'STATE', 'SINCE', 'INFO']
  const rows = peers.map((p) => [p.peerAddress, p.peerType, p.state, since(p.peerAddress), p.info])
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
