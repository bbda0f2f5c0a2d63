// The canonical scenes, as the build found them: texts only, the engine is not loaded for them.
import { prepared } from 'virtual:prepared'
import type { Session } from 'packetwalk/session'

/** A scene to begin with. */
export interface SceneSession {
  /** Name, as the address has it. */
  readonly name: string
  /** Title. */
  readonly title: string
  /** What happens, in a sentence. */
  readonly summary: string
  /** What to think about before looking. */
  readonly question: string
  /** The session. */
  readonly session: Session
}

/** All of them; the first is shown to who comes without a link. */
export const scenes: readonly SceneSession[] = prepared.scenes
