import type { Cluster } from '../control/index.ts'
import { didYouMean, InputError, type IptRule } from '../model/index.ts'

/**
 * Makes every Service that has this pod as an endpoint choose it: the rules are as they are, and the choice is not the seed's.
 * A client that a Service remembers stays where it is.
 * @param pod - `namespace/name`
 */
export function choosing(pod: string): (rule: IptRule) => boolean | undefined {
  return ({ meaning }) => {
    if (meaning?.kind !== 'backend' || !meaning.backends.some((one) => one.pod === pod)) return undefined
    return meaning.backends[meaning.chosen - 1]?.pod === pod
  }
}

/**
 * The pod that Services shall choose, with its namespace.
 * @throws InputError when no Service has it as an endpoint
 */
export function backendOf(cluster: Cluster, text: string): string {
  const name = text.replace(/^pods?\//, '')
  const wanted = name.includes('/') ? name : `default/${name}`
  const pods = new Set<string>()
  for (const service of cluster.resources.services) {
    for (const { endpoints } of cluster.serviceEndpoints(service))
      for (const { pod } of endpoints) if (pod !== undefined) pods.add(pod)
  }
  if (pods.has(wanted)) return wanted
  const expected = `a pod that is an endpoint of a Service; ${didYouMean(wanted, [...pods])}`
  throw new InputError([{ kind: 'missing_reference', file: '', path: ['backend'], expected, received: `"${text}"` }])
}
