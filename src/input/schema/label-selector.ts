import * as v from 'valibot'
import { oneOf, type Shape, text, textMap } from './fields.ts'

const map = 'a map'
const list = 'a list'

/** What a label must be: one of some values, none of them, there or not there. */
const requirement: Shape = v.pipe(
  v.object(
    {
      key: text,
      operator: oneOf(['In', 'NotIn', 'Exists', 'DoesNotExist']),
      values: v.nullish(v.array(text, list)),
    },
    map,
  ),
  v.forward(
    v.check(({ operator, values }) => {
      const count = values?.length ?? 0
      return operator === 'In' || operator === 'NotIn' ? count > 0 : count === 0
    }, 'at least one value beside In and NotIn, and none beside Exists and DoesNotExist'),
    ['values'],
  ),
)

/** A label selector of Kubernetes. */
export const labelSelector: Shape = v.object(
  {
    matchLabels: v.nullish(textMap),
    matchExpressions: v.nullish(v.array(requirement, list)),
  },
  map,
)
