// VitePress' own theme without its fonts, pictures of Mermaid, and links into the playground, which is no page of VitePress.
import { useData, withBase } from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import { h, onMounted, ref, watch } from 'vue'
import './style.css'

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

export default {
  extends: DefaultTheme,
  enhanceApp({ app, router }) {
    app.component('Diagram', Diagram)
    router.onBeforeRouteChange = (to) => {
      if (!to.startsWith(withBase('/play/'))) return true
      location.href = to
      return false
    }
  },
}
