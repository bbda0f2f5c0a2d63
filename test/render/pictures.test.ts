// Pictures say where a packet ends and how, and draw no way where there is none.
import { describe, expect, it } from 'vitest'
import { renderMermaid, renderSvg } from '../../src/render/index.ts'
import type { PathEvent } from '../../src/render/path-events.ts'
import { isStill } from '../../src/render/svg-layout.ts'
import { SHOP, shop } from './shop.ts'

const [WEB, DB] = ['shop/web-0', 'shop/db-0']
const picture = (...commands: string[]): string => renderMermaid(shop(SHOP, commands).ping(WEB, DB).trace)

describe('the end of a packet', () => {
  it('that arrives is taken in', () => {
    expect(picture()).toContain('taken in')
    expect(picture()).not.toContain('✗')
  })
  it('that is dropped is crossed out, with the reason', () => {
    const dropped = picture('w2: sysctl -w net.ipv4.ip_forward=0')
    expect(dropped).toMatch(/✗ dropped: .*forward/i)
    expect(renderSvg(shop(SHOP, ['w2: sysctl -w net.ipv4.ip_forward=0']).ping(WEB, DB).trace)).toContain('dropped: ')
  })
})

describe('a packet stays on the line of its interface', () => {
  const event = (kind: string, from: string, to: string): PathEvent =>
    ({ kind, from: { netns: 'n', dev: from }, to: { netns: 'n', dev: to } }) as unknown as PathEvent
  it.each([
    ['made there', 'inside', '', 'eth0', true],
    ['back the way it came', 'inside', 'eth0', 'eth0', true],
    ['through the machine', 'inside', 'eth0', 'eth1', false],
    ['over a wire', 'wire', '', 'eth0', false],
    ['over a wire to a device of the same name', 'wire', 'eth0', 'eth0', false],
  ])('%s', (_what, kind, from, to, still) => expect(isStill(event(kind, from, to))).toBe(still))
})
