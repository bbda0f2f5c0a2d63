// The playground, as a visitor uses it: in a real Chromium, from the files that are published.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AxeResults } from 'axe-core'
import { gzipSync } from 'fflate'
import { encodeSession, NO_SESSION, parseSession } from 'packetwalk/session'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engineAnswers, PICTURES, type Stage, stage, verdict } from './browser.ts'

let on: Stage
beforeAll(async () => {
  on = await stage()
})
afterAll(async () => {
  await on.close()
})

const AXE = readFileSync(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

/** What axe finds that would keep somebody out. */
async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
}

const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true })

/** Types into a line, and asks again; `isTold`: of what is wrong there no run comes. */
async function replaceInEditor(page: Page, find: string, by: string, isTold = false): Promise<void> {
  const line = page.locator('.cm-line', { hasText: find }).first()
  await line.click()
  const text = (await line.textContent()) ?? ''
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+End')
  await page.keyboard.insertText(text.replace(find, by))
  await page.keyboard.press('Control+Enter')
  if (!isTold) await engineAnswers(page)
}

/** A tar archive. */
function tarOf(files: Readonly<Record<string, string>>): Uint8Array {
  const parts = Object.entries(files).flatMap(([name, text]) => {
    const body = Buffer.from(text)
    const head = Buffer.alloc(512)
    head.write(name)
    head.write('0000644\0', 100)
    head.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124)
    head.write('        0', 148)
    head.write('ustar\x0000', 257)
    const sum = head.reduce((all, byte) => all + byte, 0)
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return [head, body, Buffer.alloc((512 - (body.length % 512)) % 512)]
  })
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}

/** Folders of two machines as they came from the field (test/fixtures/field/collector-folders). */
function realDump(): Uint8Array {
  const folder = fileURLToPath(new URL('../../../test/fixtures/field/collector-folders/dump/', import.meta.url))
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.txt'))
  return tarOf(Object.fromEntries(names.map((name) => [name, readFileSync(`${folder}${name}`, 'utf8')])))
}

