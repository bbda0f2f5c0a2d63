import { checkLab, type Lab } from '../lab/index.ts'
import { askingClasses } from './ends/all-classes.ts'
import { reachWorld } from './world.ts'

/**
 * Pods and nodes that nothing tells apart, neither policy nor the way of packets: the same number for the same.
 * @returns finds the number of an end by its name, `NAMESPACE/POD` or `node/NAME`; undefined for Services and addresses outside
 * @throws InputError for a lab without objects
 */
export function endsAlike(lab: Lab): (name: string) => number | undefined {
  checkLab(lab)
  const { pods, nodes } = askingClasses(reachWorld(lab))
  const numbers = new Map(
    [...pods, ...nodes].flatMap(({ members }, number) => members.map(({ name }) => [name, number] as const)),
  )
  return (name) => numbers.get(name)
}
