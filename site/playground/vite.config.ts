import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { prepared } from './prepared.ts'
import { CHUNKS, split } from './split/split.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url))

/** The doors of the package as it is published: the files that package.json names. */
const doors = [
  { find: /^packetwalk$/, replacement: `${root}dist/index.js` },
  { find: /^packetwalk\/([a-z]+)$/, replacement: `${root}dist/$1/index.js` },
]

/** `engine/boot.ts` is an entry beside the page, and the first script of it. */
const bootFirst: Plugin = {
  name: 'boot-first',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle = {} }) => {
      const boot = Object.values(bundle).find((part) => part.type === 'chunk' && part.isEntry && part.name === 'boot')
      if (boot === undefined) throw new Error('engine/boot.ts is no chunk of its own')
      return [{ tag: 'script', attrs: { type: 'module', src: `./${boot.fileName}` }, injectTo: 'head-prepend' }]
    },
  },
}

export default defineConfig({
  root: here,
  base: './',
  cacheDir: `${root}node_modules/.cache/vite-playground`,
  plugins: [prepared(), bootFirst],
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
    rolldownOptions: { input: { index: `${here}index.html`, boot: `${here}src/engine/boot.ts` } },
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 3000,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  preview: { host: '127.0.0.1' },
  logLevel: 'error',
})
