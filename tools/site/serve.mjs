// A folder on loopback, below a path that nobody chose: pages must not know where they lie.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

/** Serves a folder below `path`; gives the address of its first page, and `close`. */
export async function serve(folder, path = '/some/where/') {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    const file = join(folder, normalize(decodeURIComponent(pathname.slice(path.length - 1))))
    const page = existsSync(file) && statSync(file).isDirectory() ? join(file, 'index.html') : file
    const found = pathname.startsWith(path) && page.startsWith(folder) && existsSync(page)
    response.writeHead(found ? 200 : 404, { 'content-type': TYPES[extname(page)] ?? 'application/octet-stream' })
    response.end(found ? readFileSync(page) : '')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { origin: `http://127.0.0.1:${server.address().port}`, path, close: () => server.close() }
}
