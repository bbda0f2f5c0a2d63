import { download } from '../loading.ts'
import { useMedia } from '../use-media.ts'
import { Scrolled } from './scrolled.tsx'
import type { ViewProps } from './views.tsx'

/** Where two lanes find no room beside each other. */
export const NARROW = '(max-width: 40rem)'

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
  const isNarrow = useMedia(NARROW)
  if (run === null)
    return <p class="quiet">{outcome.played === null ? 'On its way …' : 'There is nothing to draw yet.'}</p>
  const pcapng = (): void => {
    void engine
      .ask<'pcapng'>({ kind: 'pcapng', session })
      .result.then((bytes) => download('packetwalk.pcapng', bytes, 'application/x-pcapng'))
  }
  return (
    <>
      <Drawing svg={isNarrow ? run.narrow : run.svg} label="Picture of the run" />
      <p class="take">
        <button type="button" onClick={() => download('packetwalk.svg', run.svg, 'image/svg+xml')}>
          Download SVG
        </button>
        <button type="button" onClick={pcapng} disabled={outcome.by === 'build'}>
          Download for Wireshark
        </button>
      </p>
    </>
  )
}
