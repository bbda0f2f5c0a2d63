import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { numbersWrittenOut } from '../../tools/numbers.mjs'

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  verbatimModuleSyntax: true,
  noLib: true,
}

const NUMBERS = `
export const AT = 12
export const BELOW = -1
export const WIDE: number = 0x0800
export const BOTH: number = AT
export const CODE = { ONE: 1, TWO: 2 } as const
export const LOOSE = { ONE: 1 }
export let counter = 5
export const word = 'text'
export const made = Number('3')
`

/** What the emitter makes of a module that imports {@link NUMBERS}. */
function emitted(body: string): string {
  const files = new Map([
    ['/numbers.ts', NUMBERS],
    ['/index.ts', "export * from './numbers.js'"],
    [
      '/user.ts',
      `import { AT, BELOW, WIDE, BOTH, CODE, LOOSE, counter, word, made, AT as renamed } from './index.js'\n${body}`,
    ],
  ])
  const source = (path: string): string | undefined => files.get(path)
  const host: ts.CompilerHost = {
    getSourceFile: (path, target) => {
      const text = source(path)
      return text === undefined ? undefined : ts.createSourceFile(path, text, target, true)
    },
    fileExists: (path) => files.has(path),
    readFile: source,
    writeFile: (path, text) => files.set(path, text),
    getDefaultLibFileName: () => '/lib.d.ts',
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
  }
  const program = ts.createProgram(['/user.ts'], OPTIONS, host)
  program.emit(undefined, undefined, undefined, false, { before: [numbersWrittenOut(program.getTypeChecker())] })
  return (files.get('/user.js') ?? '').split('\n').slice(1).join('\n').trim()
}

describe('the build writes out named numbers', () => {
  it.each([
    ['an imported constant', 'use(at + AT)', 'use(at + 12);'],
    ['under another name', 'use(renamed)', 'use(12);'],
    ['below zero', 'use(1 - BELOW)', 'use(1 - -1);'],
    ['whose type is only "number"', 'use(WIDE, BOTH)', 'use(2048, 12);'],
    [
      'a member of an object that is constant',
      'switch (x) { case CODE.TWO: use(CODE.ONE) }',
      'switch (x) {\n    case 2: use(1);\n}',
    ],
    ['one of this module', 'const OWN = 3\nuse(OWN)', 'const OWN = 3;\nuse(3);'],
    ['a computed name', 'use({ [AT]: 1 })', 'use({ [12]: 1 });'],
  ])('%s', (_, body, js) => expect(emitted(body)).toBe(js))

  it.each([
    ['a variable that may change', 'use(counter)'],
    ['text', 'use(word)'],
    ['what is computed at run time', 'use(made)'],
    ['a member of an object that may change', 'use(LOOSE.ONE)'],
    ['a member of something else by that name', 'use(x.AT, x.AT.ONE)'],
    ['a local that hides it', 'function f(AT) { use(AT); }'],
    ['the name of a property', 'use({ AT: 1 })'],
    ['a shorthand property', 'use({ AT })'],
    ['a constant of a function', 'function f() { const AT = 1; use(AT); }'],
  ])('leaves %s', (_, body) =>
    expect(emitted(body).replaceAll(/\s+/g, ' ')).toBe(`${body}${body.endsWith('}') ? '' : ';'}`),
  )
})
