import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { prepared } from './prepared.ts'
import { CHUNKS, split } from './split/split.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The doors of the package as it is published: the files that package.json names. */
const doors = [
  { find: /^packetwalk$/, replacement: `${root}dist/index.js` },
  { find: /^packetwalk\/([a-z]+)$/, replacement: `${root}dist/$1/index.js` },
]

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  cacheDir: `${root}node_modules/.cache/vite-playground`,
  plugins: [prepared()],
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
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 3000,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  preview: { host: '127.0.0.1' },
  logLevel: 'error',
})
