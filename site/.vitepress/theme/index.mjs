// VitePress' own theme without its fonts, pictures of traces and of Mermaid, and links into the playground, which is no page of VitePress.
import { useData, withBase } from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import { h, onMounted, ref, watch } from 'vue'
import './style.css'
import './course.css'

/** Draws the text of a Mermaid block; without JavaScript the text stays. */
const Diagram = {
  setup(_, { slots }) {
    const text = ref()
    const svg = ref()
    const { isDark } = useData()
    async function draw() {
      const { default: mermaid } = await import(/* @vite-ignore */ withBase('/mermaid/mermaid.esm.min.mjs'))
      mermaid.initialize({ startOnLoad: false, theme: isDark.value ? 'dark' : 'neutral', fontFamily: 'inherit' })
      const code = text.value.querySelector('code').textContent
      svg.value = (await mermaid.render(`diagram-${Math.random().toString(36).slice(2)}`, code)).svg
    }
    onMounted(draw)
    watch(isDark, draw)
    return () => [
      svg.value && h('div', { class: 'diagram', innerHTML: svg.value }),
      h('div', { ref: text, hidden: svg.value !== undefined }, slots.default()),
    ]
  },
}

/** A picture of a trace: wide or for a phone, light or dark as the page is; `tools/site/drawings.mjs` makes the four. */
const Drawing = {
  props: { name: String, words: String },
  setup({ name, words }) {
    const place = (kind) => withBase(`${name}-${kind}.svg`)
    const drawn = (theme) =>
      h('a', { class: `drawing ${theme}-only`, href: place(theme), target: '_self' }, [
        h('picture', [
          h('source', { media: '(max-width: 640px)', srcset: place(`narrow-${theme}`) }),
          // What is not shown is not loaded.
          h('img', { src: place(theme), alt: words, loading: 'lazy' }),
        ]),
      ])
    return () => h('p', [drawn('light'), drawn('dark')])
  },
}

export default {
  extends: DefaultTheme,
  enhanceApp({ app, router }) {
    app.component('Diagram', Diagram)
    app.component('Drawing', Drawing)
    router.onBeforeRouteChange = (to) => {
      if (!to.startsWith(withBase('/play/'))) return true
      location.href = to
      return false
    }
  },
}
