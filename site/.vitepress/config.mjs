// Pages are staged by tools/site.mjs, which also makes them independent of the path they are served under.
import { defineConfig } from 'vitepress'
import { PLACE } from '../../tools/site/anywhere.mjs'
import { slug } from '../../tools/site/slug.mjs'
import { sidebarOf } from './sidebar.mjs'

// Files that links lead to and that are no pages.
process.env.VITE_EXTRA_EXTENSIONS = 'ipynb,pcap,pcapng'

const staged = new URL('../../.packetwalk/site/', import.meta.url).pathname

/** What search sees of a page: no pictures, and of the API only names, or its index would be larger than everything else. */
function searched(source, env, md) {
  const isApi = env.relativePath.startsWith('api/')
  return md.render(source.replace(isApi ? /^(?!#{1,3} ).*\n/gm : /^<div class="picture".*$/gm, ''), env)
}

export default defineConfig({
  title: 'packetwalk',
  description: 'The life of a packet in a Calico cluster, hop by hop, and why.',
  lang: 'en',
  base: PLACE,
  srcDir: staged,
  outDir: 'dist',
  cacheDir: `${staged}../vitepress`,
  // tools/site/check-links.mjs looks at every link and anchor of what was built.
  ignoreDeadLinks: true,
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${PLACE}icon.svg` }]],
  markdown: {
    anchor: { slugify: slug },
    toc: { slugify: slug },
    languageAlias: { console: 'bash' },
    config(md) {
      const fence = md.renderer.rules.fence
      md.renderer.rules.fence = (tokens, at, ...rest) => {
        const drawn = fence(tokens, at, ...rest)
        return tokens[at].info.trim() === 'mermaid' ? `<Diagram>${drawn}</Diagram>` : drawn
      }
    },
  },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide' },
      { text: 'Recipes', link: '/recipes' },
      { text: 'Gallery', link: '/gallery' },
      { text: 'API', link: '/api/' },
      { text: 'Playground', link: '/play/', target: '_self' },
    ],
    sidebar: sidebarOf(staged),
    outline: [2, 3],
    search: { provider: 'local', options: { _render: searched } },
  },
})
