import { type Raw, textAt } from './raw-fields.ts'
import type { StoredObjects } from './stored-objects.ts'

/** A word that FelixConfigurations say about a node: its own before that of all; '' where none does. */
export function felixWord(objects: StoredObjects, node: string, field: string): string {
  const named = (name: string): Raw | undefined =>
    objects.of('FelixConfiguration', 'calico').find((one) => textAt(one, 'metadata', 'name') === name)
  return textAt(named(`node.${node}`), 'spec', field) || textAt(named('default'), 'spec', field)
}
