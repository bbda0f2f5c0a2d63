import * as v from 'valibot'
import { oneOf, type Shape, text, textMap } from './fields.ts'

const map = 'a map'
const list = 'a list'

/** A label selector of Kubernetes. */
export const labelSelector: Shape = v.object(
  {
    matchLabels: v.nullish(textMap),
    matchExpressions: v.nullish(
      v.array(
        v.object(
          {
            key: text,
            operator: oneOf(['In', 'NotIn', 'Exists', 'DoesNotExist']),
            values: v.nullish(v.array(text, list)),
          },
          map,
        ),
        list,
      ),
    ),
  },
  map,
)
