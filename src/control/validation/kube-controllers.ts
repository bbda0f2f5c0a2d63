import { areAnnotations, areLabels, metadata } from './metadata.ts'
import {
  ANYTHING,
  DURATION,
  list,
  type MapShape,
  map,
  needed,
  type Shape,
  set,
  shortText,
  text,
  textRecord,
  whole,
  withDefault,
  words,
} from './shape.ts'
import { NAME, PATTERN, RANGE, SELECTOR } from './text-checks.ts'

const ON_OFF: Shape = words('Enabled', 'Disabled')
const PORT_NUMBER: Shape = whole(0, 65535)
const PERIODIC: MapShape = map({ reconcilerPeriod: DURATION })

const TEMPLATE: MapShape = map({
  generateName: shortText(253, NAME),
  interfaceCIDRs: set(text(RANGE)),
  interfacePattern: text(PATTERN),
  labels: textRecord(areLabels),
  annotations: textRecord(areAnnotations),
  nodeSelector: text(SELECTOR),
})

const CONTROLLERS: MapShape = map({
  node: map({
    reconcilerPeriod: DURATION,
    syncLabels: ON_OFF,
    hostEndpoint: map({ autoCreate: ON_OFF, createDefaultHostEndpoint: ON_OFF, templates: list(TEMPLATE) }),
    leakGracePeriod: DURATION,
  }),
  policy: PERIODIC,
  workloadEndpoint: PERIODIC,
  serviceAccount: PERIODIC,
  namespace: PERIODIC,
  loadBalancer: map({ assignIPs: withDefault(words('AllServices', 'RequestedServicesOnly'), 'AllServices') }),
  migration: map({ policyNameMigrator: withDefault(ON_OFF, 'Enabled') }),
})

/** KubeControllersConfiguration. @calico api/pkg/apis/projectcalico/v3/kubecontrollersconfig.go */
export const KUBE_CONTROLLERS_CONFIGURATION: MapShape = map({
  metadata: metadata(),
  spec: needed(
    map({
      logSeverityScreen: words('None', 'Debug', 'Info', 'Warning', 'Error', 'Fatal', 'Panic'),
      healthChecks: withDefault(ON_OFF, 'Enabled'),
      etcdV3CompactionPeriod: DURATION,
      prometheusMetricsPort: PORT_NUMBER,
      controllers: CONTROLLERS,
      debugProfilePort: PORT_NUMBER,
    }),
  ),
  status: ANYTHING,
})