describe('a visitor', () => {
  it('sees a run at once, and the engine gives the same bytes as the build did', async () => {
    const page = await on.open({ waits: false, path: '#view=text' })
    const text = page.locator('.text')
    await page.locator('.text', { hasText: 'eth0' }).waitFor()
    const atFirst = await text.innerText()
    await engineAnswers(page)
    expect(await text.innerText()).toBe(atFirst)
    expect(await verdict(page)).toMatch(/answered/)
    await page.context().close()
  })

  it('opens each scene by its link, as the gallery has it; each is drawn without a fault', async () => {
    const page = await on.open()
    const names = await page
      .locator('.scene option')
      .evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value))
    expect(names.length).toBeGreaterThan(10)
    for (const name of names) {
      await page.goto(`${on.url}?scene=${name}`)
      await engineAnswers(page)
      expect(await page.locator('.drawing svg').count(), name).toBe(1)
      expect(await page.locator('.faults, .said').count(), name).toBe(0)
      expect(page.url()).toContain(`#scene=${name}`)
      expect(await page.getByLabel('Scene').inputValue()).toBe(name)
    }
    await page.getByLabel('Scene').selectOption(names[1] as string)
    await page.waitForURL(`**/*#scene=${names[1]}*`)
    await page.goto(`${on.url}?scene=the-gap`)
    expect(await page.locator('.said').innerText()).toMatch(
      /Expected a scene without events, one of .*received "the-gap"/,
    )
    await page.context().close()
  })

  it('breaks the cluster with one line, sees the drop and why, compares, and takes it back', async () => {
    const page = await on.open()
    const before = await verdict(page)
    await replaceInEditor(page, 'ipipMode: Always', 'ipipMode: Never')
    expect(await verdict(page)).not.toBe(before)
    await tab(page, 'Compare').click()
    await page.locator('.parting').waitFor()
    expect(await page.locator('.parting').innerText()).toMatch(/The same for \d+ hops; then they part/)
    await page.screenshot({ path: `${PICTURES}compare-1280.png` })
    await page.getByRole('button', { name: 'Undo' }).click()
    await engineAnswers(page)
    expect(await verdict(page)).toBe(before)
    expect(await page.locator('.cm-content').innerText()).toContain('ipipMode: Always')
    await page.getByRole('button', { name: 'Redo' }).click()
    await engineAnswers(page)
    expect(await verdict(page)).not.toBe(before)
    await page.context().close()
  })

  it('breaks it with one press, is told why, and takes it back', async () => {
    const page = await on.open({ viewport: { width: 360, height: 740 } })
    await page.getByRole('button', { name: 'a policy that denies all to default' }).click()
    await page.locator('.verdict.bad').waitFor()
    expect(await verdict(page)).toMatch(/dropped in node58 .*policy: .*default\/deny selects this pod/)
    await tab(page, 'Cluster').click()
    expect(await page.getByRole('tab', { name: 'deny.yaml' }).count()).toBe(1)
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.locator('.verdict.good').waitFor()
    await page.getByRole('button', { name: 'ipipMode: Never' }).click()
    await page.getByRole('button', { name: 'ipipMode: Always' }).waitFor()
    expect(await page.locator('.cm-content').innerText()).toContain('ipipMode: Never')
    await page.context().close()
  })

  it('is told of a mistake at its line, and the last run stays', async () => {
    const page = await on.open()
    await replaceInEditor(page, 'ipipMode: Always', 'ipipMode: Allways', true)
    await page.locator('.faults').waitFor()
    expect(await page.locator('.faults').innerText()).toMatch(
      /cluster\.yaml:\d+.*ipipMode.*expected.*Always.*received.*Allways/s,
    )
    await page.locator('.cm-lint-marker-error').waitFor()
    const line = await page.locator('.cm-lintRange-error').first().innerText()
    expect(line).toContain('Allways')
    expect(await page.locator('.drawing svg').count()).toBe(1)
    await page.screenshot({ path: `${PICTURES}mistake-1280.png` })
    await page.context().close()
  })

  it('asks something else: another end, a port, a size', async () => {
    const page = await on.open()
    await page.getByLabel('Send').selectOption('tcp')
    await engineAnswers(page)
    await page.getByLabel('Port').fill('8080')
    await page.getByLabel('Port').press('Enter')
    await engineAnswers(page)
    await tab(page, 'Text').click()
    expect(await page.locator('.text').innerText()).toContain('8080')
    await page.getByLabel('Send').selectOption('ping')
    await page.getByLabel('Bytes', { exact: true }).fill('3000')
    await page.getByLabel('Bytes', { exact: true }).press('Enter')
    await page.getByLabel('DF').check()
    await page.locator('.verdict:not(:has-text("✓"))').waitFor()
    await engineAnswers(page)
    expect(await verdict(page)).not.toMatch(/✓/)
    await page.context().close()
  })

  it('walks step by step: fields and bytes mark each other', async () => {
    const page = await on.open({ path: '#view=steps' })
    await page.locator('.step').waitFor()
    const title = await page.locator('.step h2').innerText()
    await page.getByRole('button', { name: 'Next' }).click()
    expect(await page.locator('.step h2').innerText()).not.toBe(title)
    await page.locator('.field').first().click()
    expect(await page.locator('.octet.in').count()).toBeGreaterThan(0)
    await page.keyboard.press('ArrowLeft')
    await page.screenshot({ path: `${PICTURES}steps-1280.png`, fullPage: true })
    await page.context().close()
  })

  it('takes the packets along for Wireshark, and the picture', async () => {
    const page = await on.open()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Wireshark' }).click(),
    ])
    const bytes = readFileSync(await file.path())
    expect(bytes.readUInt32LE(0)).toBe(0x0a0d0d0a)
    expect(bytes.length).toBeGreaterThan(500)
    const [picture] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download SVG' }).click(),
    ])
    const [, width] = /^<svg [^>]*\bwidth="([\d.]+)"/.exec(readFileSync(await picture.path(), 'utf8')) ?? []
    expect(Number(width)).toBeGreaterThan(800)
    await page.context().close()
  })

  it('types in the shell of a node: what is changed there, the question meets; undo takes it back', async () => {
    const page = await on.open({ path: '#view=terminal' })
    await page.locator('.xterm-rows').waitFor()
    const screen = page.locator('.xterm-rows')
    await page.locator('.xterm-helper-textarea').focus()
    await page.keyboard.type('ip -br li')
    await page.keyboard.press('Tab')
    await page.keyboard.type('nk\n')
    await screen.getByText('tunl0').first().waitFor()
    await page.keyboard.type('ip link set tunl0 down\n')
    await page.locator('.verdict.bad').waitFor()
    await page.screenshot({ path: `${PICTURES}terminal-1280.png` })
    await page.keyboard.press('Alt+z')
    await page.locator('.verdict.good').waitFor()
    await page.context().close()
  })
})

