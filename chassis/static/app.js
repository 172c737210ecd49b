// Every page works without this script; it only starts the components of the NHS.UK frontend.
import { initAll } from './vendor/nhsuk.js'

initAll()

// Two minutes before a session ends by itself the page says so; whoever is still there stays with one button.
const rest = document.getElementById('rest')
const WARNS_SECONDS = 120

if (rest) {
  const part = (name) => rest.querySelector(`[data-part="${name}"]`)
  const say = (isOver) => {
    part('soon').hidden = isOver
    part('stay').hidden = isOver
    part('over').hidden = !isOver
    rest.hidden = false
  }
  let timers = []
  const wait = (seconds) => {
    timers.forEach(clearTimeout)
    rest.hidden = true
    const later = (work, after) => setTimeout(work, Math.max(0, after) * 1000)
    timers = [later(() => say(false), seconds - WARNS_SECONDS), later(() => say(true), seconds)]
  }
  part('stay').addEventListener('click', async () => {
    const answer = await fetch('/sign-in/stay', { method: 'POST' }).catch(() => null)
    if (answer?.ok) wait((await answer.json()).rests_in)
    else say(true)
  })
  wait(Number(rest.dataset.restsIn))
}
