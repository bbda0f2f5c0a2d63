import type fastCheck from 'fast-check'
import { InputError } from '../model/index.ts'

type FastCheck = typeof fastCheck

/** The package, where it is installed. Matchers and other tests need none of it: without it this door opens all the same. */
const installed: FastCheck | undefined = await import('fast-check').then(
  (module) => module.default,
  () => undefined,
)

/** fast-check, for who makes arbitraries. @throws InputError when it is not installed */
export function fc(): FastCheck {
  if (installed !== undefined) return installed
  const expected = 'the package fast-check for arbitraries: npm install --save-dev fast-check'
  throw new InputError([
    { kind: 'missing_reference', file: '', path: [], expected, received: 'none that can be loaded' },
  ])
}
