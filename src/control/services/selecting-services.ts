import { keptIn, pushTo } from '../../model/index.ts'
import type { PodResource, ServiceResource } from '../kubernetes-kinds.ts'
import { selectsLabels } from '../label-selector.ts'

type ByLabel = ReadonlyMap<string, readonly ServiceResource[]>

const known = new WeakMap<readonly ServiceResource[], ByLabel>()

/** Services by the first label that they ask for. */
function byLabel(services: readonly ServiceResource[]): ByLabel {
  return keptIn(known, services, () => {
    const found = new Map<string, ServiceResource[]>()
    for (const service of services) {
      const [first] = Object.entries(service.spec.selector ?? {})
      if (first !== undefined) pushTo(found, `${service.metadata.namespace ?? 'default'} ${first.join('=')}`, service)
    }
    return found
  })
}

/** Services of a list that select a pod by its labels. */
export function selectingServices(
  services: readonly ServiceResource[],
  { metadata: { namespace = 'default', labels = {} } }: PodResource,
): readonly ServiceResource[] {
  if (services.length === 0) return []
  return Object.entries(labels).flatMap(([label, value]) =>
    (byLabel(services).get(`${namespace} ${label}=${value}`) ?? []).filter(({ spec: { selector: matchLabels = {} } }) =>
      selectsLabels({ matchLabels }, labels),
    ),
  )
}
