import { render } from 'preact'
import { App } from './app.tsx'
import './style.css'
import { beginning } from './begin.ts'

const app = document.getElementById('app')
if (app !== null) {
  app.replaceChildren()
  render(<App {...beginning()} />, app)
}
