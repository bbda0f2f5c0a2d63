// Steps as a page: it stands by itself, says what the data says, and is driven by buttons, keys, the address and the mouse.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lab } from '../../../src/index.ts'
import { parseTrace, traceToJson } from '../../../src/trace/index.ts'
import { renderSteps, stepsOf } from '../../../src/views/index.ts'

const name = 'examples/demo/vxlan.yaml'
const text = readFileSync(name, 'utf8')
const lab = Lab.load({ name, text })
const pods = (lab.cluster?.workloadEndpoints ?? []).filter(({ namespace }) => namespace === 'default')
const [from = '', to = ''] = [pods[0]?.netns, pods.find(({ node }) => node !== pods[0]?.node)?.netns]
const { trace } = lab.ping(from, to, { count: 1 })
const options = { network: lab.network, sources: [{ name, text }] }
const { steps } = stepsOf(trace, options)
const page = renderSteps(trace, options)

const attribute = (html: string, of: string): string[] =>
  [...html.matchAll(new RegExp(` ${of}="([^"]*)"`, 'g'))].map(([, value = '']) => value)

describe('steps as a page', () => {
  it('need nothing else: no file, no address, and at most 30 KB of their own', () => {
    expect(page).not.toMatch(/ src=|@import|url\(|https?:/)
    const own = [...page.matchAll(/<(style|script)>(.*?)<\/\1>/gs)].map(([whole]) => whole.length)
    expect(own).toHaveLength(2)
    expect(own[0]! + own[1]!).toBeLessThan(30_000)
  })

  it('have an article a step, and a link to each', () => {
    const ids = attribute(page, 'id')
    expect(new Set(ids).size).toBe(ids.length)
    expect(attribute(page, 'href')).toEqual(steps.map(({ label }) => `#step-${label}`))
    expect(ids).toEqual(expect.arrayContaining(steps.map(({ label }) => `step-${label}`)))
  })

  it('number the way from 1, and what stands aside behind it', () => {
    const main = steps.filter((step) => !step.aside)
    expect(main.map(({ label }) => label)).toEqual(main.map((_, i) => String(i + 1)))
    expect(steps[0]?.label).toBe('0.1')
    expect(new Set(steps.map(({ label }) => label)).size).toBe(steps.length)
  })

  it('print every byte of a frame once, in order', () => {
    const frames = steps.flatMap(({ frame }) => (frame === undefined ? [] : [frame.bytes]))
    const printed = [...page.matchAll(/<div class="x">(.*?)<\/div>/g)].map(([, html = '']) =>
      html.replaceAll(/<[^>]*>| /g, ''),
    )
    expect(printed).toEqual(frames)
  })

  it('show the line of YAML', () => {
    expect(page).toMatch(/<pre class="yaml"><span>\d+<\/span> {5}vxlanMode: Always<\/pre>/)
  })

  it('escape whatever a name holds', () => {
    const evil = `x"'><img src=x onerror=alert(1)>`
    const told = JSON.stringify(evil).slice(1, -1)
    const foul = parseTrace(traceToJson(trace).replaceAll('node01', told).replaceAll('default via', told))
    const html = renderSteps({ ...foul, title: evil, summary: evil })
    expect(html).toContain('&lt;img')
    expect(html).not.toContain('<img')
    expect(html.match(/<script>/g)).toHaveLength(1)
  })

  it('are a piece of HTML with ids of its own where that is asked', () => {
    const piece = renderSteps(trace, { page: false, id: 'a' })
    expect(piece).toMatch(/^<section [^>]*id="a-view"/)
    expect(attribute(piece, 'href')[0]).toBe('#a-0.1')
    expect(() => renderSteps(trace, { id: '"' })).toThrow('options.id')
    expect(() => renderSteps(trace, { theme: 'sepia' as never })).toThrow('options.theme')
    expect(() => renderSteps(trace, { page: 1 as never })).toThrow('options.page')
  })
})

/** Debian's Chromium; where there is none the page is not driven. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

describe.runIf(existsSync(CHROMIUM))('steps in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steps-'))
  const file = join(folder, 'page.html')
  writeFileSync(file, page)
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  async function opened(hash: string, how: { width?: number; colorScheme?: 'light' | 'dark' } = {}): Promise<Page> {
    const { width = 1280, colorScheme = 'light' } = how
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme })
    const opening = await context.newPage()
    await opening.goto(`${pathToFileURL(file).href}${hash}`)
    return opening
  }
  const shown = (at: Page): Promise<string[]> =>
    at.$$eval('article', (all) => all.filter((one) => one.offsetHeight > 0).map(({ id }) => id))
  const selected = (at: Page): Promise<string[]> =>
    at.$$eval('article.on .sel', (all) => all.map(({ textContent }) => textContent ?? ''))

  it('go by buttons, arrow keys and the address, one at a time', async () => {
    const at = await opened('')
    expect(await shown(at)).toEqual(['step-1'])
    await at.keyboard.press('ArrowRight')
    await at.click('.next')
    expect([await shown(at), new URL(at.url()).hash]).toEqual([['step-3'], '#step-3'])
    await at.keyboard.press('ArrowLeft')
    expect(await shown(at)).toEqual(['step-2'])
    await at.evaluate('location.hash = "#step-4"')
    await at.waitForSelector('#step-4.on')
    expect(await shown(await opened('#step-0.1'))).toEqual(['step-0.1'])
  })

  it('select a field with its bytes, by mouse and keys, and bytes with their field', async () => {
    const at = await opened('#step-1')
    await at.click('article.on [role=option]:has-text("TTL")')
    expect(await selected(at)).toEqual([expect.stringMatching(/^TTL64byte 22$/), '40'])
    await at.keyboard.press('ArrowDown')
    expect(await selected(at)).toEqual([expect.stringMatching(/^protocol1 /), '01'])
    await at.click('article.on .x i[data-a="26"]')
    expect((await selected(at))[0]).toMatch(/^source\d+\./)
    await at.focus('article.on .hex')
    await at.keyboard.press('ArrowDown')
    expect((await selected(at))[0]).toMatch(/^destination\d+\./)
  })

  it('fit 360 px, and axe finds nothing, in light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const at = await opened('#step-4', { width: 360, colorScheme })
      expect(await at.evaluate('document.documentElement.scrollWidth')).toBe(360)
      // Steps that are not shown are not looked at, and their number costs all the time.
      await at.evaluate('document.querySelectorAll("article:not(.on)").forEach((one) => one.remove())')
      await at.addScriptTag({ path: 'node_modules/axe-core/axe.min.js' })
      const found = await at.evaluate(
        "axe.run({ runOnly: ['wcag2a', 'wcag2aa'] }).then(({ violations }) => violations.map(({ id }) => id))",
      )
      expect(found).toEqual([])
    }
  })
})
