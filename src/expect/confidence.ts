import type { Lab } from '../lab/index.ts'
import { type Confidence, describeNote, type Note } from '../model/index.ts'
import type { Trace } from '../trace/index.ts'

/** What an answer of a lab rests on. */
export function confidenceOf(lab: Lab, { certainty, notes }: Pick<Trace, 'certainty' | 'notes'>): Confidence {
  const of = (effect: Note['effect']): string[] => notes.filter((one) => one.effect === effect).map(describeNote)
  switch (certainty) {
    case 'certain':
      return { kind: lab.dump === null ? 'objects' : 'dump', of: [] }
    case 'assumed':
      return { kind: 'assumed', of: of('assumed') }
    case 'undecided':
      return { kind: 'undecided', of: of('undecided') }
  }
}
