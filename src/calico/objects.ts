import type { Resources } from '../control/index.ts'
import { loadObjects } from '../input/index.ts'

/**
 * The objects of a request by kind, lists unfolded.
 * @throws InputError when an object cannot be read at all
 */
export function resourcesIn(objects: readonly unknown[]): Resources {
  return loadObjects(objects).resources
}
