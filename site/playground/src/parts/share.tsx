import { type Session, sessionToJson } from 'packetwalk/session'
import { useEffect, useRef, useState } from 'preact/hooks'
import { fragmentOf, LONGEST_LINK } from '../address.ts'
import { download } from '../loading.ts'
import type { View } from '../view.ts'
import { Dialog } from './dialog.tsx'

interface ShareProps {
  readonly session: Session
  readonly view: View
  readonly onClose: () => void
}

/** The session as a link, or as a file. */
export function ShareDialog({ session, view, onClose }: ShareProps) {
  const fragment = fragmentOf(session, view)
  const link = fragment === null ? '' : `${location.origin}${location.pathname}${fragment}`
  const embed = fragment === null ? '' : `${location.origin}${location.pathname}?embed${fragment}`
  const [said, setSaid] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  const copy = (text: string): void => {
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied.'),
      () => setSaid('The browser does not let us copy: select the link and copy it.'),
    )
  }
  return (
    <Dialog title="Share" onClose={onClose}>
      {fragment === null ? (
        <p>
          This session is too long for a link (more than {LONGEST_LINK.toLocaleString('en')} characters). Download it as
          a file; who drops the file on this page sees the same.
        </p>
      ) : (
        <>
          <p>Files, commands, question and seed are all in the link. Nothing is stored anywhere else.</p>
          <div class="copy">
            <input
              ref={field}
              readOnly
              value={link}
              aria-label="Link"
              onFocus={({ currentTarget }) => currentTarget.select()}
            />
            <button type="button" onClick={() => copy(link)}>
              Copy
            </button>
          </div>
          <p class="quiet">
            {link.length.toLocaleString('en')} characters.{' '}
            <button
              type="button"
              class="plain"
              onClick={() => copy(`<iframe src="${embed}" width="100%" height="600" title="packetwalk"></iframe>`)}
            >
              Copy as a frame for your own page
            </button>
          </p>
        </>
      )}
      <p>
        <button
          type="button"
          onClick={() => download('session.packetwalk.json', sessionToJson(session), 'application/json')}
        >
          Download as a file
        </button>
      </p>
      <p role="status">{said}</p>
    </Dialog>
  )
}
