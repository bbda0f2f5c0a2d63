import type { LabelSelector } from './policy/label-selector-kind.ts'

type Labels = Readonly<Record<string, string>>
type Requirement = NonNullable<LabelSelector['matchExpressions']>[number]

/** Whether a Kubernetes label selector selects an object with these labels; an empty one selects all. */
export function selectsLabels(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labelOf(labels, key) === value) &&
    (selector.matchExpressions ?? []).every((one) => meets(one, labels))
  )
}

function meets({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labelOf(labels, key)
  const isListed = value !== undefined && (values ?? []).includes(value)
  switch (operator) {
    case 'In':
      return isListed
    case 'NotIn':
      return !isListed
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
  }
}

function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}
