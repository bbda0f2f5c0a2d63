import type { InputText } from '../input/index.ts'
import { Lab, type LabOptions } from '../lab/index.ts'
import type { Run } from '../shell/index.ts'
import type { ClusterEvent } from '../timeline/index.ts'
import { drawOf } from './draw.ts'
import { groundOf } from './ground.ts'
import { named } from './named.ts'
import type { SceneAsk, ScenePlan } from './plan.ts'
import { SCENES } from './scenes/table.ts'
import { type Shown, shown } from './shown.ts'
import { type Student, seedOf } from './variant.ts'

/** What there is to know of a scene before a seed is chosen. */
export interface SceneInfo {
  /** Name, as `scene()` takes it. */
  readonly name: string
  /** Title. */
  readonly title: string
  /** What happens, in a sentence. */
  readonly summary: string
  /** What there is to be seen, a phrase each. */
  readonly shows: readonly string[]
}

/** A canonical scene with the names and numbers of a seed. */
export interface Scene extends SceneInfo, Shown {
  /** The seed: the same one gives the same bytes. */
  readonly seed: number
  /** The cluster, as a user would write it. */
  readonly files: readonly InputText[]
  /** How the lab is opened. */
  readonly options: LabOptions
  /** What somebody did to machines after the files were applied, as events that `lab.occur` takes; mostly empty. */
  readonly changes: readonly (ClusterEvent | string)[]
  /** A Timeline as YAML, for `lab.timeline` and `packetwalk run`; absent where time plays no part. */
  readonly timeline?: string
  /** The cluster in a lab, opened when it is first read. What is done to it stays: `run()` asks the lab as it is then. */
  readonly lab: Lab
  /** The nodes of the cluster, in the order of the files. */
  readonly nodes: readonly string[]
  /** Its pods, as `lab.ping` takes them, in the order of the files. */
  readonly pods: readonly string[]
  /** Who asks, as `lab.ping` takes it. */
  readonly from: string
  /** Who is asked. */
  readonly to: string
  /** What is asked. */
  readonly ask: SceneAsk
  /** What a learner is asked before the packet is sent. */
  readonly question: string
  /** The answer in words, read from a run in a lab of its own. */
  readonly truth: string
  /** Asks the question of the scene in `lab`, as that is now. */
  readonly run: () => Run
}

/** The canonical scenes, in the order a course takes them. */
export const scenes: readonly SceneInfo[] = SCENES.map(({ name, title, summary, shows }) => ({
  name,
  title,
  summary,
  shows,
}))

/**
 * A canonical scene: a small cluster, who asks whom, and what to ask before looking. The seed chooses names, addresses, numbers and
 * what is broken, never the lesson.
 *
 * ```ts
 * const { files, run, question, truth } = scene('ipip', 7)
 * console.log(files[0].text, question)
 * console.log(run().trace.summary, truth)
 * ```
 *
 * @param name - as `scenes` lists it
 * @param student - a name, or the seed of a variant, a whole number; absent = 1
 * @throws InputError for a name that there is not, with the nearest that there is
 */
export function scene(name: string, student: Student = 1): Scene {
  const seed = seedOf(student)
  const row = named(SCENES, name, 'a scene')
  const draw = drawOf(seed)
  const { plan, ...info } = row
  return opened(info, seed, plan(groundOf(draw), draw))
}

/** A scene whose lab is opened when somebody looks at it. */
export function opened(info: SceneInfo, seed: number, plan: ScenePlan): Scene {
  const { truth, options = {}, changes = [], prepare, ...rest } = plan
  const open = (): Lab => {
    const lab = Lab.load(plan.files, options)
    for (const change of changes) lab.occur(change)
    prepare?.(lab)
    return lab
  }
  let lab: Lab | undefined
  let told: string | undefined
  const ownLab = (): Lab => {
    lab ??= open()
    return lab
  }
  const tell = (): string => {
    const apart = open()
    return truth(asked(apart, plan), apart)
  }
  return shown({
    ...info,
    seed,
    ...rest,
    options,
    changes,
    get lab() {
      return ownLab()
    },
    get nodes() {
      return (ownLab().objects?.nodes ?? []).map(({ metadata }) => metadata.name)
    },
    get pods() {
      return (ownLab().objects?.pods ?? []).map(({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}`)
    },
    get truth() {
      told ??= tell()
      return told
    },
    run: () => asked(ownLab(), plan),
    toMarkdown: () => sceneMarkdown(info, plan),
  })
}

/** A scene as a sheet shows it: without its answer, and without its summary, which is half of it. */
function sceneMarkdown({ title }: SceneInfo, { files, question }: ScenePlan): string {
  const texts = files.map(({ name, text }) => `\`${name}\`\n\n\`\`\`yaml\n${text}\`\`\``)
  return `## ${title}\n\n${texts.join('\n\n')}\n\n**${question}**\n`
}

/** Asks what a scene asks. */
function asked(lab: Lab, { from, to, ask }: Pick<ScenePlan, 'from' | 'to' | 'ask'>): Run {
  switch (ask.kind) {
    case 'ping': {
      const { size, dontFragment = false } = ask
      return lab.ping(from, to, {
        ...(size === undefined ? {} : { size }),
        ...(dontFragment ? { pmtudisc: 'do' } : {}),
      })
    }
    case 'tcp':
      return lab.tcp(from, to, ask.port, ask.request === undefined ? {} : { request: ask.request })
    case 'udp':
      return lab.udp(from, to, ask.port)
    case 'ping-while':
      return pingedWhile(lab, from, to, ask.events)
  }
}

/** Lets events happen, and pings after each step of a program until one is lost, or nobody has anything to do any more. */
function pingedWhile(lab: Lab, from: string, to: string, events: readonly (ClusterEvent | string)[]): Run {
  for (const event of events) lab.occur(event)
  let run = lab.ping(from, to, { linger: 1 })
  while (run.ok && lab.stepForward()) run = lab.ping(from, to, { linger: 1 })
  return run
}
