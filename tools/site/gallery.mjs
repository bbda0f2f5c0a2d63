// The gallery: every canonical scene, asked and drawn.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../setup.mjs'
import { write } from './pages.mjs'

function sceneSection({ scene, renderSvg }, { name }, folder) {
  const { title, summary, shows, ask, run } = scene(name)
  const { trace } = run()
  write(join(folder, 'public/gallery', `${name}.svg`), renderSvg(trace))
  return `## ${title} {#${name}}

${summary} To be seen: ${shows.join('; ')}.

[![${trace.summary}](/gallery/${name}.svg)](./gallery/${name}.svg)

${ask.kind === 'ping-while' ? EVENTS : `[Open it in the playground](./play/index.html?scene=${name}){target="_self"}`}
`
}

/** A session of the playground has no events; its view Time runs them. */
const EVENTS =
  'What happens over time is the view *Time* of the [playground](./play/index.html#view=time){target="_self"}.'

/** Writes the page and a picture a scene; gives their number. */
export async function stageGallery(folder) {
  const { scene, scenes } = await import('packetwalk/teach')
  const { renderSvg } = await import('packetwalk')
  const sections = scenes.map((info) => sceneSection({ scene, renderSvg }, info, folder))
  const head = readFileSync(join(root, 'site/pages/gallery.md'), 'utf8')
  write(join(folder, 'gallery.md'), `${head}\n${sections.join('\n')}`)
  return `${scenes.length} scenes`
}
