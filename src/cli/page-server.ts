import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { filesIn } from './files.ts'

/** A file of the page. */
interface PageFile {
  /** Media type. */
  readonly type: string
  /** Content; read when it is asked for where that is a function. */
  readonly bytes: string | (() => Uint8Array)
}

/** A page that is served. */
export interface Served {
  /** Its address, e.g. `http://127.0.0.1:40123/`. */
  readonly address: string
  /** Ends it. */
  readonly close: (done: () => void) => void
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}

/** The files of a built page by the path they are asked for with. No other path leads anywhere. */
export function builtFiles(folder: string): Map<string, PageFile> {
  const files = filesIn(folder, () => {}).map((path): [string, PageFile] => [
    `/${path}`,
    { type: TYPES[extname(path)] ?? 'application/octet-stream', bytes: () => readFileSync(join(folder, path)) },
  ])
  const all = new Map(files)
  const page = all.get('/index.html')
  if (page !== undefined) all.set('/', page)
  return all
}

/**
 * Serves files on 127.0.0.1. A page elsewhere that leads here by a name of its own (DNS rebinding) is refused: the `Host` must be ours.
 * @param port - 0: one that is free
 */
export function servePage(files: ReadonlyMap<string, PageFile>, port: number): Promise<Served> {
  const server = createServer((request, response) => answer(files, request, response))
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(Object.assign(error, { path: `port ${port}` })))
    server.listen(port, '127.0.0.1', () => {
      const { port: given } = server.address() as AddressInfo
      resolve({
        address: `http://127.0.0.1:${given}/`,
        close: (done) => {
          server.close(done)
          server.closeAllConnections()
        },
      })
    })
  })
}

function answer(files: ReadonlyMap<string, PageFile>, request: IncomingMessage, response: ServerResponse): void {
  const { headers, method, socket, url = '/' } = request
  const own = [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`]
  const file = files.get(url.split(/[?#]/, 1)[0] ?? '/')
  if (!own.includes(headers.host ?? '')) refused(response, 403)
  else if (method !== 'GET' && method !== 'HEAD') refused(response, 405)
  else if (file === undefined) refused(response, 404)
  else sent(response, file, method === 'HEAD')
}

function sent(response: ServerResponse, file: PageFile, isHeadOnly: boolean): void {
  response.writeHead(200, {
    'content-type': file.type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  })
  response.end(isHeadOnly ? undefined : typeof file.bytes === 'string' ? file.bytes : file.bytes())
}

function refused(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain', ...(status === 405 ? { allow: 'GET, HEAD' } : {}) })
  response.end(`${status}\n`)
}
