// A plugin of the build: the scenes of `packetwalk/teach` as texts, and the run of the first one, calculated by the package that is
// shipped. The page shows that run before its engine has arrived; the engine gives the same bytes (the test of the page compares them).
import { NO_SESSION, type Question, type Session } from 'packetwalk/session'
import { type Scene, scene, scenes } from 'packetwalk/teach'
import type { Plugin } from 'vite'
import type { Played } from './src/engine/protocol.ts'
import { Workshop } from './src/engine/work.ts'
import { PHONE, PICTURES } from './src/picture-widths.ts'
import type { SceneSession } from './src/scenes.ts'

const SCENES = 'virtual:prepared'
const FIRST = 'virtual:prepared-first'
const PICTURE = 'virtual:prepared-picture-'

/** Who comes without a link sees this one. */
const SHOWN_FIRST = 'ipip'

function questionOf({ from, to, ask }: Scene): Question | undefined {
  switch (ask.kind) {
    case 'ping': {
      const { size, dontFragment } = ask
      return {
        from,
        to,
        protocol: 'ping',
        ...(size === undefined ? {} : { size }),
        ...(dontFragment ? { dontFragment } : {}),
      }
    }
    case 'tcp': {
      const { port, request } = ask
      return { from, to, protocol: 'tcp', port, ...(request === undefined ? {} : { size: request }) }
    }
    case 'udp':
      return { from, to, protocol: 'udp', port: ask.port }
    default:
      return undefined
  }
}

/** Scenes that a session can say: those in which time plays no part. */
function sessions(): SceneSession[] {
  const all = scenes.flatMap(({ name }) => {
    const one = scene(name)
    const question = questionOf(one)
    const commands = one.changes.filter((change) => typeof change === 'string' && /^\S+\$ /.test(change)) as string[]
    const isPlain = Object.keys(one.options).length === 0 && commands.length === one.changes.length
    if (question === undefined || !isPlain) return []
    const files = one.files.map((file) => ({ name: file.name, text: file.text }))
    const session: Session = { ...NO_SESSION, title: one.title, files, commands, question }
    return [{ name, title: one.title, summary: one.summary, question: one.question, session }]
  })
  return [...all].sort((a, b) => Number(b.name === SHOWN_FIRST) - Number(a.name === SHOWN_FIRST))
}

/** The run that is shown first, with its picture in each width. */
export function playFirst(): { readonly played: Played; readonly pictures: ReadonlyMap<number, string> } {
  const [{ session }] = sessions() as [SceneSession]
  const play = (width: number): Played => new Workshop().do<'play'>({ kind: 'play', session, width })
  const pictures = new Map([...new Set(PICTURES.map(({ width }) => width))].map((width) => [width, play(width).svg]))
  return { played: { ...play(PHONE), svg: '' }, pictures }
}

/** The texts of all modules that are made here, by name. */
function modules(): ReadonlyMap<string, string> {
  const { played, pictures } = playFirst()
  const texts = new Map([[FIRST, `export const played = ${JSON.stringify(played)}`]])
  for (const [width, svg] of pictures) texts.set(`${PICTURE}${width}`, `export const svg = ${JSON.stringify(svg)}`)
  const loads = [...pictures.keys()].map((width) => `${width}: () => import('${PICTURE}${width}')`)
  const first = `const pictures = { ${loads.join(', ')} }
export const first = async (width) => {
  const [{ played }, { svg }] = await Promise.all([import('${FIRST}'), pictures[width]()])
  return { ...played, svg }
}`
  return texts.set(SCENES, `export const prepared = ${JSON.stringify({ scenes: sessions() })}\n${first}`)
}

/** The plugin. */
export function prepared(): Plugin {
  const texts = modules()
  return {
    name: 'packetwalk-prepared',
    resolveId: (id) => (texts.has(id) ? `\0${id}` : undefined),
    load: (id) => texts.get(id.slice(1)),
  }
}
