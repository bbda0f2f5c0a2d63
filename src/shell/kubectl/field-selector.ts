import type { OtherResource } from '../../control/index.ts'
import type { ApiType } from './api.ts'
import { namespaceOf, phaseOf } from './cells.ts'
import { textAt } from './object.ts'

/** Fields that API servers select by, besides name and namespace. @kubernetes kubernetes/pkg/apis/core/v1/conversion.go */
const FIELDS: Readonly<Record<string, Readonly<Record<string, (object: OtherResource) => string>>>> = {
  Pod: {
    'spec.nodeName': (one) => textAt(one, 'spec', 'nodeName') ?? '',
    'spec.serviceAccountName': (one) => textAt(one, 'spec', 'serviceAccountName') ?? '',
    'spec.hostNetwork': (one) => textAt(one, 'spec', 'hostNetwork') ?? 'false',
    'status.phase': (one) => phaseOf(one as Parameters<typeof phaseOf>[0]),
    'status.podIP': (one) => textAt(one, 'status', 'podIP') ?? '',
  },
  Node: { 'spec.unschedulable': (one) => textAt(one, 'spec', 'unschedulable') ?? 'false' },
  Namespace: {
    'status.phase': ({ metadata }) => (metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating'),
  },
  Service: {
    'spec.clusterIP': (one) => textAt(one, 'spec', 'clusterIP') ?? '',
    'spec.type': (one) => textAt(one, 'spec', 'type') ?? 'ClusterIP',
  },
  Event: {
    'involvedObject.kind': (one) => textAt(one, 'involvedObject', 'kind') ?? '',
    'involvedObject.name': (one) => textAt(one, 'involvedObject', 'name') ?? '',
    reason: (one) => textAt(one, 'reason') ?? '',
    type: (one) => textAt(one, 'type') ?? '',
  },
}

/** The selector of `--field-selector`: `spec.nodeName=n1,status.phase!=Running`. A text says what is wrong. */
export function fieldTest(type: ApiType, text: string, labels: string): ((object: OtherResource) => boolean) | string {
  const tests: ((object: OtherResource) => boolean)[] = []
  for (const term of text.split(',').filter((one) => one.trim() !== '')) {
    const [, key = '', operator = '', value = ''] = /^\s*([^=!\s]+)\s*(==?|!=)\s*(.*?)\s*$/.exec(term) ?? []
    if (operator === '') return `error: invalid field selector: "${text}": can't understand '${term}'`
    const read = readerOf(type, key)
    if (read === undefined) {
      const resource = `"${type.group === '' ? '' : type.group}/${type.version}, Resource=${type.plural}"`
      return `Error from server (BadRequest): Unable to find ${resource} that match label selector "${labels}", field selector "${text}": field label not supported: ${key}`
    }
    tests.push((object) => (read(object) === value) === (operator !== '!='))
  }
  return (object) => tests.every((test) => test(object))
}

function readerOf({ kind, namespaced }: ApiType, key: string): ((object: OtherResource) => string) | undefined {
  if (key === 'metadata.name') return ({ metadata }) => metadata.name
  if (key === 'metadata.namespace') return (one) => (namespaced ? namespaceOf(one) : '')
  const own = Object.hasOwn(FIELDS, kind) ? FIELDS[kind] : undefined
  return own !== undefined && Object.hasOwn(own, key) ? own[key] : undefined
}
