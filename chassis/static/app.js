// Every page works without this script; it only starts the components of the NHS.UK frontend.
import { initAll } from './vendor/nhsuk.js'

initAll()
