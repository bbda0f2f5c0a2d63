declare module 'virtual:prepared' {
  import type { Played } from './engine/protocol.ts'
  import type { SceneSession } from './scenes.ts'

  /** What the build calculated with the package it ships: the scenes, and the run of the first. */
  export const prepared: { readonly scenes: readonly SceneSession[] }
  /** The run of the first scene, with its picture in one of the widths of `picture-widths.ts`. */
  export const first: (width: number) => Promise<Played>
}

declare module '*.css' {
  const style: unknown

  export { style }
}
