import { describe, expect, it } from 'vitest'
import { Conn } from '../../../src/dataplane/netfilter/conn.ts'
import { ConnTable, saveConns } from '../../../src/dataplane/netfilter/conn-table.ts'
import { Tuple } from '../../../src/dataplane/netfilter/tuple.ts'

const SECOND = 1e9

function tuple(sport: number, isReply: boolean): Tuple {
  const made = new Tuple()
  made.protocol = 17
  made.src = isReply ? 2 : 1
  made.dst = isReply ? 1 : 2
  made.sport = isReply ? 53 : sport
  made.dport = isReply ? sport : 53
  return made
}

/** A table into which so many connections a second come, each to live for 30 s. */
function filled(perSecond: number, seconds: number): ConnTable {
  const table = new ConnTable()
  for (let i = 0; i < perSecond * seconds; i++) {
    const now = (i / perSecond) * SECOND
    const conn = new Conn(tuple(i, false), tuple(i, true))
    conn.expires = now + 30 * SECOND
    table.insert(conn, now)
  }
  return table
}

describe('a table of connections', () => {
  it.each([
    { perSecond: 10, seconds: 1_000 },
    { perSecond: 100, seconds: 100 },
    { perSecond: 1, seconds: 2_000 },
  ])('holds what lives and little more: $perSecond a second', ({ perSecond, seconds }) => {
    const table = filled(perSecond, seconds)
    const alive = table.all(seconds * SECOND).length
    expect(alive).toBeGreaterThanOrEqual(29 * perSecond)
    // Between two sweeps 10 s pass, but for tables that are small anyway.
    expect(table.size).toBeLessThanOrEqual(Math.max(65, 41 * perSecond))
    expect(saveConns(table)).toHaveLength(table.size)
  })

  it('is swept by what comes in alone: who looks finds what lives, however long nothing came', () => {
    const table = filled(10, 100)
    expect(table.all(1_000 * SECOND)).toEqual([])
    expect(table.find(tuple(999, false), 0, 1_000 * SECOND)).toBeNull()
  })
})
