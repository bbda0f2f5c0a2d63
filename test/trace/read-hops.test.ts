import { describe, expect, it } from 'vitest'
import { RECORD } from '../../src/model/index.ts'
import { faultsOf } from '../../src/trace/index.ts'
import { hopsOfRecords, ROWS, type Row } from './every-record.ts'

describe('records become hops', () => {
  it.each(ROWS)('$kind', (row) => {
    const [hop] = hopsOfRecords([{ kind: RECORD[row.kind], netns: 'n1', dev: 'cali1', row }])
    expect(hop).toMatchObject({ time: 5, netns: 'n1', packet: 9, ...row.hop })
    expect(hop?.reason).not.toBe('')
  })

  it('of every kind there is', () => {
    expect(ROWS.map((row) => row.kind).sort()).toEqual(Object.keys(RECORD).sort())
  })

  it('and a namespace the network does not know is no reason to fail', () => {
    const rows = ROWS.map((row) => ({ kind: RECORD[row.kind], netns: 'elsewhere', dev: 'eth9', row }))
    expect(hopsOfRecords(rows)).toHaveLength(ROWS.length)
  })
})

describe('rules of traces', () => {
  const at = (kind: 'frameTx' | 'frameRx' | 'drop' | 'forward', netns: string) => {
    const row: Row = { kind, ref: 'no_route', hop: {} }
    return { kind: RECORD[kind], netns, dev: 'eth0', row }
  }

  it('hold for a packet that leaves, arrives and is dropped', () => {
    expect(faultsOf(hopsOfRecords([at('frameTx', 'a'), at('frameRx', 'n1'), at('drop', 'n1')]))).toEqual([])
  })

  it('are broken by a packet that goes on after its end', () => {
    const faults = faultsOf(hopsOfRecords([at('drop', 'a'), at('frameTx', 'a')]))
    expect(faults).toEqual([{ packet: 9, text: 'tx in a after its end (drop in a)' }])
  })

  it('are broken by a packet that ends twice', () => {
    expect(faultsOf(hopsOfRecords([at('drop', 'a'), at('drop', 'a')]))).toHaveLength(1)
  })

  it('are broken by a packet that appears in another namespace without arriving', () => {
    const faults = faultsOf(hopsOfRecords([at('frameTx', 'a'), at('forward', 'n1')]))
    expect(faults).toEqual([{ packet: 9, text: 'gets from a (tx) to n1 (forward) without tx and rx' }])
  })
})
