// Every place a shape has, and values to be tried there: of each type, about each bound, of each word.

/** A shape of valibot, as far as it is walked. */
interface Walked {
  readonly type: string
  readonly entries?: Readonly<Record<string, Walked>>
  readonly wrapped?: Walked
  readonly item?: Walked
  readonly value?: Walked
  readonly options?: readonly unknown[]
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[]
}

/** A step: the name of a field, or into a list. */
type Step = string | number

/** A place in an object, and what is tried there besides {@link ANYTHING}. */
export interface TriedPlace {
  readonly path: readonly Step[]
  readonly values: readonly unknown[]
}

/** One of each type, and texts that other fields take. */
export const ANYTHING: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    1,
    -1,
    1.5,
    4,
    70000,
    2 ** 32,
    '',
    'a',
    'A_b',
    'a.b',
    '80',
    '80:90',
    '90-80',
    'http',
    'all()',
    '(',
  ],
  ...[
    '10.0.0.1',
    '10.0.0.0/8',
    '10.0.0.1/8',
    '10.0.0.0/33',
    '10.0.0',
    'fd00::1',
    'fd00::/8',
    'fd00:::1',
    '02:42:ac:11:00:28',
  ],
  ...['2020-10-13T00:24:20Z', '2020-10-13', 'v3.29.1', 'latest', 'TCP', 'tcp', '64512', '1.10', 'x'.repeat(300)],
  ...[[], [null], ['a'], [1], ['10.0.0.0/8'], [{}], {}, { a: 'b' }, { a: 1 }, { name: 'a', nothing: 1 }],
]

/** What stands about the bounds of a number, and each word of a list, also as people write it. */
function ownValues({ options = [], pipe = [] }: Walked): unknown[] {
  const bounds = pipe.flatMap(({ type, requirement }) =>
    (type === 'min_value' || type === 'max_value') && typeof requirement === 'number'
      ? [requirement - 1, requirement, requirement + 1]
      : [],
  )
  const words = options
    .filter((one) => typeof one === 'string')
    .flatMap((word) => [word, word.toLowerCase(), `${word}s`])
  return [...bounds, ...words]
}

/** All places of a shape, the outer ones first. */
export function placesOf(shape: unknown, path: readonly Step[] = []): TriedPlace[] {
  const walked = shape as Walked
  switch (walked.type) {
    case 'optional':
    case 'nullish':
    case 'nullable':
      return placesOf(walked.wrapped, path)
    case 'union': {
      const inner = (walked.options ?? []).flatMap((one) => placesOf(one, path))
      return [{ path, values: inner.flatMap(({ values }) => values) }]
    }
    case 'array':
      return [{ path, values: [] }, ...placesOf(walked.item, [...path, 0])]
    case 'record':
      return [{ path, values: [] }, ...placesOf(walked.value, [...path, 'key'])]
    case 'object':
    case 'strict_object':
    case 'loose_object':
      return [
        { path, values: [] },
        ...Object.entries(walked.entries ?? {}).flatMap(([name, one]) => placesOf(one, [...path, name])),
        { path: [...path, 'nothing'], values: [] },
      ]
    default:
      return [{ path, values: ownValues(walked) }]
  }
}

/** An object in which a value stands at a place. */
export function withValue(path: readonly Step[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }), value)
}
