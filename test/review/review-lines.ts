// What a review names, a line each; a review the other way round; and files of such lines.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, expect } from 'vitest'
import type { MachineChange, ObjectChange, Op, Review } from '../../src/review/index.ts'

const SIGNS = { added: '+', removed: '-', changed: '~' } as const

/** All that differs, a line each; what goes with devices and addresses is counted. */
export function linesOf({ objects, state }: Review): string[] {
  const follows = state.filter((one) => one.follows === true).length
  return [
    ...objects.flatMap(({ op, object, fields }) => [
      `${SIGNS[op]} ${object}`,
      ...fields.map(({ path, was, now }) => `    ${path}: ${JSON.stringify(was)} → ${JSON.stringify(now)}`),
    ]),
    ...state.filter((one) => one.follows !== true).flatMap(stateLines),
    ...(follows === 0 ? [] : [`${follows} entries that go with these`]),
  ]
}

function stateLines({ op, thing, was, now, on, parts }: MachineChange): string[] {
  const text = was !== undefined && now !== undefined && was !== now ? `${was} → ${now}` : (now ?? was)
  return [
    `${SIGNS[op]} ${thing} ${text} on ${on.join(', ')}`,
    ...(parts?.removed ?? []).map((one) => `    - ${one}`),
    ...(parts?.added ?? []).map((one) => `    + ${one}`),
  ]
}

const OPPOSITE: Readonly<Record<Op, Op>> = { added: 'removed', removed: 'added', changed: 'changed' }

/** The sides of something exchanged. */
function exchanged<
  T extends {
    readonly op?: Op
    readonly was?: unknown
    readonly now?: unknown
    readonly before?: unknown
    readonly after?: unknown
  },
>(one: T): T {
  const { was, now, before, after, ...rest } = one
  return {
    ...rest,
    ...(one.op === undefined ? {} : { op: OPPOSITE[one.op] }),
    ...(now === undefined ? {} : { was: now }),
    ...(was === undefined ? {} : { now: was }),
    ...(after === undefined ? {} : { before: after }),
    ...(before === undefined ? {} : { after: before }),
  } as T
}

/** A review with its sides exchanged. */
export function mirrored(review: Review): Review {
  return {
    ...review,
    reach: review.reach.map((one) => ({ ...one, flows: one.flows.map(exchanged) })),
    ways: review.ways.map(exchanged),
    objects: review.objects.map((one): ObjectChange => ({ ...exchanged(one), fields: one.fields.map(exchanged) })),
    state: review.state.map((one): MachineChange => {
      const { parts } = one
      const other = exchanged(one)
      return parts === undefined ? other : { ...other, parts: { added: parts.removed, removed: parts.added } }
    }),
  }
}

/** A file of sections, each below its `# name`. */
export function sections(file: string): { hold(name: string, lines: readonly string[]): void } {
  const path = new URL(`../fixtures/review/${file}`, import.meta.url)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const known = new Map(
    text
      .split(/^# /m)
      .slice(1)
      .map((one) => [one.slice(0, one.indexOf('\n')), one.slice(one.indexOf('\n') + 1).trimEnd()]),
  )
  const isUpdate = process.env['PACKETWALK_GOLDEN'] === 'update'
  afterAll(() => {
    if (isUpdate) writeFileSync(path, [...known].map(([name, lines]) => `# ${name}\n${lines}\n`).join('\n'))
  })
  return {
    hold(name, lines) {
      if (isUpdate) known.set(name, lines.join('\n'))
      else expect(lines.join('\n')).toBe(known.get(name))
    },
  }
}
