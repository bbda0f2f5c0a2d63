import { StoredObjects } from '../control/index.ts'
import { rawObjects } from '../input/index.ts'

/**
 * The objects of a request as a datastore holds them, lists unfolded: nothing is validated, nothing left out.
 * @throws InputError when something is no object at all
 */
export function storedObjects(objects: readonly unknown[]): StoredObjects {
  return new StoredObjects(rawObjects(objects))
}
