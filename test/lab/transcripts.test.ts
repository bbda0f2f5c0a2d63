// Sessions as people type them: every file of transcripts/ is one. Its head says of which cluster; its commands run, and what they
// print has to be what stands there. `<any>` stands for what a machine makes up; how many blanks there are does not count.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { firstDifference, openSession, readSession } from '../support/transcripts.ts'

const FOLDER = new URL('transcripts/', import.meta.url).pathname
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))

describe('sessions', () => {
  it.each(FILES)('%s', (name) => {
    const session = readSession(readFileSync(join(FOLDER, name), 'utf8'))
    expect(session.title).not.toBe('')
    expect(firstDifference(session.text, openSession(FOLDER, session))).toBe('')
  })

  it.each([
    ['time=<any> ms', 'time=0.1 ms', ''],
    ['a  b', 'a b', ''],
    ['ttl=62 time=<any> ms', 'ttl=63 time=0.1 ms', 'line 1: expected "ttl=62 time=<any> ms", got "ttl=63 time=0.1 ms"'],
    ['a', 'a\nb', 'line 2: expected "", got "b"'],
    ['a\nb', 'a', 'line 2: expected "b", got ""'],
  ])('a line that differs is noticed: %j %j', (expected, actual, difference) => {
    expect(firstDifference(expected, actual)).toBe(difference)
  })
})
