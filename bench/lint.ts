import { lint } from 'packetwalk/ask'
import { buildCluster } from 'packetwalk/control'
import { clusterResources } from './cluster.ts'
import type { Row } from './measure.ts'
import { plainCluster } from './yardstick.ts'

const PODS = 30

/** Milliseconds one call takes: the best of some. */
function best(run: () => void, times = 3): number {
  const once = (): number => {
    const start = performance.now()
    run()
    return performance.now() - start
  }
  return Math.min(...Array.from({ length: times }, once))
}

/** All findings about clusters with policies and Services, built already; work is to grow with the objects. */
export function* lints(): Iterable<Row> {
  let smaller: { readonly nodes: number; readonly value: number } | undefined
  for (const nodes of [1000, 5000]) {
    const resources = clusterResources(nodes, PODS, 'ipip', { policies: nodes / 5, services: nodes / 5 })
    const cluster = buildCluster(resources)
    const loaded = { resources, warnings: [], unread: [], replaced: [] }
    let count = 0
    const value = best(() => {
      count = lint(loaded, { cluster }).findings.length
    })
    const exponent = smaller && Math.log(value / smaller.value) / Math.log(nodes / smaller.nodes)
    const grown = exponent === undefined ? '' : `, grows by n^${exponent.toFixed(2)}`
    const name = `lint, ${nodes} nodes × ${PODS} pods, ${nodes / 5} policies and Services`
    const ratio = value / best(() => plainCluster(nodes, PODS))
    yield { name, value, unit: 'ms', ratio, note: `${count} findings${grown}` }
    smaller = { nodes, value }
  }
}
