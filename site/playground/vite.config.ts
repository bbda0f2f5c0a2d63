import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { defineConfig, type HtmlTagDescriptor, type Plugin } from 'vite'
import { prepared } from './prepared.ts'
import { CHUNKS, split } from './split/split.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url))

/** The doors of the package as it is published: the files that package.json names. */
const doors = [
  { find: /^packetwalk$/, replacement: `${root}dist/index.js` },
  { find: /^packetwalk\/([a-z]+)$/, replacement: `${root}dist/$1/index.js` },
]

/** A script that comes beside the page, not after it. @param media - when */
function preload(file: string, media = 'all'): HtmlTagDescriptor {
  return { tag: 'link', attrs: { rel: 'modulepreload', href: `./${file}`, media }, injectTo: 'head' }
}

/**
 * Sends for the engine, which is the largest part, before anything else: a line in the page itself, which its policy names by its digest.
 * The run that the build calculated comes beside the page, not after it.
 */
const engineFirst: Plugin = {
  name: 'engine-first',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { bundle = {} }) => {
      const named = (pattern: RegExp): string => {
        const found = Object.keys(bundle).find((name) => pattern.test(name))
        if (found === undefined) throw new Error(`nothing that was built is named ${pattern}`)
        return found
      }
      const script = `packetwalkEngine=new Worker('./${named(/worker-[^/]*\.js$/)}',{type:'module'})`
      const digest = createHash('sha256').update(script).digest('base64')
      return {
        // A script after the sheet of styles would wait for that.
        html: html
          .replace("default-src 'self';", `default-src 'self'; script-src 'self' 'sha256-${digest}';`)
          .replace('<title>', `<script>${script}</script>\n    <title>`),
        tags: [
          preload(named(/prepared-first[^/]*\.js$/)),
          preload(named(/prepared-picture-336[^/]*\.js$/), '(max-width: 639px)'),
        ],
      }
    },
  },
}

export default defineConfig({
  root: here,
  base: './',
  cacheDir: `${root}node_modules/.cache/vite-playground`,
  plugins: [prepared(), engineFirst],
  resolve: { alias: doors },
  worker: {
    format: 'es',
    plugins: () => [split()],
    rolldownOptions: {
      output: { codeSplitting: { groups: [...CHUNKS] } },
    },
  },
  build: {
    outDir: `${root}site/dist/play`,
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: { input: `${here}index.html` },
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 3000,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  preview: { host: '127.0.0.1' },
  logLevel: 'error',
})
