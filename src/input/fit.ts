import type * as v from 'valibot'
import type { Shape } from './schema/fields.ts'

/** What a value is that does not fit, or of which a fit cannot tell. */
export const MISS: unique symbol = Symbol('miss')

/** What is kept of a value that fits a shape; {@link MISS} of any other. */
export type Fit = (value: unknown) => unknown

/** A shape of valibot, as far as it is looked into. */
interface Node {
  readonly type: string
  readonly pipe?: unknown
  readonly entries?: Readonly<Record<string, Node>>
  readonly wrapped?: Node
  readonly item?: Node
  readonly key?: Node
  readonly value?: Node
  readonly default?: unknown
  readonly fallback?: unknown
  readonly '~run': v.GenericSchema['~run']
}

const CONFIG = { abortPipeEarly: true } as const
const MAY_BE_ABSENT: ReadonlySet<string> = new Set(['optional', 'nullish', 'exact_optional'])
const fits = new WeakMap<object, Fit>()

/**
 * The way to hold values against a shape that says nothing but whether they fit: most objects of most clusters do, and valibot makes
 * an object for each field it looks at. Of what does not fit valibot says why; a shape that is none of the plain ones here is
 * left to it, too.
 */
export function fitOf(shape: Shape): Fit {
  return fitOfNode(shape as unknown as Node)
}

function fitOfNode(node: Node): Fit {
  const known = fits.get(node)
  if (known !== undefined) return known
  const made = node.pipe === undefined && node.fallback === undefined ? plainFit(node) : asked(node)
  fits.set(node, made)
  return made
}

function plainFit(node: Node): Fit {
  switch (node.type) {
    case 'string':
      return (value) => (typeof value === 'string' ? value : MISS)
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : MISS)
    case 'optional':
    case 'nullish':
      return node.wrapped === undefined || node.default !== undefined ? asked(node) : optional(node, node.wrapped)
    case 'array':
      return node.item === undefined ? asked(node) : list(fitOfNode(node.item))
    case 'record':
      return node.key?.type !== 'string' || node.key.pipe !== undefined || node.value === undefined
        ? asked(node)
        : record(fitOfNode(node.value))
    case 'object':
      return object(node)
    default:
      return asked(node)
  }
}

/** Valibot's own answer. */
function asked(node: Node): Fit {
  return (value) => {
    const { issues, value: output } = node['~run']({ value }, CONFIG)
    return issues === undefined ? output : MISS
  }
}

function optional({ type }: Node, wrapped: Node): Fit {
  const inner = fitOfNode(wrapped)
  const takesNull = type === 'nullish'
  return (value) => (value === undefined || (takesNull && value === null) ? value : inner(value))
}

function list(item: Fit): Fit {
  return (value) => {
    if (!Array.isArray(value)) return MISS
    const kept: unknown[] = []
    for (let i = 0; i < value.length; i++) {
      const inner = item(value[i])
      if (inner === MISS) return MISS
      kept.push(inner)
    }
    return kept
  }
}

/** Keys that valibot passes over in maps of anything. */
const ODD_KEYS: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor'])

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function record(of: Fit): Fit {
  return (value) => {
    if (!isMap(value)) return MISS
    const kept: Record<string, unknown> = {}
    for (const key in value) {
      if (!Object.hasOwn(value, key) || ODD_KEYS.has(key)) continue
      const inner = of(value[key])
      if (inner === MISS) return MISS
      kept[key] = inner
    }
    return kept
  }
}

function object(node: Node): Fit {
  const entries = Object.entries(node.entries ?? {})
  if (entries.some(([, { default: usual, fallback }]) => usual !== undefined || fallback !== undefined)) {
    return asked(node)
  }
  const fields = entries.map(([key, inner]) => ({
    key,
    fitting: fitOfNode(inner),
    isNeeded: !MAY_BE_ABSENT.has(inner.type),
  }))
  return (value) => {
    // Valibot takes a list for a map without fields: what is wrong with it is said elsewhere.
    if (!isMap(value)) return MISS
    const kept: Record<string, unknown> = {}
    for (let i = 0; i < fields.length; i++) {
      const { key, fitting, isNeeded } = fields[i]!
      if (key in value) {
        const inner = fitting(value[key])
        if (inner === MISS) return MISS
        kept[key] = inner
      } else if (isNeeded) return MISS
    }
    return kept
  }
}
