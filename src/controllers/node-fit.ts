import type { NodeRequirement, NodeResource, NodeTerms, PodPlacement } from '../control/index.ts'

const WHOLE = /^-?\d+$/

/** Whether a label of a node, or a field of it, is as it is asked to be. */
function meets({ operator, values = [] }: NodeRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
    case 'Lt': {
      const bound = values[0] ?? ''
      if (value === undefined || !WHOLE.test(value) || !WHOLE.test(bound)) return false
      return operator === 'Gt' ? Number(value) > Number(bound) : Number(value) < Number(bound)
    }
    default:
      return false
  }
}

/** Whether a node is one of those that terms name; a term without requirements names none. */
function isNamed({ nodeSelectorTerms }: NodeTerms, { metadata }: NodeResource): boolean {
  return nodeSelectorTerms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false
    return (
      matchExpressions.every((one) => meets(one, labelOf(metadata.labels, one.key))) &&
      matchFields.every((one) => one.key === 'metadata.name' && meets(one, metadata.name))
    )
  })
}

function labelOf(labels: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
}

/** Whether a node is one of those that a pod wants by its `nodeSelector` and required node affinity. */
export function wantsNode({ nodeSelector = {}, affinity }: PodPlacement, node: NodeResource): boolean {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return (
    Object.entries(nodeSelector).every(([key, value]) => labelOf(node.metadata.labels, key) === value) &&
    (terms === undefined || isNamed(terms, node))
  )
}

/** The node that a pod is made for, by the name its affinity asks for: pods of DaemonSets have one. */
export function nodeMadeFor({ affinity }: PodPlacement): string | undefined {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const field = terms[0]?.matchFields?.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')
  return field?.values?.length === 1 ? field.values[0] : undefined
}
