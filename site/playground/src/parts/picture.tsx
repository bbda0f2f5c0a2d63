import { download } from '../loading.ts'
import { Scrolled } from './scrolled.tsx'
import type { ViewProps } from './views.tsx'

/** An SVG document of packetwalk in the page, text as text. */
export function Drawing({ svg, label }: { readonly svg: string; readonly label: string }) {
  // Made by renderSvg, which escapes what the input says.
  const drawing = <div dangerouslySetInnerHTML={{ __html: svg }} />
  return (
    <Scrolled class="drawing" label={label}>
      {drawing}
    </Scrolled>
  )
}

/** The run as a picture, and as files to take along. */
export function Picture({ outcome, session, engine }: ViewProps) {
  const run = outcome.played?.run ?? null
  if (run === null)
    return <p class="quiet">{outcome.played === null ? 'On its way …' : 'There is nothing to draw yet.'}</p>
  const svg = (): void => {
    void engine
      .ask<'svg'>({ kind: 'svg', session })
      .result.then((text) => download('packetwalk.svg', text, 'image/svg+xml'))
  }
  const pcapng = (): void => {
    void engine
      .ask<'pcapng'>({ kind: 'pcapng', session })
      .result.then((bytes) => download('packetwalk.pcapng', bytes, 'application/x-pcapng'))
  }
  return (
    <>
      <Drawing svg={outcome.played?.svg ?? ''} label="Picture of the run" />
      <p class="take">
        <button type="button" onClick={svg} disabled={outcome.by === 'build'}>
          Download SVG
        </button>
        <button type="button" onClick={pcapng} disabled={outcome.by === 'build'}>
          Download for Wireshark
        </button>
      </p>
    </>
  )
}
