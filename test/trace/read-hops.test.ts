import { describe, expect, it } from 'vitest'
import type { DropCause, PacketEvent, Target } from '../../src/model/index.ts'
import { faultsOf } from '../../src/trace/index.ts'
import { EVERY_CASE, hopsOfEvents, logOf, PING, stampedLog } from './every-event.ts'

describe('events become hops', () => {
  it.each(EVERY_CASE)('$event.kind $hop', ({ event, hop }) => {
    const hops = hopsOfEvents(logOf([event]))
    if (hop === null) expect(hops).toEqual([])
    else {
      expect(hops[0]).toMatchObject({ time: 5, netns: 'n1', packet: 9, ...hop })
      expect(hops[0]?.reason).not.toBe('')
    }
  })

  it('and a namespace the network does not know is no reason to fail', () => {
    const events = EVERY_CASE.map((one) => one.event)
    const shown = EVERY_CASE.filter((one) => one.hop !== null)
    expect(hopsOfEvents(logOf(events, 'elsewhere', 'eth9'))).toHaveLength(shown.length)
  })
})

describe('rules of traces', () => {
  const at = (event: PacketEvent, netns: string) => ({ ...event, netns, dev: 'eth0', packet: 9, time: 5 })
  const tx = { kind: 'tx', linkType: 1, bytes: PING } as const
  const rx = { kind: 'rx', linkType: 1, bytes: PING } as const
  const drop = { kind: 'end', how: 'dropped', cause: 'no_route' } as const
  const forward = { kind: 'forward', hopLimit: 64 } as const
  const faults = (...events: ReturnType<typeof at>[]) => faultsOf(hopsOfEvents(stampedLog(events)))

  it('hold for a packet that leaves, arrives and is dropped', () => {
    expect(faults(at(tx, 'a'), at(rx, 'n1'), at(drop, 'n1'))).toEqual([])
  })

  it('are broken by a packet that goes on after its end', () => {
    expect(faults(at(drop, 'a'), at(tx, 'a'))).toEqual([{ packet: 9, text: 'tx in a after its end (drop in a)' }])
  })

  it('are broken by a packet that ends twice', () => {
    expect(faults(at(drop, 'a'), at(drop, 'a'))).toHaveLength(1)
  })

  it('are broken by a packet that appears in another namespace without arriving', () => {
    expect(faults(at(tx, 'a'), at(forward, 'n1'))).toEqual([
      { packet: 9, text: 'gets from a (tx) to n1 (forward) without tx and rx' },
    ])
  })
})

describe('what a packet that netfilter ended was ended by', () => {
  const rule = (text: string, target: Target | undefined): PacketEvent => ({
    kind: 'rule',
    hook: 'FORWARD',
    position: 1,
    mark: 0,
    hit: {
      family: 'inet',
      table: 'filter',
      chain: 'FORWARD',
      rule: { matches: [], ...(target === undefined ? {} : { target }), text: `-A FORWARD ${text}`.trim() },
    },
  })
  const policy = (word: 'ACCEPT' | 'DROP'): PacketEvent => ({
    kind: 'rule',
    hook: 'FORWARD',
    position: 0,
    mark: 0,
    hit: { family: 'inet', table: 'filter', chain: 'FORWARD', policy: word },
  })
  const dropped = (cause: DropCause): PacketEvent => ({ kind: 'end', how: 'dropped', cause })
  const said = (...events: PacketEvent[]) => hopsOfEvents(logOf(events)).at(-1)
  const ITSELF = 'netfilter dropped it by itself: no rule and no policy did'
  const REDIRECT = 'NAT passes no ICMP redirect that is about a translated connection'

  it.each([
    [
      'a rule that drops',
      [rule('-j DROP', { kind: 'DROP' })],
      'netfilter_drop',
      'a netfilter rule or policy dropped it: filter FORWARD rule 1 matches: -j DROP',
    ],
    [
      'a policy that drops',
      [policy('DROP')],
      'netfilter_drop',
      'a netfilter rule or policy dropped it: no rule of filter FORWARD decided: policy DROP',
    ],
    ['a rule that accepts: no rule', [rule('-j ACCEPT', { kind: 'ACCEPT' })], 'netfilter_drop', ITSELF],
    ['a rule that only counts: no rule', [rule('', undefined)], 'netfilter_drop', ITSELF],
    ['a policy that accepts: no policy', [policy('ACCEPT')], 'netfilter_drop', ITSELF],
    ['NAT, behind a rule that accepts', [rule('-j ACCEPT', { kind: 'ACCEPT' })], 'nat_redirect', REDIRECT],
  ] as const)('%s', (_, events, cause, reason) => {
    expect(said(...events, dropped(cause))).toMatchObject({ kind: 'drop', reason })
  })
})
