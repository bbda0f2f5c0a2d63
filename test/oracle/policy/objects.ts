// Objects as a user writes them, read loosely: what a policy oracle needs, and no more.

/** A label selector of Kubernetes. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

/** An object of any kind; `spec` is whatever its kind says. */
export interface RawObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  // biome-ignore lint/suspicious/noExplicitAny: objects of twenty kinds, as users write them
  readonly spec?: any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly status?: any
  // biome-ignore lint/suspicious/noExplicitAny: EndpointSlice has its fields at the top
  readonly [field: string]: any
}

/** One packet, and what is known of it. */
export interface RawProbe {
  readonly from: string
  readonly to: string
  readonly protocol: string | number
  readonly port?: number
  readonly sourcePort?: number
  readonly icmpType?: number
  readonly icmpCode?: number
  readonly via?: { readonly to: string; readonly port: number }
  readonly state?: 'new' | 'established' | 'invalid'
}

export type Labels = Readonly<Record<string, string>>

/** Whether labels satisfy a selector of Kubernetes; an absent one is satisfied by all. */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
  return (
    equal &&
    (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key in labels
      if (operator === 'DoesNotExist') return !(key in labels)
      const isOne = key in labels && values.includes(labels[key]!)
      return operator === 'In' ? isOne : !isOne
    })
  )
}
