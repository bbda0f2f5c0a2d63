// The gallery: every canonical scene, asked and drawn; and the picture of the first page.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../setup.mjs'
import { stageDrawing } from './drawings.mjs'
import { write } from './pages.mjs'

function sceneSection({ scene, renderSvg }, { name }, folder) {
  const { title, summary, shows, ask, run } = scene(name)
  const { trace } = run()
  const draw = (options) => renderSvg(trace, options)
  const drawing = stageDrawing(folder, { name: `gallery/${name}`, words: trace.summary, draw })
  return `## ${title} {#${name}}

${summary} To be seen: ${shows.join('; ')}.

${drawing}

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

/** Puts the picture of the README into the first page. */
export async function stageFirstPage(folder) {
  const { Lab, renderSvg } = await import('packetwalk')
  const lab = Lab.load(readFileSync(join(root, 'examples/demo/ipip.yaml'), 'utf8'))
  const [from, to] = ['x6ljh', 'btnkv'].map((end) => `default/busybox-deployment-8c7dc8548-${end}`)
  const { trace } = lab.ping(from, to)
  const draw = (options) => renderSvg(trace, options)
  const drawing = stageDrawing(folder, { name: 'ping', words: 'A ping from pod to pod over IPIP, hop by hop', draw })
  const page = readFileSync(join(root, 'site/pages/index.md'), 'utf8')
  write(
    join(folder, 'index.md'),
    page.replace('<!-- the picture -->', () => drawing),
  )
}
