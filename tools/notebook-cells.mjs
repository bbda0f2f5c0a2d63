// The cells of a notebook from the text it is written in: prose, and TypeScript between fences.
//
// ```ts          a cell of code
// ```ts folded   the same, shown closed: a worked answer
// Anything else between two cells of code is one cell of Markdown, other fences included.

const FENCE = /^```(\S*) ?(\S*)$/

/** The cells of a text, as nbformat 4.5 has them, without outputs. */
export function cellsOf(text) {
  const cells = []
  let lines = []
  let open = null
  const close = (make) => {
    const source = lines.join('\n').replace(/^\n+|\s+$/g, '')
    if (source !== '') cells.push(make(source))
    lines = []
  }
  for (const line of text.split('\n')) {
    const fence = FENCE.exec(line)
    if (open === null && fence?.[1] === 'ts') {
      close(proseCell)
      open = fence[2]
    } else if (open !== null && line === '```') {
      const word = open
      close((source) => codeCell(source, word))
      open = null
    } else {
      lines.push(line)
    }
  }
  if (open !== null) throw new Error('a fence of TypeScript is not closed')
  close(proseCell)
  return cells.map((cell, i) => ({ id: `cell-${String(i + 1).padStart(2, '0')}`, ...cell }))
}

function proseCell(source) {
  return { cell_type: 'markdown', metadata: {}, source }
}

function codeCell(source, word) {
  if (word !== '' && word !== 'folded') throw new Error(`\`\`\`ts ${word}: only "folded" is known`)
  const metadata = word === 'folded' ? { jupyter: { source_hidden: true }, tags: ['folded'] } : {}
  return { cell_type: 'code', execution_count: null, metadata, outputs: [], source }
}

/** A notebook of these cells, not run yet. */
export function notebookOf(text) {
  return {
    cells: cellsOf(text),
    metadata: {
      kernelspec: { display_name: 'TypeScript', language: 'typescript', name: 'deno' },
      language_info: {
        codemirror_mode: 'typescript',
        file_extension: '.ts',
        mimetype: 'text/x.typescript',
        name: 'typescript',
        nbconvert_exporter: 'script',
        pygments_lexer: 'typescript',
        version: '6.0.3',
      },
    },
    nbformat: 4,
    nbformat_minor: 5,
  }
}

/** A cell without what running it leaves. */
export function written({ cell_type, id, metadata, source }) {
  return { cell_type, id, metadata, source: [source].flat().join('') }
}
