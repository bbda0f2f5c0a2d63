/** What holds an output of a notebook: JupyterLab and the pages of nbconvert name the parts alike. */
const OUTPUT = '.jp-OutputArea-output'

/** What draws a run, or what happened over time. */
const PICTURE = ':is(.packetwalk,.pw-timeline)'

/**
 * Gives a picture the width of a phone: the prompt beside it and the margins around it take half of 360 pixels otherwise. It
 * touches nothing but what holds a picture.
 */
const CSS = `@media (max-width:600px){${[
  `.jp-OutputArea-child:has(>${OUTPUT}>${PICTURE})>.jp-OutputPrompt{display:none}`,
  `${OUTPUT}:has(>${PICTURE}){padding-right:0}`,
  `.jp-Cell:has(${OUTPUT}>${PICTURE}){margin-left:-10px;margin-right:-10px}`,
  `.jp-OutputArea ${OUTPUT}>section${PICTURE}${PICTURE}${PICTURE}{padding:10px 8px}`,
].join('')}}`

/** A picture as a notebook shows it. */
export function notebookHtml(html: string): string {
  return `<style>${CSS}</style>${html}`
}
