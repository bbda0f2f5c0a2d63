import { type Selector, selectsBy } from '../selector.ts'

type Term = Exclude<Selector, { readonly op: 'all' | 'global' | 'not' | '&&' | '||' }>

/** Whether a selector selects something of which some labels are not known; undefined where these decide. */
export function decides(
  selector: Selector,
  isKnown: (label: string) => boolean,
  labelOf: (label: string) => string | undefined,
): boolean | undefined {
  switch (selector.op) {
    case 'all':
    case 'global':
      return true
    case 'not': {
      const inner = decides(selector.inner, isKnown, labelOf)
      return inner === undefined ? undefined : !inner
    }
    case '&&':
    case '||':
      return decidesAll(selector.terms, selector.op === '||', isKnown, labelOf)
    default:
      return isKnown((selector satisfies Term).label) ? selectsBy(selector, labelOf) : undefined
  }
}

function decidesAll(
  terms: readonly Selector[],
  ends: boolean,
  isKnown: (label: string) => boolean,
  labelOf: (label: string) => string | undefined,
): boolean | undefined {
  let open = false
  for (const term of terms) {
    const answer = decides(term, isKnown, labelOf)
    if (answer === ends) return ends
    open ||= answer === undefined
  }
  return open ? undefined : !ends
}

/** The values one of which a label must have where a selector selects; undefined where it asks for none. */
export function valuesWanted(selector: Selector, label: string): readonly string[] | undefined {
  switch (selector.op) {
    case '==':
      return selector.label === label ? [selector.value] : undefined
    case 'in':
      return selector.label === label ? selector.values : undefined
    case '&&': {
      for (const term of selector.terms) {
        const values = valuesWanted(term, label)
        if (values !== undefined) return values
      }
      return undefined
    }
    case '||': {
      const all = selector.terms.map((term) => valuesWanted(term, label))
      return all.every((values) => values !== undefined) ? [...new Set(all.flat())] : undefined
    }
    default:
      return undefined
  }
}

/** A label of which a selector asks for certain values; undefined where there is none that will do. */
export function labelWanted(selector: Selector, willDo: (label: string) => boolean): string | undefined {
  switch (selector.op) {
    case '==':
    case 'in':
      return willDo(selector.label) ? selector.label : undefined
    case '&&':
      for (const term of selector.terms) {
        const label = labelWanted(term, willDo)
        if (label !== undefined) return label
      }
      return undefined
    default:
      return undefined
  }
}

/** Whether a selector asks for a label of some sort. */
export function mentions(selector: Selector, isMeant: (label: string) => boolean): boolean {
  switch (selector.op) {
    case 'all':
    case 'global':
      return false
    case 'not':
      return mentions(selector.inner, isMeant)
    case '&&':
    case '||':
      return selector.terms.some((term) => mentions(term, isMeant))
    default:
      return isMeant(selector.label)
  }
}
