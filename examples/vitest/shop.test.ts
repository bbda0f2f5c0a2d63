import { readFileSync } from 'node:fs'
import { Lab } from 'packetwalk'
import { type TraceMatchers, traceMatchers } from 'packetwalk/testing'
import { expect, test } from 'vitest'

expect.extend(traceMatchers)
declare module 'vitest' {
  interface Matchers<T> extends TraceMatchers<T> {}
}

const objects = readFileSync(new URL('../review/before.yaml', import.meta.url), 'utf8')

test('the web server asks the database', () => {
  expect(Lab.load(objects).tcp('shop/web-0', 'shop/db-0', 5432)).toBeAnswered()
})

test('nobody else does', () => {
  expect(Lab.load(objects).tcp('shop/client', 'shop/db-0', 5432)).not.toBeAnswered()
})
