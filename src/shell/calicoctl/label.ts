import type { Host } from '../host.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { oneObject, stored } from './change-objects.ts'
import type { Asked } from './options.ts'
import type { Seen } from './seen.ts'

/** `calicoctl label KIND NAME KEY=VALUE [--overwrite]`, `calicoctl label KIND NAME KEY --remove`. */
export function labelObject(host: Host, seen: Seen, asked: Asked): Run {
  const [, word = '', name = '', given = '', ...more] = asked.words
  if (given === '' || more.length > 0) return failed('packetwalk: calicoctl label KIND NAME KEY=VALUE, or KEY --remove')
  const found = oneObject(seen, asked)
  if ('stdout' in found) return found
  const { kind, object } = found
  if (kind.madeBy !== undefined)
    return failed(`packetwalk: labels of a ${kind.kind} are not written here: ${kind.madeBy}`)
  const remove = asked.flags.has('remove')
  const [key = '', value] = given.split(/=(.*)/s)
  if (!remove && value === undefined) return failed(`invalid label ${given}`)
  const labels = object.metadata.labels ?? {}
  const there = Object.hasOwn(labels, key)
  if (remove && !there) return failed(`cannot remove label of ${word} ${name}, key ${key} does not exist`)
  if (!remove && there && labels[key] !== value && !asked.flags.has('overwrite')) {
    return failed(
      `failed to update label of ${word} ${name}, key ${key} is already present. please use '--overwrite' to set a new value`,
    )
  }
  const { [key]: _, ...others } = labels
  const fresh = remove ? others : { ...others, [key]: value ?? '' }
  const fault = stored(
    host,
    seen,
    {
      kind,
      object: { ...object, apiVersion: 'projectcalico.org/v3', metadata: { ...object.metadata, labels: fresh } },
    },
    object,
  )
  if (fault !== undefined) return failed(`failed to update ${word} ${name}, label not changed: ${fault}`)
  const what = remove ? `removed label ${key} from` : there ? `updated label ${key} on` : `set label ${key} on`
  return printed(`Successfully ${what} ${word} ${name}\n`)
}
