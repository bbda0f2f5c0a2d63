// The table of notes: what a reader may rely on, whichever note it is.
import { describe, expect, it } from 'vitest'
import { NOTE_TOPICS, NOTES } from '../../src/model/index.ts'

describe('every sort of note', () => {
  it.each(Object.entries(NOTES))('%s', (code, { topic, effect, turns, decides }) => {
    expect(code).toMatch(/^[a-z0-9]+(_[a-z0-9]+)*$/)
    expect(NOTE_TOPICS).toContain(topic)
    expect(['undecided', 'assumed', 'harmless']).toContain(effect)
    expect(['any', 'success', 'failure']).toContain(turns)
    expect(decides).not.toBe('')
  })

  it('has a topic that others share, and no topic is without', () => {
    expect([...new Set(Object.values(NOTES).map(({ topic }) => topic))].sort()).toEqual([...NOTE_TOPICS].sort())
  })
})