/** A cluster in which each pod lets in another one, and so is a class of its own. */
function manyClasses(count: number): string {
  const cluster = [
    '{apiVersion: v1, kind: Node, metadata: {name: node11}, status: {addresses: [{type: InternalIP, address: "172.20.95.238"}]}}',
    '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: pods}, spec: {cidr: "10.38.0.0/16", ipipMode: Always}}',
  ]
  for (let i = 0; i < count; i += 1) {
    cluster.push(
      `{apiVersion: v1, kind: Pod, metadata: {name: pod-${i}, labels: {app: a${i}}}, spec: {nodeName: node11}}`,
      `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: in-${i}}, spec: {podSelector: {matchLabels: {app: a${i}}}, ingress: [{from: [{podSelector: {matchLabels: {app: a${(i + 1) % count}}}}]}]}}`,
    )
  }
  return cluster.join('\n---\n')
}

describe('questions about the whole cluster', () => {
  it('who reaches whom: a sign traces its flow', async () => {
    const page = await on.open({ path: '#scene=policy&view=ask' })
    await page.locator('.matrix').waitFor()
    await page.getByRole('button', { name: /^default\/web to default\/music: allowed/ }).click()
    await engineAnswers(page)
    expect(await page.getByRole('combobox', { name: 'From', exact: true }).inputValue()).toBe('default/web')
    expect(await page.getByRole('combobox', { name: 'To', exact: true }).inputValue()).toBe('default/music')
    await page.getByRole('button', { name: /^default\/music to default\/web: denied/ }).click()
    await page.locator('.verdict.bad').waitFor()
    expect(await verdict(page)).toMatch(/denie/)
    await page.context().close()
  })

  it('who reaches whom in a large cluster: by pages and names, on a phone, with keys', async () => {
    const code = encodeSession({ ...NO_SESSION, files: [{ name: 'cluster.yaml', text: manyClasses(47) }] })
    const page = await on.open({ path: `#s=${code}&view=ask`, viewport: { width: 360, height: 740 } })
    const [askers, targets] = ['Who asks', 'Who is asked'].map((name) => page.getByRole('group', { name, exact: true }))
    const names = () => page.locator('.matrix tbody th').allInnerTexts()
    await page.locator('.matrix').waitFor()
    const all = Number(/of (\d+)/.exec((await askers?.getByRole('status').innerText()) ?? '')?.[1])
    expect(all).toBeGreaterThan(47)
    const seen = await names()
    for (let first = 30; first < all; first += 30) {
      await askers?.getByRole('button', { name: 'Who asks: the next' }).press('Enter')
      await askers?.getByText(`${first + 1} to ${Math.min(first + 30, all)} of ${all}`, { exact: true }).waitFor()
      seen.push(...(await names()))
    }
    expect(new Set(seen).size).toBe(all)
    expect(await askers?.getByRole('button', { name: 'Who asks: the next' }).isDisabled()).toBe(true)
    await askers?.getByRole('searchbox').fill('pod-46')
    await targets?.getByRole('searchbox').fill('pod-0')
    await askers?.getByText(`1, of ${all} in all`).waitFor()
    await targets?.getByText(/^1, of/).waitFor()
    await page.getByRole('button', { name: /^default\/pod-46 to default\/pod-0: denied/ }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    expect(await barriers(page)).toEqual([])
    await page.screenshot({ path: `${PICTURES}ask-large-360.png` })
    await page.context().close()
  })

  it('what of the objects will hurt, and what could make the flow fail', async () => {
    const page = await on.open({ path: '#scene=policy&view=ask' })
    await page.locator('.depth select').selectOption('lint')
    await page.locator('.panel .findings li, .panel p:has-text("Nothing was found")').first().waitFor()
    await page.locator('.depth select').selectOption('flow')
    await page.locator('.panel .findings li').first().waitFor()
    expect(await page.locator('.panel .about').innerText()).not.toBe('')
    await page.context().close()
  })

  it('what happens over time: the lost answers are drawn and told', async () => {
    const page = await on.open({ path: '#view=time' })
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.locator('.panel .drawing svg').waitFor()
    expect(await page.locator('.panel .text').innerText()).toMatch(/109 lost[\s\S]*bird on node11 deleted/)
    await page.getByLabel('Timeline, YAML').fill('kind: Nonsense')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.locator('.panel [role=alert]').waitFor()
    await page.context().close()
  })

  it('a timeline is part of the link, and of what undo takes back', async () => {
    const page = await on.open({ path: '#view=time' })
    const text = page.getByLabel('Timeline, YAML')
    const before = await text.inputValue()
    await text.fill(before.replace('every: 500ms', 'every: 1s'))
    await page.waitForURL('**/*#s=*')
    await page.keyboard.press('Alt+s')
    const link = await page.getByLabel('Link', { exact: true }).inputValue()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Undo' }).click()
    expect(await text.inputValue()).toBe(before)
    await page.waitForURL('**/*#scene=ipip*')
    const other = await on.open({ path: link.slice(on.url.length) })
    expect(await other.getByLabel('Timeline, YAML').inputValue()).toContain('every: 1s')
    await other.locator('.panel .text', { hasText: /bird on node11 deleted/ }).waitFor()
    await Promise.all([page.context().close(), other.context().close()])
  })

  it('a command in the text is run in the terminal, with keys', async () => {
    const page = await on.open({ path: '#scene=policy&view=text' })
    const text = page.locator('.panel .text')
    for (const depth of ['hops', 'reasons']) {
      await page.locator('.depth select').selectOption(depth)
      await text.getByRole('button', { name: 'Run in the terminal: kubectl get networkpolicy' }).waitFor()
      expect(await text.getByRole('button').count()).toBe((await text.innerText()).match(/^Check: /gm)?.length)
    }
    expect(await barriers(page)).toEqual([])
    await text.focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('.xterm-rows').getByText('iptables -t filter -L cali-tw').first().waitFor()
    await engineAnswers(page)
    await page.locator('.xterm-rows').getByText('Chain cali-tw').first().waitFor()
    await page.context().close()
  })

  it('a command that would confirm a cause is run in the terminal', async () => {
    const page = await on.open({ path: '#scene=policy' })
    await page.getByText('How to confirm it on a real machine').first().click()
    const first = page.locator('.commands li').first()
    const told = await first.locator('code').innerText()
    await first.getByRole('button').click()
    const command = told.replace(/\s+\(on .*$/, '')
    await page.locator('.xterm-rows').getByText(command).first().waitFor()
    await engineAnswers(page)
    expect(await page.locator('.xterm-rows').innerText()).not.toMatch(/command not found|no such/i)
    await page.context().close()
  })
})

describe('a session', () => {
  it('goes round as a link: files, commands, question', async () => {
    const page = await on.open({ path: '#view=terminal' })
    await page.locator('.xterm-helper-textarea').focus()
    await page.keyboard.type('ip link set tunl0 down\n')
    await page.locator('.verdict.bad').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Alt+s')
    const link = await page.getByLabel('Link', { exact: true }).inputValue()
    expect(link).toMatch(/#s=1[\w-]+&view=terminal$/)
    expect(link.length).toBeLessThan(2000)
    const said = await verdict(page)
    const other = await on.open({ path: link.slice(on.url.length) })
    expect(await verdict(other)).toBe(said)
    await other.locator('.xterm-rows').getByText('tunl0 down').first().waitFor()
    await Promise.all([page.context().close(), other.context().close()])
  })

  it('of a link that was cut is refused in words, and the first scene is shown', async () => {
    const page = await on.open({ path: '#s=1AAAAabc' })
    expect(await page.locator('.said').innerText()).toMatch(/expected the (whole )?link/)
    expect(await verdict(page)).toMatch(/answered/)
    await page.context().close()
  })

  it('goes round as a file', async () => {
    const page = await on.open()
    await replaceInEditor(page, 'ipipMode: Always', 'ipipMode: Never')
    const said = await verdict(page)
    await page.getByRole('button', { name: 'Share' }).click()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as a file' }).click(),
    ])
    const bytes = readFileSync(await file.path())
    const other = await on.open()
    await other
      .locator('input[type=file]')
      .setInputFiles({ name: 'session.json', mimeType: 'application/json', buffer: bytes })
    await other.locator('.cm-content', { hasText: 'ipipMode: Never' }).waitFor()
    await engineAnswers(other)
    expect(await verdict(other)).toBe(said)
    await Promise.all([page.context().close(), other.context().close()])
  })

  it('of a dump: a .tar.gz as packetwalk collect writes it', async () => {
    const link = (index: number, name: string, address: string) => ({
      ifindex: index,
      ifname: name,
      flags: ['BROADCAST', 'UP', 'LOWER_UP'],
      mtu: 1500,
      operstate: 'UP',
      link_type: 'ether',
      address,
      broadcast: 'ff:ff:ff:ff:ff:ff',
    })
    const machine = (n: number): Record<string, string> => ({
      [`n${n}/ip-link.json`]: JSON.stringify([link(2, 'eth0', `02:00:00:00:00:0${n}`)]),
      [`n${n}/ip-addr.json`]: JSON.stringify([
        {
          ...link(2, 'eth0', `02:00:00:00:00:0${n}`),
          addr_info: [
            {
              family: 'inet',
              local: `10.0.0.${n}`,
              prefixlen: 24,
              broadcast: '10.0.0.255',
              scope: 'global',
              label: 'eth0',
            },
          ],
        },
      ]),
      [`n${n}/ip-route.json`]: JSON.stringify([
        { dst: '10.0.0.0/24', dev: 'eth0', protocol: 'kernel', scope: 'link', prefsrc: `10.0.0.${n}`, flags: [] },
      ]),
    })
    const dump = gzipSync(tarOf({ ...machine(1), ...machine(2) }))
    const page = await on.open()
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'dump.tar.gz', mimeType: 'application/gzip', buffer: Buffer.from(dump) })
    await page.getByText('One file of dumps: dump.tar.gz').waitFor()
    await engineAnswers(page)
    expect(await page.locator('.faults, .said').count()).toBe(0)
    expect(await page.getByRole('combobox', { name: 'From', exact: true }).innerText()).toMatch(/n1/)
    expect(await page.locator('.drawing svg').count()).toBe(1)
    await page.context().close()
  })

  it('of a dump of a real cluster, as a collector of a provider packed it', async () => {
    const page = await on.open()
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'nodes.tar.gz', mimeType: 'application/gzip', buffer: Buffer.from(gzipSync(realDump())) })
    await page.getByText('One file of dumps: nodes.tar.gz').waitFor()
    await engineAnswers(page)
    expect(await page.locator('.faults, .said').count()).toBe(0)
    expect(await page.getByRole('combobox', { name: 'From', exact: true }).innerText()).toMatch(/node\/\S+/)
    await page.context().close()
  })

  it('of a picture is refused, and what there was stays', async () => {
    const page = await on.open()
    const files = [1, 2].map((n) => ({
      name: `${n}.png`,
      mimeType: 'image/png',
      buffer: Buffer.from([137, 80, 78, 71]),
    }))
    await page.locator('input[type=file]').setInputFiles(files)
    await page.locator('.said', { hasText: 'Expected YAML, JSON, or dumps' }).waitFor()
    expect(await verdict(page)).toMatch(/answered/)
    await page.context().close()
  })
})

