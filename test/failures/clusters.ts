// Clusters in which failures are brought about, drawn by seeds, so that each failure meets several.
import fc from 'fast-check'
import type { Resources } from '../../src/control/index.ts'
import { Lab } from '../../src/lab/index.ts'
import { type ClusterMode, cluster } from '../../src/testing/index.ts'

/** A cluster of a test: a mode, and the seed it is drawn by. */
export interface Drawn {
  readonly mode: ClusterMode
  readonly seed: number
  readonly subnets: number
  /** Pods' packets between nodes are encrypted. */
  readonly wireguard?: boolean
}

/** One and two segments in every mode. */
export const DRAWN: readonly Drawn[] = [
  { mode: 'ipip-always', seed: 1, subnets: 2 },
  { mode: 'ipip-always', seed: 2, subnets: 1 },
  { mode: 'ipip-cross-subnet', seed: 3, subnets: 2 },
  { mode: 'vxlan-always', seed: 4, subnets: 1 },
  { mode: 'vxlan-always', seed: 5, subnets: 2 },
  { mode: 'vxlan-cross-subnet', seed: 6, subnets: 2 },
  { mode: 'none', seed: 7, subnets: 1 },
  { mode: 'none', seed: 8, subnets: 1 },
  { mode: 'none', seed: 9, subnets: 1 },
  { mode: 'ipip-always', seed: 10, subnets: 2 },
  { mode: 'ipip-always', seed: 11, subnets: 1, wireguard: true },
  { mode: 'vxlan-always', seed: 12, subnets: 1, wireguard: true },
  { mode: 'none', seed: 13, subnets: 1, wireguard: true },
]

/** The lab of a drawn cluster. */
export function labOf({ mode, seed, subnets, wireguard = false }: Drawn): Lab {
  const release = wireguard ? { calicoVersion: 'v3.30.0' } : {}
  const [drawn] = fc.sample(cluster({ mode, subnets, nodes: 4, ...release }), { seed, numRuns: 1 })
  const felixConfigurations: Resources['felixConfigurations'] = wireguard
    ? [
        {
          apiVersion: 'projectcalico.org/v3',
          kind: 'FelixConfiguration',
          metadata: { name: 'default' },
          spec: { wireguardEnabled: true },
        },
      ]
    : []
  return Lab.fromResources({ ...drawn!.resources, felixConfigurations })
}
