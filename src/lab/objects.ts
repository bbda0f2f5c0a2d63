import type { Resources } from '../control/index.ts'
import { type Input, isInput, type LoadedResources, loadResources } from '../input/index.ts'
import { isRecord } from '../model/index.ts'
import { wholeResources } from './build.ts'
import { textsOf } from './from-dumps.ts'

/** Objects to apply: YAML or JSON as `Lab.load` takes it, or lists of objects by their kinds. */
export type ObjectsInput = string | Input | readonly Input[] | Partial<Resources>

/** Objects as users give them, read. @throws InputError with every fault and its place */
export function readObjects(objects: ObjectsInput): LoadedResources {
  const isLists = isRecord(objects) && !isInput(objects) && !Array.isArray(objects)
  if (!isLists) return loadResources(textsOf(objects as Exclude<ObjectsInput, Partial<Resources>>))
  return { resources: wholeResources(objects as Partial<Resources>), warnings: [], unread: [], replaced: [] }
}
