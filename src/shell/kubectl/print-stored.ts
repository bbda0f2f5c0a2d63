import type { Plain } from '../../model/index.ts'
import { objectJson, objectYaml } from '../object-text.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import type { Asked } from './options.ts'
import { listOf } from './output.ts'
import type { Given } from './store.ts'

/** What a verb that stores objects prints with `-o`: the objects; undefined where it prints what it did. */
export function withOutput(asked: Asked, objects: readonly Given[]): Run | undefined {
  const form = asked.text('output')
  switch (form) {
    case undefined:
    case '':
      return undefined
    case 'name':
      return printed(objects.map(({ word }) => `${word}\n`).join(''))
    case 'yaml':
      return printed(objectYaml(printable(objects)))
    case 'json':
      return printed(objectJson(printable(objects)))
    default:
      return failed(`error: -o ${form} is not modelled here; json, name and yaml are, and kubectl get has more`)
  }
}

/** Nothing but names and what was done is printed unless this says otherwise, so a bad form is told before anything is stored. */
export function outputFault(asked: Asked): Run | undefined {
  const run = withOutput(asked, [])
  return run?.ok === false ? run : undefined
}

function printable(objects: readonly Given[]): Plain {
  return objects.length === 1 ? (objects[0]?.value as Plain) : listOf(objects.map(({ value }) => value))
}
