import { isRecord } from '../../../model/index.ts'
import type { VersionTraits } from '../../calico-version.ts'
import type { GivenMetadata } from '../../conversion/converted.ts'
import type { ConvertedPod, PortedContainer } from '../../conversion/pod.ts'
import { endpointOfPod } from '../../conversion/pod-endpoint.ts'
import { flagAt, listAt, type Raw, textAt, textMapAt } from './raw-fields.ts'

/** Metadata of an object, as far as conversions look at it. */
export function metadataOf(value: Raw): GivenMetadata {
  const deletionTimestamp = textAt(value, 'metadata', 'deletionTimestamp')
  return {
    name: textAt(value, 'metadata', 'name'),
    namespace: textAt(value, 'metadata', 'namespace'),
    labels: textMapAt(value, 'metadata', 'labels'),
    annotations: textMapAt(value, 'metadata', 'annotations'),
    ...(deletionTimestamp === '' ? {} : { deletionTimestamp }),
  }
}

function containersOf(list: readonly unknown[]): PortedContainer[] {
  return list.map((one) => ({ ports: listAt(one, 'ports').filter(isRecord) }))
}

function podOf(value: Raw): ConvertedPod {
  return {
    metadata: metadataOf(value),
    spec: {
      nodeName: textAt(value, 'spec', 'nodeName'),
      hostNetwork: flagAt(value, 'spec', 'hostNetwork'),
      serviceAccountName: textAt(value, 'spec', 'serviceAccountName'),
      containers: containersOf(listAt(value, 'spec', 'containers')),
      initContainers: containersOf(listAt(value, 'spec', 'initContainers')),
    },
    status: {
      phase: textAt(value, 'status', 'phase'),
      podIP: textAt(value, 'status', 'podIP'),
      podIPs: listAt(value, 'status', 'podIPs').map((one) => ({ ip: textAt(one, 'ip') })),
    },
  }
}

/** The WorkloadEndpoint of a pod, as Felix is shown it; undefined for one that has none. */
export function endpointObject(value: Raw, traits: VersionTraits): Raw | undefined {
  const { object } = endpointOfPod(podOf(value), traits)
  return object === undefined ? undefined : { ...object }
}
