import type { Place } from '../control/index.ts'

/** Lines and columns of a text, found when somebody asks. */
export class TextLines {
  private readonly file: string
  private readonly text: string
  private starts: number[] | undefined

  constructor(file: string, text: string) {
    this.file = file
    this.text = text
  }

  /** Line and column of an index, both from 1. */
  place(offset: number): Place {
    this.starts ??= lineStartsOf(this.text)
    const { starts } = this
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return { file: this.file, line: low + 1, column: offset - starts[low]! + 1 }
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
