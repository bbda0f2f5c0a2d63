import { endpointsIn, objectKey, type PodResource, type Resources } from '../control/index.ts'
import { Lab, type LabOptions } from '../lab/index.ts'

/** Two clusters as they are compared, and what is to be said of it. */
export interface Compared {
  readonly a: Lab
  readonly b: Lab
  readonly notes: readonly string[]
}

/**
 * Pods without an address of their own get one in the order in which they are created. A pod that comes before others in a file would so
 * give all of them another address, which in a running cluster nobody gets. Here the pods of both clusters are created first, in the same
 * order, and those of one only after them: who is there before and after has the same address before and after, as long as pool and node
 * are the same. It is no matter which cluster is the first.
 *
 * Labs in which something happened already stay as they are: their pods have had their addresses.
 */
export function withHeldAddresses(a: Lab, b: Lab, options: LabOptions): Compared {
  const moved = isAsLoaded(a) && isAsLoaded(b) ? movedPods(a, b) : 0
  if (moved === 0 || a.objects === null || b.objects === null) return { a, b, notes: [] }
  const order = orderOfBoth(a.objects.pods, b.objects.pods)
  const held = [a.objects, b.objects].map((objects) => Lab.fromResources(bothFirst(objects, order), options))
  const [first, second] = held as [Lab, Lab]
  const left = movedPods(first, second)
  if (left >= moved) return { a, b, notes: [] }
  const what = moved - left === 1 ? 'one pod of both clusters has' : `${moved - left} pods of both clusters have`
  const note = `${what} no address in the objects: here it is the same in both, as if pods of one only had come later`
  return { a: first, b: second, notes: [note] }
}

/** Whether a lab is what its objects make, and nothing happened in it. */
function isAsLoaded({ cluster, network, log, dump }: Lab): boolean {
  return cluster !== null && network === cluster.network && log.length === 0 && dump === null
}

/** How many pods of both clusters are on the same node and have other addresses. */
function movedPods({ cluster: a }: Lab, { cluster: b }: Lab): number {
  if (a === null || b === null) return 0
  const others = endpointsIn(b.workloadEndpoints)
  let moved = 0
  for (const { netns, node, addresses } of a.workloadEndpoints) {
    const other = others.at(netns)
    if (other?.node === node && other.addresses.join() !== addresses.join()) moved++
  }
  return moved
}

/** Places of the pods that are there in both: in the order of both, or of their names where the clusters have them in different orders. */
function orderOfBoth(a: readonly PodResource[], b: readonly PodResource[]): ReadonlyMap<string, number> {
  const [namesA, namesB] = [a, b].map((pods) => pods.map(objectKey))
  const [inA, inB] = [new Set(namesA), new Set(namesB)]
  const both = namesA!.filter((name) => inB.has(name))
  const other = namesB!.filter((name) => inA.has(name))
  const isSame = both.every((name, i) => name === other[i])
  return new Map((isSame ? both : both.sort()).map((name, i) => [name, i]))
}

function bothFirst(objects: Resources, order: ReadonlyMap<string, number>): Resources {
  const placeOf = (pod: PodResource): number => order.get(objectKey(pod)) ?? order.size
  return { ...objects, pods: [...objects.pods].sort((one, other) => placeOf(one) - placeOf(other)) }
}
