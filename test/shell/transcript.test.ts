// The published demo: what its terminal showed, run again. `<any>` stands for what the machine made up; blanks do not count.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { runTranscript, Shell, transcriptCommands } from '../../src/shell/index.ts'

const read = (name: string): string => readFileSync(new URL(`../../examples/demo/${name}`, import.meta.url), 'utf8')

/** A transcript's lines without blanks, empty lines left out. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/[^\S\n]+/g, ' ').trim())
    .filter((line) => line !== '')
}

/** Whether a line is the expected one, `<any>` and the blanks around it apart. */
function matches(expected: string, actual: string): boolean {
  const pattern = expected
    .split('<any>')
    .map((part) => part.replace(/\s+/g, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${pattern}$`).test(actual.replace(/\s+/g, ''))
}

for (const mode of ['ipip', 'noencap', 'vxlan']) {
  describe(`demo/${mode}`, () => {
    const expected = read(`${mode}.transcript.txt`)

    it('prints every line of the terminal transcript', () => {
      const actual = linesOf(runTranscript(new Shell(Lab.load(read(`${mode}.yaml`))), expected))
      const wanted = linesOf(expected)
      const wrong = wanted.flatMap((line, i) =>
        matches(line, actual[i] ?? '') ? [] : [{ line: i + 1, expected: line, actual: actual[i] }],
      )
      expect(wrong).toEqual([])
      expect(actual.length).toBe(wanted.length)
    })

    it('has commands to run', () => {
      expect(transcriptCommands(expected).length).toBeGreaterThan(1)
    })
  })
}

it('a line that differs is noticed', () => {
  expect(matches('time=<any> ms', 'time=0.1 ms')).toBe(true)
  expect(matches('ttl=62 time=<any> ms', 'ttl=63 time=0.1 ms')).toBe(false)
})
