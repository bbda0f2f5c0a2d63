import type { Cluster, OtherResource } from '../control/index.ts'
import { clusterGuid } from '../controllers/index.ts'
import type { Desk } from './desk.ts'

const DEFAULT = { name: 'default' } as const

/** Whether Calico has come to a node of the cluster, and so has stored what it stores when it starts. */
export function hasStarted(desk: Pick<Desk, 'hasCni'>, { nodes }: Pick<Cluster, 'nodes'>): boolean {
  return nodes.some(({ name }) => desk.hasCni(name))
}

/** What of a cluster decides what Calico stores by itself. */
export interface OwnGround {
  readonly settings: Cluster['settings']
  /** Of what a real cluster draws at random. */
  readonly seed: number
}

/** Kinds of which Calico stores an object by itself, and what it writes there. */
const MADE: Readonly<Record<string, (ground: OwnGround) => object>> = {
  // @calico node/pkg/lifecycle/startup/startup.go ensureDefaultConfig
  FelixConfiguration: () => ({ logSeverityScreen: 'Info', reportingInterval: '0s' }),
  ClusterInformation: ({ settings, seed }) => ({
    calicoVersion: settings.version.text,
    clusterGUID: clusterGuid(seed),
    clusterType: clusterTypeOf(settings),
    datastoreReady: true,
  }),
  // @calico kube-controllers/pkg/config/runconfig.go
  KubeControllersConfiguration: () => ({
    controllers: {
      namespace: { reconcilerPeriod: '5m0s' },
      node: {
        hostEndpoint: { autoCreate: 'Disabled' },
        leakGracePeriod: '15m0s',
        reconcilerPeriod: '5m0s',
        syncLabels: 'Enabled',
      },
      policy: { reconcilerPeriod: '5m0s' },
      serviceAccount: { reconcilerPeriod: '5m0s' },
      workloadEndpoint: { reconcilerPeriod: '5m0s' },
    },
    etcdV3CompactionPeriod: '10m0s',
    healthChecks: 'Enabled',
    logSeverityScreen: 'Info',
    prometheusMetricsPort: 9094,
  }),
}

/** Whether Calico stores an object of a kind by itself. */
export function storesOwn(kind: string): boolean {
  return Object.hasOwn(MADE, kind)
}

/** Which backends a cluster has, as far as its settings tell. */
export function clusterTypeOf({ backend }: Pick<Cluster['settings'], 'backend'>): string {
  return backend === 'bird' ? 'k8s,bgp' : 'k8s'
}

/** Objects of a kind, and the one that Calico stores by itself where nobody has stored it. */
export function withOwn(kind: string, stored: readonly OtherResource[], ground: OwnGround): readonly OtherResource[] {
  const made = storesOwn(kind) ? MADE[kind] : undefined
  if (made === undefined || stored.some(({ metadata }) => metadata.name === DEFAULT.name)) return stored
  return [
    ...stored,
    { apiVersion: 'projectcalico.org/v3', kind, metadata: DEFAULT, spec: made(ground) } as OtherResource,
  ]
}
