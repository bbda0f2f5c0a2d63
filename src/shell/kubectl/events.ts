import type { OtherResource } from '../../control/index.ts'
import { namespaceOf } from './cells.ts'
import { textAt } from './object.ts'
import type { Seen } from './seen.ts'

/** Events of a cluster, as controllers told them. */
export function eventsOf(seen: Seen): readonly OtherResource[] {
  return seen.events
}

/** Events about an object. */
export function eventsAbout(seen: Seen, object: OtherResource): readonly OtherResource[] {
  return eventsOf(seen).filter(
    (one) =>
      textAt(one, 'involvedObject', 'kind') === object.kind &&
      textAt(one, 'involvedObject', 'name') === object.metadata.name &&
      (object.kind === 'Node' || namespaceOf(one) === namespaceOf(object)),
  )
}
