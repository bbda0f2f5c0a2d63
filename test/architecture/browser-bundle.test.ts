import { beforeAll, describe, expect, it } from 'vitest'
import { browserBundles, ENTRIES } from '../../tools/bundle-size.mjs'

describe('browser bundle', () => {
  let bundles: ReadonlyMap<string, Uint8Array>
  beforeAll(async () => {
    bundles = await browserBundles(ENTRIES)
  }, 240_000)

  it.each(Object.keys(ENTRIES))('%s needs nothing of Node', (name) => {
    const code = bundles.get(name)
    expect(code?.length).toBeGreaterThan(0)
    expect(new TextDecoder().decode(code)).not.toMatch(/from\s*["']node:/)
  })

  it('would notice a Node module', async () => {
    await expect(browserBundles({ setup: 'tools/setup.mjs' })).rejects.toThrow(/node:/)
  })
})
