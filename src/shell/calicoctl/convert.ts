import { convertedPolicy, traitsOf } from '../../control/index.ts'
import { readObjects } from '../../input/index.ts'
import { InputError } from '../../model/index.ts'
import type { Host } from '../host.ts'
import { objectJson, objectYaml } from '../object-text.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import type { Asked } from './options.ts'
import type { Seen } from './seen.ts'
import { plain } from './stored-form.ts'

/** `calicoctl convert -f FILE [-o yaml|json]`: NetworkPolicies of Kubernetes as Calico sees them. */
export function convertObjects(host: Host, seen: Seen | undefined, { flags }: Asked): Run {
  const name = flags.get('filename')
  if (typeof name !== 'string') return failed('packetwalk: calicoctl convert -f FILE')
  const text = name === '-' ? (host.stdin ?? '') : host.files.read(name)
  if (typeof text !== 'string') return failed(`Failed to execute command: open ${name}: ${text.fault.toLowerCase()}`)
  const form = String(flags.get('output') ?? 'yaml')
  if (form !== 'yaml' && form !== 'json') return failed(`unrecognized output format '${form}'`)
  try {
    const made = readObjects([{ name, text }]).map(({ apiVersion, kind, value }) =>
      converted(apiVersion, kind, value, seen),
    )
    const wrong = made.find((one) => typeof one === 'string')
    if (typeof wrong === 'string') return failed(`Failed to execute command: ${wrong}`)
    const values = made.map(plain)
    return printed(
      form === 'json'
        ? objectJson(values.length === 1 ? (values[0] ?? null) : values)
        : values.map(objectYaml).join('---\n'),
    )
  } catch (error) {
    if (error instanceof InputError) return failed(`Failed to execute command: ${error.message}`)
    throw error
  }
}

/** What is made of an object; a text says why nothing is. */
function converted(apiVersion: string, kind: string, value: unknown, seen: Seen | undefined): object | string {
  if (apiVersion === 'projectcalico.org/v3') return value as object
  if (apiVersion !== 'networking.k8s.io/v1' || kind !== 'NetworkPolicy')
    return `${apiVersion} ${kind} (packetwalk: NetworkPolicies of networking.k8s.io/v1 are converted; Calico's API before v3 is not known here)`
  const { metadata, spec = {} } = value as { metadata: { name: string }; spec?: object }
  const version = seen?.cluster.settings.version
  const { object, errors } = convertedPolicy(
    metadata,
    spec as Parameters<typeof convertedPolicy>[1],
    traitsOf(version as NonNullable<typeof version>),
  )
  return object ?? errors.join('; ')
}
