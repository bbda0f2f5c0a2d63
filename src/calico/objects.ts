import { type Resources, StoredObjects } from '../control/index.ts'
import { loadObjects, rawObjects } from '../input/index.ts'

/**
 * The objects of a request by kind, lists unfolded.
 * @throws InputError when an object cannot be read at all
 */
export function resourcesIn(objects: readonly unknown[]): Resources {
  return loadObjects(objects).resources
}

/**
 * The objects of a request as a datastore holds them, lists unfolded: nothing is validated, nothing left out.
 * @throws InputError when something is no object at all
 */
export function storedObjects(objects: readonly unknown[]): StoredObjects {
  return new StoredObjects(rawObjects(objects))
}
