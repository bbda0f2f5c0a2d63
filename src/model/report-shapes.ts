import { CONFIDENCES } from './confidence.ts'
import type { Shape } from './shape.ts'
import { INTEGER, list, object, TEXT, TRUE, word } from './shape-words.ts'

/** What makes facts. */
export const COMPONENT_SHAPE: Shape = word(
  'kernel',
  'cni',
  'felix',
  'bird',
  'ipam',
  'kube-proxy',
  'underlay',
  'dump',
  'user',
  'docker',
)

/** Where a fact comes from. */
export const ORIGIN_SHAPE: Shape = object({
  component: COMPONENT_SHAPE,
  'object?': TEXT,
  'field?': TEXT,
  'value?': TEXT,
  'file?': TEXT,
  'line?': INTEGER,
  'note?': TEXT,
  'assumed?': TRUE,
})

/** What an answer rests on. */
export const CONFIDENCE_SHAPE: Shape = object({ kind: word(...CONFIDENCES), of: list(TEXT) })

/** Where in a file something stands. */
export const PLACE_SHAPE: Shape = object({ file: TEXT, line: INTEGER, column: INTEGER })
