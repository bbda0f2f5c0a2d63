// What the properties share: how often they run, clusters with a pair of pods to talk, and a ping with its packets.
import fc from 'fast-check'
import { Lab } from '../../src/lab/index.ts'
import type { Run } from '../../src/shell/index.ts'
import { type ClusterOptions, cluster, type RandomCluster } from '../../src/testing/index.ts'
import type { FrameHop, Hop, TracePacket } from '../../src/trace/index.ts'

/** The same runs every time; `FC_SEED` and `FC_RUNS` look further. */
export function runs(numRuns: number): { readonly seed: number; readonly numRuns: number } {
  const seed = Number(process.env['FC_SEED'] ?? 20201013)
  return { seed, numRuns: Number(process.env['FC_RUNS'] ?? numRuns) }
}

/** A cluster and two of its pods. */
export interface Case extends RandomCluster {
  readonly from: string
  readonly to: string
}

/** Clusters with two pods, on one node or on two. */
export function cases(options: ClusterOptions = {}): fc.Arbitrary<Case> {
  return fc.tuple(cluster(options), fc.nat(), fc.nat()).map(([made, a, b]) => {
    const from = a % made.pods.length
    const to = (from + 1 + (b % (made.pods.length - 1))) % made.pods.length
    return { ...made, from: made.pods[from]!, to: made.pods[to]! }
  })
}

/** A running cluster. */
export function labOf(made: RandomCluster): Lab {
  return Lab.fromResources(made.resources)
}

/** The packet that asks, and the one that answers. */
export function conversation(run: Run): { readonly request: TracePacket; readonly reply: TracePacket | undefined } {
  const { packets } = run.trace
  return {
    request: packets.find((packet) => packet.role === 'request')!,
    reply: packets.find((packet) => packet.role === 'reply'),
  }
}

/** Frames that crossed a device. */
export function framesOf(hops: readonly Hop[], packet?: number): FrameHop[] {
  return hops.filter(
    (hop): hop is FrameHop => (hop.kind === 'tx' || hop.kind === 'rx') && (packet ?? hop.packet) === hop.packet,
  )
}
