import { NODE_LABELS, ownNodeLabels } from '../../control/index.ts'
import { InputError } from '../../model/index.ts'
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
  if (kind.madeBy !== undefined && kind.kind !== 'Node')
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
  const what = remove ? `removed label ${key} from` : there ? `updated label ${key} on` : `set label ${key} on`
  const said = `Successfully ${what} ${word} ${name}\n`
  if (kind.kind === 'Node') return labelNode(host, seen, name, { key, value: remove ? undefined : (value ?? ''), said })
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
  return printed(said)
}

/** Labels that Calico has of a node, besides those of Kubernetes, are kept in an annotation. */
function labelNode(
  { lab }: Host,
  { objects }: Seen,
  name: string,
  { key, value, said }: { readonly key: string; readonly value: string | undefined; readonly said: string },
): Run {
  const node = objects.nodes.find(({ metadata }) => metadata.name === name)
  if (node === undefined) return failed(`packetwalk: no object of Kubernetes is the node ${name}`)
  if (Object.hasOwn(node.metadata.labels ?? {}, key)) {
    const does =
      value === undefined
        ? `kubectl label node ${name} ${key}-`
        : `kubectl label node ${name} ${key}=${value} --overwrite`
    return printed(said, `packetwalk: it is a label of Kubernetes, which stays as it is; ${does} changes it\n`)
  }
  const { [key]: _, ...others } = ownNodeLabels(node)
  const own = value === undefined ? others : { ...others, [key]: value }
  const { [NODE_LABELS]: __, ...annotations } = node.metadata.annotations ?? {}
  const kept = Object.keys(own).length === 0 ? annotations : { ...annotations, [NODE_LABELS]: JSON.stringify(own) }
  try {
    lab.apply({ nodes: [{ ...node, metadata: { ...node.metadata, annotations: kept } }] })
  } catch (error) {
    if (error instanceof InputError) return failed(`failed to update node ${name}, label not changed: ${error.message}`)
    throw error
  }
  return printed(said)
}
