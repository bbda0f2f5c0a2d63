import { metadata } from './metadata.ts'
import { ANYTHING, FLAG, type MapShape, map, needed, set, TEXT, text, whole, words } from './shape.ts'
import { NAME } from './text-checks.ts'

/** ClusterInformation. @calico api/pkg/apis/projectcalico/v3/clusterinfo.go */
export const CLUSTER_INFORMATION: MapShape = map({
  metadata: metadata(),
  spec: needed(map({ clusterGUID: TEXT, clusterType: TEXT, calicoVersion: TEXT, datastoreReady: FLAG, variant: TEXT })),
})

/** CalicoNodeStatus: what is asked of a node; the answer is in its status. @calico api/pkg/apis/projectcalico/v3/nodestatus.go */
export const CALICO_NODE_STATUS: MapShape = map({
  metadata: metadata(),
  spec: needed(
    map({
      node: needed(text(NAME)),
      classes: needed(set(words('Agent', 'BGP', 'Routes'))),
      updatePeriodSeconds: needed(whole(0, 86400)),
    }),
  ),
  status: ANYTHING,
})