describe('packetwalk playground', () => {
  it('serves the page with the files given', async () => {
    const root = fileURLToPath(new URL('../../../', import.meta.url))
    const child = spawn(process.execPath, [
      `${root}dist/packetwalk.mjs`,
      'playground',
      '-f',
      `${root}examples/demo/ipip.yaml`,
    ])
    const said = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))))
    const address = said.trim()
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#local$/)
    const context = await on.browser.newContext()
    const page = await context.newPage()
    await page.goto(address)
    await page.locator('.cm-content', { hasText: 'kubernetes.io/hostname: controlplane' }).waitFor()
    await engineAnswers(page)
    expect(await verdict(page)).toMatch(/ answered .*controlplane → node01 .*inside ipip/)
    await context.close()
    child.kill('SIGINT')
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0)
  })

  it('takes dumps of real machines by -f: a folder, or an archive', async () => {
    const root = fileURLToPath(new URL('../../../', import.meta.url))
    const archive = `${PICTURES}nodes.tar.gz`
    writeFileSync(archive, gzipSync(realDump()))
    for (const path of [`${root}test/fixtures/field/collector-folders/dump`, archive]) {
      const child = spawn(process.execPath, [`${root}dist/packetwalk.mjs`, 'playground', '-f', path])
      const said = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))))
      const { files, dumps } = parseSession(await (await fetch(new URL('/session.json', said.trim()))).text())
      expect(files).toEqual([])
      expect(dumps.length).toBe(
        path === archive
          ? 1
          : readdirSync(path, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length,
      )
      child.kill('SIGINT')
      await new Promise((resolve) => child.once('close', resolve))
    }
  })
})

