import type { ServiceType } from '../../model/service.js'
import type { App } from '../app.js'
import { isgwRunner } from '../link/isgw-runner.js'
import type { ServiceRunner } from './runner.js'

export type Runners = Readonly<Record<ServiceType, ServiceRunner>>

/** What each type of service does. */
export const defaultRunners = (app: App): Runners => ({ isgw: isgwRunner(app) })
