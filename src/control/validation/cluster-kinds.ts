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

const WORKLOAD = map({ hostname: TEXT, orchestratorID: TEXT, workloadID: TEXT })
const ENDPOINT = map({ hostname: TEXT, orchestratorID: TEXT, workloadID: TEXT, endpointID: TEXT })

/** LiveMigration: no CRD. @calico libcalico-go/lib/apis/internalapi/livemigration.go */
export const LIVE_MIGRATION: MapShape = map({
  metadata: metadata(),
  spec: needed(
    map({
      source: map({ workload: WORKLOAD, workloadEndpoint: ENDPOINT }),
      target: map({ selector: TEXT, workloadEndpoint: ENDPOINT }),
    }),
  ),
})
