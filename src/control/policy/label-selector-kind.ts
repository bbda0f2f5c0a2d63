/** A Kubernetes label selector. */
export interface LabelSelector {
  /** Labels with their values. */
  readonly matchLabels?: Readonly<Record<string, string>>
  /** Further conditions. */
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
    readonly values?: readonly string[]
  }[]
}
