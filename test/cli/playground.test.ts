// The server of `packetwalk playground`: this machine only, the files of the page only.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtFiles, type Served, servePage } from '../../src/cli/page-server.ts'
import { openCli } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'packetwalk-page-'))
mkdirSync(join(folder, 'assets'))
writeFileSync(join(folder, 'index.html'), '<p>page</p>')
writeFileSync(join(folder, 'assets/a-1.js'), 'a()')
writeFileSync(join(folder, '..', 'outside.txt'), 'secret')

let served: Served
beforeAll(async () => {
  const files = builtFiles(folder)
  files.set('/session.json', { type: 'application/json', bytes: '{}' })
  served = await servePage(files, 0)
})
afterAll(async () => {
  await new Promise<void>((resolve) => served.close(resolve))
  rmSync(folder, { recursive: true })
  rmSync(join(folder, '..', 'outside.txt'))
})

interface Asked {
  readonly path: string
  readonly method?: string
  readonly host?: string
}

function ask({ path, method = 'GET', host }: Asked): Promise<{ status: number; type: string; text: string }> {
  const { hostname, port } = new URL(served.address)
  return new Promise((resolve, reject) => {
    const options = {
      hostname,
      port,
      path,
      method,
      headers: host === undefined ? {} : { host: host.replace('PORT', port) },
    }
    const sent = request(options, (answer) => {
      let text = ''
      answer.on('data', (data) => {
        text += data
      })
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', text }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('the page of packetwalk playground', () => {
  it('is served on this machine alone', () => {
    expect(served.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  })

  it.each([
    ['the page', { path: '/' }, 200, 'text/html; charset=utf-8', '<p>page</p>'],
    ['a part of it', { path: '/assets/a-1.js' }, 200, 'text/javascript; charset=utf-8', 'a()'],
    ['whatever is behind the path', { path: '/?embed' }, 200, 'text/html; charset=utf-8', '<p>page</p>'],
    ['the session', { path: '/session.json' }, 200, 'application/json', '{}'],
    ['only the head', { path: '/', method: 'HEAD' }, 200, 'text/html; charset=utf-8', ''],
    [
      'under the other name of this machine',
      { path: '/session.json', host: 'localhost:PORT' },
      200,
      'application/json',
      '{}',
    ],
    ['what there is not', { path: '/nope' }, 404, 'text/plain', '404\n'],
    ['a file outside', { path: '/../outside.txt' }, 404, 'text/plain', '404\n'],
    ['a file outside, in other letters', { path: '/%2e%2e/outside.txt' }, 404, 'text/plain', '404\n'],
    [
      'for a page of another name that leads here',
      { path: '/session.json', host: 'evil.example' },
      403,
      'text/plain',
      '403\n',
    ],
    ['for another port', { path: '/session.json', host: '127.0.0.1:1' }, 403, 'text/plain', '403\n'],
    ['what would write', { path: '/', method: 'POST' }, 405, 'text/plain', '405\n'],
  ])('%s', async (_what, asked, status, type, text) => {
    expect(await ask(asked)).toEqual({ status, type, text })
  })
})

describe('packetwalk playground', () => {
  const cli = openCli()
  afterAll(() => cli.close())

  it('says what to do where nothing is built', () => {
    const { status, stderr } = cli.run(['playground'])
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'packetwalk: the page is not built here; in a clone npm start -- playground builds it\n',
    })
  })
})
