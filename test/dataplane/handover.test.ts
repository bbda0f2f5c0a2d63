// Handing a frame on takes a microsecond of virtual time, so that what happens has an order.
import { describe, expect, it } from 'vitest'
import { arrive, packet, pair, receive, type World } from './tunnels/underlay.ts'

/** Times of all frames that enter a device, while packets cross from a to b. */
function times(count: number, seed = 1): { at: number[]; world: World } {
  const world = pair({ devices: [{ name: 'dummy0', kind: 'dummy', addresses: ['10.1.0.1/24'] }] }, {}, { seed })
  const at: number[] = []
  receive(world.b)
  world.sim.taps.push((_dev, direction) => void (direction === 'in' && at.push(world.sim.clock.now)))
  for (let i = 0; i < count; i++) arrive(world.a, 'dummy0', packet(world.sim, '10.1.0.9', '192.0.2.2'))
  world.run(1)
  return { at, world }
}

describe('the handover of a frame', () => {
  it('gives every frame received a time of its own, in order', () => {
    const { at } = times(5)
    expect(at.length).toBeGreaterThanOrEqual(6)
    for (const [i, time] of at.slice(1).entries()) expect(time).toBeGreaterThanOrEqual((at[i] ?? 0) + 1000)
  })

  it('is the same for the same seed', () => {
    expect(times(5).at).toEqual(times(5).at)
  })

  it('never carries the clock beyond what a run was asked for when nothing moves', () => {
    const { world } = times(0)
    const before = world.sim.clock.now
    world.run(2)
    expect(world.sim.clock.now).toBe(before + 2e9)
  })
})
