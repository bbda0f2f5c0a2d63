import type { ReachWorld } from '../world.ts'
import { type EndClass, podClasses } from './classes.ts'
import { nodeClasses } from './node-classes.ts'
import { atomsOf, outsideClasses } from './outside.ts'

/** All ends that ask, in classes: pods are told apart by what others are asked, too. */
export function askingClasses(world: ReachWorld): Readonly<Record<'pods' | 'nodes' | 'outside', readonly EndClass[]>> {
  const [outside, nodes] = [outsideClasses(world), nodeClasses(world)]
  return { pods: podClasses(world, atomsOf([...outside, ...nodes])), nodes, outside }
}