describe('without a mouse', () => {
  it('everything is reached: skip link, question, views, keys, and out of editor and terminal again', async () => {
    const page = await on.open()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('skip')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
    const met: string[] = []
    for (let i = 0; i < 40 && !met.includes('tab-picture'); i += 1) {
      await page.keyboard.press('Tab')
      met.push(await page.evaluate(() => document.activeElement?.id || document.activeElement?.className || ''))
    }
    expect(met.some((one) => one.includes('cm-content'))).toBe(true)
    expect(met).toContain('tab-picture')
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle)
    expect(outline).toBe('solid')
    await page.keyboard.press('ArrowRight')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('tab-steps')
    await page.keyboard.press('Alt+5')
    await page.locator('.xterm-helper-textarea').waitFor({ state: 'attached' })
    await page.waitForFunction(() => document.activeElement?.className.includes('xterm'))
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('tab-terminal')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.context().close()
  })

  it.each(['light', 'dark'] as const)('axe finds nothing serious in any view, %s', async (colorScheme) => {
    const page = await on.open({ colorScheme })
    const found: Record<string, string[]> = {}
    for (const name of ['Picture', 'Steps', 'Text', 'Terminal', 'Compare', 'Ask', 'Time']) {
      await tab(page, name).click()
      if (name === 'Steps') await page.locator('.step').waitFor()
      if (name === 'Terminal') await page.locator('.xterm-rows').getByText('$').first().waitFor()
      if (name === 'Compare') await page.locator('.sides').waitFor()
      if (name === 'Ask') await page.locator('.matrix').waitFor()
      found[name] = await barriers(page)
    }
    await page.getByRole('button', { name: 'Share' }).click()
    found['Share'] = await barriers(page)
    expect(found).toEqual({ Picture: [], Steps: [], Text: [], Terminal: [], Compare: [], Ask: [], Time: [], Share: [] })
    await page.context().close()
  })
})

