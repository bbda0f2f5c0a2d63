import type { InputDocument } from './document.ts'
import type { ListType } from './object-type.ts'
import { isMap, typedItem } from './objects.ts'

/** Whether what says so much of its type may be a list of objects. */
export function mayBeList({ kind }: ListType): boolean {
  return kind === undefined || isList(kind)
}

function isList(kind: unknown): boolean {
  return typeof kind === 'string' && kind.endsWith('List')
}

function isWord(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

/** The items of a list whose type may be told behind them. */
export class Items {
  private readonly list: ListType
  private readonly waiting: InputDocument[] = []

  /** @param list - its type, as far as it is known by then */
  constructor(list: ListType) {
    this.list = list
  }

  /** Whether it has turned out to be a list of objects. */
  get areOfList(): boolean {
    return isList(this.list.kind) && isWord(this.list.apiVersion)
  }

  /** Items that need not know what the list says, or can. */
  *ready(items: Iterable<InputDocument>): Generator<InputDocument> {
    for (const item of items) {
      if (this.areOfList) yield this.typed(item)
      else if (this.waiting.length === 0 && hasType(item.value)) yield item
      else this.waiting.push(item)
    }
  }

  /** The others, when all of the list is read. */
  *rest(): Generator<InputDocument> {
    for (const item of this.waiting) yield this.typed(item)
  }

  private typed(item: InputDocument): InputDocument {
    const value = typedItem(this.list, item.value)
    return value === item.value ? item : { ...item, value }
  }
}

function hasType(item: unknown): boolean {
  return isMap(item) && isWord(item['kind']) && isWord(item['apiVersion'])
}
