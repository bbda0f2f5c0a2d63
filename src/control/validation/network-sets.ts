import { metadata, withoutNamespaceLabel } from './metadata.ts'
import { type MapShape, map, needed, set, text } from './shape.ts'
import { RANGE } from './text-checks.ts'

/** NetworkSet and GlobalNetworkSet. @calico api/pkg/apis/projectcalico/v3/networkset.go */
export const NETWORK_SET: MapShape = map(
  { metadata: metadata(), spec: needed(map({ nets: set(text(RANGE)) })) },
  withoutNamespaceLabel,
)
