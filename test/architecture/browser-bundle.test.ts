import { describe, expect, it } from 'vitest'
import { browserBundle, ENTRIES } from '../../tools/bundle-size.mjs'

describe('browser bundle', () => {
  it.each(Object.entries(ENTRIES))('%s needs nothing of Node', async (_name, entry) => {
    const code = await browserBundle(entry)
    expect(code.length).toBeGreaterThan(0)
    expect(new TextDecoder().decode(code)).not.toMatch(/from\s*["']node:/)
  })

  it('would notice a Node module', async () => {
    await expect(browserBundle('tools/setup.mjs')).rejects.toThrow(/node:/)
  })
})
