// A real browser before the built page, as it is served: what the tests of the page share.
import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { preview } from 'vite'

const root = fileURLToPath(new URL('../../../', import.meta.url))
/** Where pictures of the page are kept. */
export const PICTURES = `${root}.packetwalk/playground/`
/** Debian's Chromium, or another that somebody names. */
const CHROMIUM =
  process.env['CHROMIUM'] ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

/** The built page, served, and a browser. */
export interface Stage {
  /** Address of the page. */
  readonly url: string
  /** The browser. */
  readonly browser: Browser
  /** Opens a page. Every fault it prints, and every request to another host, is in `faults`. */
  readonly open: (
    options?: BrowserContextOptions & { readonly path?: string; readonly waits?: boolean },
  ) => Promise<Page>
  /** What went wrong in pages that the test did not ask for. */
  readonly faults: string[]
  /** Ends both. */
  readonly close: () => Promise<void>
}

/** Serves and opens. */
export async function stage(): Promise<Stage> {
  mkdirSync(PICTURES, { recursive: true })
  const server = await preview({
    configFile: `${root}site/playground/vite.config.ts`,
    preview: { port: 0, host: '127.0.0.1' },
  })
  const url = server.resolvedUrls?.local[0] ?? ''
  const browser = await chromium.launch({
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    args: ['--no-sandbox'],
  })
  const faults: string[] = []
  const open: Stage['open'] = async ({ path = '', waits = true, ...options } = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options })
    const page = await context.newPage()
    page.on('pageerror', ({ message }) => faults.push(message))
    page.on('console', (line) => line.type() === 'error' && faults.push(line.text()))
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url())) faults.push(`asked ${request.url()}`)
    })
    await page.goto(url + path)
    if (waits) await engineAnswers(page)
    return page
  }
  return {
    url,
    browser,
    open,
    faults,
    close: async () => {
      await browser.close()
      await server.close()
    },
  }
}

/** Waits until what is seen is what the engine says of the session as it is now. */
export async function engineAnswers(page: Page): Promise<void> {
  await page.locator('.busy[data-by=engine][data-current=true]').waitFor({ state: 'attached' })
}

/** The verdict. */
export async function verdict(page: Page): Promise<string> {
  return (await page.locator('.verdict').innerText()).trim()
}
