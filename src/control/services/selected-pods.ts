import type { ServiceResource } from '../kubernetes-kinds.ts'
import { selectsLabels } from '../label-selector.ts'
import type { PodGroups } from '../pod-lists.ts'
import type { AddressedPod } from './addressed-pods.ts'

/** The pods that Services select: looked for among those that have the first label of a selector. */
export class SelectedPods {
  private readonly pods: PodGroups<AddressedPod>

  constructor(pods: PodGroups<AddressedPod>) {
    this.pods = pods
  }

  /** Pods a Service selects; none for one without a selector. */
  *of({ metadata, spec }: ServiceResource): Iterable<AddressedPod> {
    const matchLabels = spec.selector ?? {}
    const [first, ...others] = Object.entries(matchLabels)
    if (first === undefined) return
    for (const one of this.pods.withLabel(metadata.namespace ?? 'default', ...first)) {
      if (others.length === 0 || selectsLabels({ matchLabels }, one.pod.metadata.labels ?? {})) yield one
    }
  }
}
