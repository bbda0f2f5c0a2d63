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

  /** Of a class that is asked, by whom: see {@link answeredElsewhere}. */
  toFrom(from: EndClass, to: EndClass): number {
    const answered = answeredElsewhere(from, to)
    return answered === '' ? this.to(to) : this.of(`${this.to(to)} answers ${answered}`)
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

/**
 * A node answers a datagram of a pod from the address of its tunnel, where its way back leads through it, and not from the one that was
 * asked: the answer belongs to no connection, and the asking pod's own policy decides about it.
 */
export function answeredElsewhere(from: EndClass, to: EndClass): string {
  return from.kind === 'pods' && to.kind === 'nodes' ? `${from.gates?.ingress.id}` : ''
}

/** What tells a class from all others. */
export function keyOf({ kind, members }: EndClass): string {
  return `${kind} ${members[0]?.name}`
}
