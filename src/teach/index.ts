/**
 * What a course is made of: canonical scenes with a variant for each student, and what is asked of them. It needs no particular
 * kernel of a notebook: what it gives is text, Markdown, and values that draw themselves where somebody asks them to.
 *
 * ```ts
 * import { scene, variant } from 'packetwalk/teach'
 *
 * const ipip = scene('ipip', variant('Ada'))
 * console.log(ipip.question)
 * console.log(ipip.run().trace.summary)
 * ```
 *
 * May import: every room but cli.
 *
 * @packageDocumentation
 */

export type { SceneAsk } from './plan.ts'
export { type Scene, type SceneInfo, scene, scenes } from './scene.ts'
export { variant } from './variant.ts'
