import { Lab } from 'packetwalk'
import { reachOf } from 'packetwalk/ask'
import { clusterResources } from './cluster.ts'
import type { Row } from './measure.ts'

const PODS = 30

/** Objects in memory to who reaches whom; each cluster once. */
function* asked(sizes: readonly (readonly [nodes: number, policies: number, shards?: number])[]): Iterable<Row> {
  for (const [nodes, policies, shards] of sizes) {
    const lab = Lab.fromResources(clusterResources(nodes, PODS, 'ipip', { policies }))
    const start = performance.now()
    const used = process.cpuUsage().user
    const reach = reachOf(lab, shards === undefined ? {} : { shard: { index: 1, of: shards } })
    const value = performance.now() - start
    const processor = (process.cpuUsage().user - used) / 1000
    const { classes, ways } = reach.counts
    const memory = Math.round(process.memoryUsage().rss / 1e6)
    const note = `${Math.round(processor)} ms of the processor, ${classes} classes, ${reach.cells.length} cells, ${ways} ways, ${memory} MB in all`
    const part = shards === undefined ? '' : `, shard 1 of ${shards}`
    yield {
      name: `who reaches whom, ${nodes} nodes × ${PODS} pods, ${policies} policies${part}`,
      value,
      unit: 'ms',
      note,
    }
  }
}

/** A cluster of a hundred nodes. */
export function* reach(): Iterable<Row> {
  yield* asked([[100, 200]])
}

/** Larger ones; the largest in shards. */
export function* reachLong(): Iterable<Row> {
  yield* asked([
    [1000, 1000],
    [5000, 1000, 20],
  ])
}
