// Whatever stands in whichever field of whichever kind: an answer, never an exception.
import { describe, expect, it } from 'vitest'
import { createRefusalsOf, defaulted, notHonoured, refusalsOf } from '../../../src/control/index.ts'
import { KINDS } from '../../../src/control/validation/kinds.ts'
import type { Shape } from '../../../src/control/validation/shape.ts'

type Path = readonly string[]
const JUNK = [0, -1, 1.5, '', 'x', [], {}, [[]], [{}], { a: [] }, true, 1e20, '1:2:3', '::/0', 'global()', ['x', 'x']]

/** Paths to all fields of a shape; lists are gone into by their first element. */
function pathsOf(shape: Shape, path: Path = []): Path[] {
  if (shape.is === 'list') return [path, ...pathsOf(shape.of, [...path, '0'])]
  if (shape.is !== 'map') return [path]
  return [path, ...Object.entries(shape.fields).flatMap(([name, field]) => pathsOf(field, [...path, name]))]
}

function holding(path: Path, value: unknown): unknown {
  const [first, ...rest] = path
  if (first === undefined) return value
  return first === '0' ? [holding(rest, value)] : { [first]: holding(rest, value) }
}

describe('junk', () => {
  it.each(Object.keys(KINDS))('in %s', (kind) => {
    const paths = pathsOf(KINDS[kind]!).slice(1)
    for (const path of paths) {
      for (const junk of JUNK) {
        const members = holding(path, junk) as object
        const object = { apiVersion: 'projectcalico.org/v3', kind, metadata: { name: 'a' }, ...members }
        expect(refusalsOf(object)).toBeDefined()
        createRefusalsOf(object)
        notHonoured(object)
        expect(defaulted(object)).toMatchObject({ kind })
      }
    }
    expect(paths.length).toBeGreaterThan(5)
  })
})
