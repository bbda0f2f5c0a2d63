import { keptIn } from '../../model/index.ts'
import { type EndClass, FAMILIES } from './classes.ts'

/** Numbers of classes: the same for those that ask alike, and for those that are asked alike. */
export class Alike {
  private readonly ids = new Map<string, number>()
  private readonly asking = new Map<EndClass, number>()
  private readonly asked = new Map<EndClass, number>()

  /** Of a class that asks: what comes out of it is judged and sent on alike. */
  from(one: EndClass): number {
    return keptIn(this.asking, one, () => this.of(`from ${one.gates?.egress.id} ${told(one)}`))
  }

  /** Of a class that is asked, by whom. */
  toFrom(from: EndClass, to: EndClass): number {
    if (!isAnsweredElsewhere(from, to)) return this.to(to)
    return this.of(`${this.to(to)} answers ${from.gates?.ingress.id}`)
  }

  /** Of a class that is asked, whoever asks. */
  to(one: EndClass): number {
    return keptIn(this.asked, one, () => this.of(`to ${one.gates?.ingress.id} ${told(one)}`))
  }

  private of(key: string): number {
    return keptIn(this.ids, key, () => this.ids.size)
  }
}

/** What others see of a class besides its policies. */
function told(one: EndClass): string {
  const atoms = FAMILIES.map((family) => one.atoms[family]?.id)
  return [one.kind, one.path, ...atoms, one.isEdited ? keyOf(one) : ''].join(' ')
}

/** Whether the asking pod's own policy may decide about answers, too: a node answers datagrams from its tunnel, see `PolicyBetween`. */
export function isAnsweredElsewhere(from: EndClass, to: EndClass): boolean {
  return from.kind === 'pods' && to.kind === 'nodes'
}

/** What tells a class from all others. */
export function keyOf({ kind, members }: EndClass): string {
  return `${kind} ${members[0]?.name}`
}