describe('embedded', () => {
  it('shows verdict and picture, and the editor when asked', async () => {
    const page = await on.open({ path: '?embed#scene=vxlan', waits: false, viewport: { width: 700, height: 480 } })
    await page.locator('.embedded .drawing svg').waitFor()
    expect(await page.locator('.question, .tabs').count()).toBe(0)
    expect(await page.locator('.summary').innerText()).toMatch(/vxlan/)
    expect(await barriers(page)).toEqual([])
    await page.screenshot({ path: `${PICTURES}embed-700.png` })
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.locator('.cm-content').waitFor()
    await page.context().close()
  })
})

describe('pictures of three widths', () => {
  it.each([360, 768, 1280])('%i px: nothing sticks out of the page', async (width) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await on.open({ colorScheme, viewport: { width, height: Math.round(Math.max(740, width * 0.7)) } })
      for (const name of ['Picture', 'Cluster', 'Steps', 'Terminal', 'Ask', 'Time']) {
        if (name === 'Cluster' && width >= 1200) continue
        if (colorScheme === 'dark' && (name === 'Ask' || name === 'Time')) continue
        await tab(page, name).click()
        await page
          .locator(
            {
              Picture: '.drawing svg',
              Cluster: '.cm-content',
              Steps: '.step',
              Terminal: '.xterm-rows',
              Ask: '.matrix',
              Time: '.timeline',
            }[name] ?? '',
          )
          .first()
          .waitFor()
        await page.waitForTimeout(100)
        if (name === 'Picture') {
          const cut = await page.locator('.drawing').evaluate((one) => one.scrollWidth - one.clientWidth)
          expect(cut, `pixels of the picture that are cut off at ${width}`).toBeLessThanOrEqual(0)
        }
        const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
        expect(wide, `${name} at ${width}`).toBeLessThanOrEqual(seen as number)
        await page.screenshot({
          path: `${PICTURES}${name.toLowerCase()}-${width}${colorScheme === 'dark' ? '-dark' : ''}.png`,
        })
      }
      await page.context().close()
    }
  })
})

