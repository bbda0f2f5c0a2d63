import { render } from 'preact'
import { App } from './app.tsx'
import './style.css'
import { beginning } from './begin.ts'

const app = document.getElementById('app')
if (app !== null) {
  app.replaceChildren()
  render(<App {...beginning()} />, app)
}

// Offline after the first visit. The command serves its own copy, which is there or is not.
if (import.meta.env.PROD && 'serviceWorker' in navigator && !beginning().isLocal) {
  window.addEventListener('load', () => {
    navigator.serviceWorker.register('./sw.js').catch(() => {})
  })
}
