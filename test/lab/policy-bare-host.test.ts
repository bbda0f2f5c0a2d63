// A pod asks another node under its own address: the packet is not encapsulated, and comes in by the card where a host endpoint stands.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'

const shop = readFileSync(new URL('../support/policy-shop.yaml', import.meta.url), 'utf8')
const MODES = ['ipipMode: Always', 'vxlanMode: Always', 'ipipMode: CrossSubnet', 'ipipMode: Never']

describe.each(MODES)('%s', (mode) => {
  const text = shop.replace('ipipMode: Always, natOutgoing: true', `${mode}, natOutgoing: false`)
  const lab = Lab.load({ name: 'shop.yaml', text })

  it.each([
    ['node/node02', 80, true],
    ['node/node02', 21, false],
    ['node/node02', 22, true],
    ['node/node02', 23, false],
    ['shop/db-0', 5432, false],
  ])('default/client to %s port %i passes: %s, by the model and by packets', (to, port, passes) => {
    const said = lab.policy({ from: 'default/client', to, port })
    expect('verdict' in said && said.verdict).toBe(passes ? 'allowed' : 'denied')
    const start = lab.snapshot()
    expect(lab.tcp('default/client', to, port).ok).toBe(passes)
    lab.restore(start)
  })
})