describe('the page', () => {
  it('works without a network after the first visit', async () => {
    const page = await on.open()
    await page.evaluate(() => navigator.serviceWorker.ready)
    await page.waitForFunction(
      async () => (await caches.keys()).length === 1 && navigator.serviceWorker.controller !== null,
    )
    await page.context().setOffline(true)
    await page.reload()
    await engineAnswers(page)
    await tab(page, 'Terminal').click()
    await page.locator('.xterm-rows').getByText('$').first().waitFor()
    await tab(page, 'Steps').click()
    await page.locator('.step').waitFor()
    await page.context().close()
  })

  it('stays alive while the engine works, and the engine can be stopped', async () => {
    const page = await on.open({ path: '#view=terminal' })
    await page.locator('.xterm-helper-textarea').focus()
    await page.keyboard.type('ping -q -c 200000 -i 0.01 127.0.0.1\n')
    await page.getByRole('button', { name: 'Stop' }).waitFor()
    await tab(page, 'Picture').click()
    await page.locator('.drawing svg').waitFor({ timeout: 2000 })
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.locator('.faults', { hasText: 'It was stopped.' }).waitFor()
    await page.keyboard.press('Alt+z')
    await engineAnswers(page)
    expect(await verdict(page)).toMatch(/answered/)
    await page.context().close()
  })

  it('printed no fault, and asked no other host for anything', () => {
    expect(on.faults).toEqual([])
  })
})
