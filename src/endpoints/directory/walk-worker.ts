import { parentPort, workerData } from 'node:worker_threads'
import type { Parked } from '../../model/endpoint.js'
import { Losses } from './losses.js'
import { packRows } from './row-columns.js'
import { Walk } from './walk.js'
import type { PageMessage, PageTask, WalkSetup } from './walk-messages.js'

const port = parentPort
if (port === null) throw new Error('this file runs in a worker thread')
const { root, options, state } = workerData as WalkSetup
const losses = new Losses()
let parked: Parked[] = []
const walk = new Walk({ root, losses, parked: (what) => parked.push(what) }, options, state)

port.on('message', ({ takenMs }: PageTask) => {
  const rows = packRows(walk.page(takenMs))
  const message: PageMessage = { takenMs, rows, parked, lost: losses.take() }
  port.postMessage(message)
  parked = []
})
