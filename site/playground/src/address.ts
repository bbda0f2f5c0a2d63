// What the address of the page says: which session, which view, whether it is embedded. The part behind `#` never leaves the browser.
import { decodeSession, encodeSession, type Session } from 'packetwalk/session'
import { type SceneSession, scenes } from './scenes.ts'
import { VIEWS, type View } from './view.ts'

/** Longer addresses are cut by chat programs and mail; such a session is given as a file. */
export const LONGEST_LINK = 8000

/** What the page begins with. */
export interface Beginning {
  /** The session; null when the address names none that can be read. */
  readonly session: Session | null
  /** Whether the command `packetwalk playground` has a session for us. */
  readonly isLocal: boolean
  /** What is looked at. */
  readonly view: View | null
  /** Whether the page stands in another. */
  readonly isEmbedded: boolean
}

/** Reads the address; a scene may stand before the `#`, too, as other pages link to it. @throws InputError for a link that was damaged, or an unknown scene */
export function readAddress({ search, hash }: Pick<Location, 'search' | 'hash'>): Beginning {
  const parts = new URLSearchParams(hash.slice(1))
  const before = new URLSearchParams(search)
  const code = parts.get('s')
  const name = parts.get('scene') ?? before.get('scene')
  if (code === null && name !== null && !scenes.some((one) => one.name === name)) throw unknownScene(name)
  const view = VIEWS.find(({ name: one }) => one === parts.get('view'))?.name ?? null
  const session = code !== null ? decodeSession(code) : (scenes.find((one) => one.name === name)?.session ?? null)
  return { session, isLocal: parts.has('local'), view, isEmbedded: before.has('embed') }
}

function unknownScene(name: string): Error {
  const known = scenes.map((one) => one.name).join(', ')
  return new Error(`Expected a scene without events, one of ${known}; received "${name}".`)
}

/** The part behind `#` that leads here again; null for a session that is too long. */
export function fragmentOf(session: Session, view: View): string | null {
  const scene = scenes.find((one) => isSame(one, session))
  const code = scene === undefined ? `s=${encodeSession(session)}` : `scene=${scene.name}`
  const fragment = `#${code}&view=${view}`
  return fragment.length > LONGEST_LINK ? null : fragment
}

function isSame(scene: SceneSession, session: Session): boolean {
  return JSON.stringify(scene.session) === JSON.stringify(session)
}
