import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../lab/index.ts'
import { didYouMean, InputError } from '../model/index.ts'
import { type CaptureAt, renderPcaps } from '../render/index.ts'
import type { Trace } from '../trace/index.ts'
import { checkOutput, writeOutput } from './output-file.ts'

/** Words of `--at` besides devices. */
const PLACES: readonly CaptureAt[] = ['wire', 'links', 'all']

/**
 * The place that `--at` names: a word, or a device of a pod, a node or any other namespace.
 * @param namespace - of pods named without one
 */
export function captureAt(lab: Lab, word: string, namespace: string | undefined): CaptureAt {
  const place = PLACES.find((one) => one === word)
  if (place !== undefined) return place
  const slash = word.lastIndexOf('/')
  if (slash <= 0) throw noPlace(`${PLACES.join(', ')} or NODE/DEVICE, POD/DEVICE`, word)
  const { netns } = lab.endpoint(word.slice(0, slash), namespace)
  const [dev, devices] = [word.slice(slash + 1), Object.keys(lab.network.namespaces[netns ?? '']?.interfaces ?? {})]
  if (devices.includes(dev)) return `${netns}/${dev}`
  throw noPlace(`a device of ${word.slice(0, slash)}; ${didYouMean(dev, devices)}`, dev)
}

function noPlace(expected: string, received: string): InputError {
  return new InputError([{ kind: 'invalid', file: '', path: ['--at'], expected, received: `"${received}"` }])
}

/** Whether `-w` names a folder for files, not a file. */
export function isFolder(path: string): boolean {
  return path.endsWith('/')
}

/** Writes a capture file for each device into a folder, which is made where it is missing. */
export function writeCaptures(folder: string, trace: Trace, at: CaptureAt | undefined): number {
  const files = renderPcaps(trace, at === undefined ? {} : { at })
  mkdirSync(folder, { recursive: true })
  for (const { name } of files) checkOutput(join(folder, name))
  for (const { name, bytes } of files) writeOutput(join(folder, name), bytes)
  return files.length
}
