// Each of forty edits changes exactly what test/fixtures/review/edits.txt names, in objects and on machines; and the other way round
// it is the same the other way round. PACKETWALK_GOLDEN=update writes the file.
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { type Review, reviewOf } from '../../src/review/index.ts'
import { EDITS, edited, TOWN } from './edits.ts'
import { linesOf, mirrored, sections } from './review-lines.ts'

const town = Lab.load(TOWN)
/** What packets meet is asked in reach.test.ts. */
const STATE = { reach: false } as const
const named = sections('edits.txt')

describe('a cluster', () => {
  it('does not differ from itself', () => {
    expect(reviewOf(town, Lab.load(TOWN))).toMatchObject({ objects: [], state: [], reach: [], ways: [], notes: [] })
  })
})

describe('an edit', () => {
  it('is one of forty', () => {
    expect(EDITS).toHaveLength(40)
    expect(new Set(EDITS.map(([name]) => name)).size).toBe(40)
  })

  it.each(EDITS.map((edit) => [edit[0], edit] as const))('%s: exactly what is named, and mirrored', (name, edit) => {
    const other = Lab.load(edited(edit))
    const review: Review = reviewOf(town, other, STATE)
    named.hold(name, linesOf(review))
    expect(review.objects).toHaveLength(1)
    expect(review.state.every(({ causes }) => causes.length === 1 && causes[0] === review.objects[0]!.object)).toBe(
      true,
    )
    expect(mirrored(reviewOf(other, town, STATE))).toEqual(review)
  })
})
