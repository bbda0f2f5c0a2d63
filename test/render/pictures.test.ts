// Pictures say where a packet ends and how, and draw no way where there is none.
import { describe, expect, it } from 'vitest'
import { renderMermaid, renderSvg } from '../../src/render/index.ts'
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
    expect(renderSvg(shop(SHOP, ['w2: sysctl -w net.ipv4.ip_forward=0']).ping(WEB, DB).trace)).toContain('DROPPED at')
  })
})
