import type { InputText } from '../input/index.ts'
import type { Lab, LabOptions } from '../lab/index.ts'
import type { Run } from '../shell/index.ts'
import type { ClusterEvent } from '../timeline/index.ts'
import type { Draw } from './draw.ts'
import type { Ground } from './ground.ts'

/** What a scene asks of the network. */
export type SceneAsk =
  /** One echo request; `size` is bytes of data. */
  | { readonly kind: 'ping'; readonly size?: number; readonly dontFragment?: boolean }
  /** A TCP connection; `request` is bytes sent. */
  | { readonly kind: 'tcp'; readonly port: number; readonly request?: number }
  /** A datagram. */
  | { readonly kind: 'udp'; readonly port: number }
  /** Events happen, as `lab.occur` takes them, and then there is a ping after each step of a program, until one is lost. */
  | { readonly kind: 'ping-while'; readonly events: readonly (ClusterEvent | string)[] }

/** A variant of a scene before anybody has opened it: what the seed has chosen, as text. */
export interface ScenePlan {
  /** The cluster, as a user would write it. */
  readonly files: readonly InputText[]
  /** How the lab is opened. */
  readonly options?: LabOptions
  /** What somebody did to machines, as events of `lab.occur`: the files do not show it. */
  readonly changes?: readonly (ClusterEvent | string)[]
  /** What else is done to the lab before it is asked: what events cannot say. */
  readonly prepare?: (lab: Lab) => void
  /** A Timeline, as YAML, for `lab.timeline` and `packetwalk run`. */
  readonly timeline?: string
  /** Who asks. */
  readonly from: string
  /** Who is asked. */
  readonly to: string
  /** What is asked. */
  readonly ask: SceneAsk
  /** What a learner is asked before the packet is sent. */
  readonly question: string
  /** The answer in words, read from what happened. */
  readonly truth: (run: Run, lab: Lab) => string
}

/** A canonical scene, without its numbers. */
export interface SceneRow {
  /** Name, as `scene()` takes it. */
  readonly name: string
  /** Title. */
  readonly title: string
  /** What happens, in a sentence. */
  readonly summary: string
  /** What there is to be seen, a phrase each. */
  readonly shows: readonly string[]
  /** The variant of a seed. */
  readonly plan: (ground: Ground, draw: Draw) => ScenePlan
}
