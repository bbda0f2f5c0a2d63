// Opens pages of the site in Chromium as a phone and a desk see them: nothing is wider than the screen, no script fails, no other host is
// asked, search finds, links of the frame lead on. Screenshots are kept in .packetwalk/site-seen/.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../setup.mjs'
import { serve } from './serve.mjs'

const CHROMIUM = '/usr/bin/chromium'
/** Pages with what each must have drawn before it counts as there. */
const PAGES = {
  index: '.drawing img:visible',
  guide: 'table',
  gallery: '.drawing img:visible',
  recipes: 'pre',
  architecture: '.diagram svg',
  'api/index': 'table',
  'api/wire': 'table',
  'course/index': 'a',
}
const DARK = ['index', 'gallery', 'architecture']

/** A page that notes what goes wrong in it. */
async function opened(browser, { origin, width = 1280, dark = false }, faults) {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: dark ? 'dark' : 'light' })
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`))
  page.on('console', (message) => message.type() === 'error' && faults.push(`${page.url()}: ${message.text()}`))
  page.on('response', (answer) => answer.ok() || faults.push(`${page.url()}: ${answer.status()} of ${answer.url()}`))
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(origin) && !/^(?:data|blob):/.test(url)) faults.push(`${page.url()}: asks ${url}`)
  })
  return page
}

/** The first notebook. */
const notebookOf = (dist) =>
  readdirSync(join(dist, 'course'))
    .filter((name) => /^(?!index).*\.html$/.test(name))
    .sort()[0]
    .replace('.html', '')

/** Addresses of the pictures of traces that can be seen; a page begins with the first, others come as one scrolls. */
function shownDrawings(page) {
  return page.evaluate(async () => {
    const shown = [...document.querySelectorAll('.drawing img')].filter((one) => one.checkVisibility())
    await shown[0]?.decode()
    return shown.map((one) => one.currentSrc).filter((address) => address !== '')
  })
}

async function lookAt(browser, { site, dist, seen }, faults) {
  const pages = { ...PAGES, [`course/${notebookOf(dist)}`]: 'pre' }
  const all = Object.keys(pages)
  const views = [
    { width: 360, names: all },
    { width: 1280, names: all },
    { width: 1280, names: DARK, dark: true },
  ]
  for (const { width, names, dark = false } of views) {
    const page = await opened(browser, { ...site, width, dark }, faults)
    for (const name of names) {
      await page.goto(`${site.origin}${site.path}${name}.html`)
      await page.locator(`.vp-doc ${pages[name]}`).first().waitFor()
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      const drawn = await shownDrawings(page)
      const meant = new RegExp(`[a-z]${width < 640 ? '-narrow' : ''}-${dark ? 'dark' : 'light'}\\.svg$`)
      const others = drawn.filter((one) => !meant.test(one) || (width >= 640 && one.includes('-narrow')))
      for (const one of others) faults.push(`${name}: shows ${one} on a ${dark ? 'dark' : 'light'} screen of ${width}`)
      if (wide > 0) faults.push(`${name}: ${wide} pixels wider than a screen of ${width}`)
      await page.screenshot({ path: join(seen, `${name.replace('/', '-')}-${width}${dark ? '-dark' : ''}.png`) })
    }
    await page.close()
  }
}

/** A way through the site as a reader goes: search, a result, the frame's links on a page of another depth. */
async function goThrough(browser, site, faults) {
  const page = await opened(browser, site, faults)
  await page.goto(`${site.origin}${site.path}api/encap.html`)
  await page.waitForFunction(() => document.querySelector('#app').__vue_app__ !== undefined)
  await page.locator('#local-search button').click()
  await page.locator('#localsearch-input').waitFor()
  await page.keyboard.type('natOutgoing')
  await page.locator('.VPLocalSearchBox .result').first().waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => !url.pathname.includes('/api/'))
  await page.locator('.VPNavBarMenuLink', { hasText: 'Guide' }).click()
  await page.waitForURL(`**${site.path}guide.html`)
  await page.locator('.VPSidebarItem a', { hasText: 'Felix' }).click()
  await page.waitForURL(`**${site.path}felix.html`)
  await page.close()
}

/** Without a server: pages are read, with their style and pictures. Scripts of a page do not run from files in any browser. */
async function fromFolder(browser, dist, faults) {
  const page = await browser.newPage()
  await page.goto(pathToFileURL(join(dist, 'api/index.html')).href)
  await page.locator('.VPNavBarMenuLink', { hasText: 'Guide' }).click()
  await page.waitForURL(pathToFileURL(join(dist, 'guide.html')).href)
  const styled = await page.evaluate(() => getComputedStyle(document.querySelector('.VPNav')).position)
  if (styled === 'static') faults.push('from a folder: the page has no style')
  await page.close()
}

/** What is wrong with the built site in a browser; undefined where there is no browser. */
export async function looked(dist) {
  if (!existsSync(CHROMIUM)) return undefined
  const { chromium } = await import('playwright-core')
  const seen = join(root, '.packetwalk/site-seen')
  rmSync(seen, { recursive: true, force: true })
  mkdirSync(seen, { recursive: true })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  const site = await serve(dist)
  const faults = []
  try {
    await lookAt(browser, { site, dist, seen }, faults)
    await goThrough(browser, site, faults)
    await fromFolder(browser, dist, faults)
  } finally {
    await browser.close()
    site.close()
  }
  return faults
}
