import { checkArgument, isRecord } from '../../model/index.ts'
import { describeOrigin, type Fact } from '../../trace/index.ts'
import type { StepFact } from './packet-step.ts'

/** A text the network was made from. */
export interface SourceText {
  /** Its name, as origins have it. */
  readonly name: string
  /** Its content. */
  readonly text: string
}

/** Refuses what are no texts. @throws InputError */
export function checkSources(sources: unknown): void {
  const isText = (one: unknown): boolean =>
    isRecord(one) && typeof one['name'] === 'string' && typeof one['text'] === 'string'
  const isRight = Array.isArray(sources) && sources.every(isText)
  checkArgument(isRight, 'options.sources', 'a list of texts with their names: [{ name, text }]', sources)
}

/** Looks up lines of the input. */
export class Sources {
  private readonly lines: ReadonlyMap<string, readonly string[]>

  constructor(texts: readonly SourceText[]) {
    this.lines = new Map(texts.map(({ name, text }) => [name, text.split('\n')]))
  }

  /** Facts with the lines they came from. */
  facts(facts: readonly Fact[]): readonly StepFact[] {
    return facts.map((fact) => this.fact(fact))
  }

  private fact({ text, origin }: Fact): StepFact {
    if (origin === undefined) return { text }
    const { file, line } = origin
    const source = file === undefined || line === undefined ? undefined : this.lines.get(file)?.[line - 1]?.trimEnd()
    return { text, origin, from: describeOrigin(origin), ...(source === undefined ? {} : { source }) }
  }
}
