import { string } from '@oclif/core/flags'
import type { App } from '../src/app/app.js'
import { wordsOf } from '../src/app/gateway/log.js'
import { type Outstanding, outstanding } from '../src/app/outstanding.js'
import { type Arrived, type HeldUp, type Waited, wait } from '../src/app/waiting/wait.js'
import { countOf } from '../src/base/counts.js'
import { EfsCommand } from '../src/cli/command/base.js'
import { durationFrom, optional } from '../src/cli/flags/flags.js'
import { waitingText, withLine } from '../src/cli/screen/progress.js'
import { PLAIN_SCREEN } from '../src/cli/screen/screen.js'
import { rounded, secondsText } from '../src/cli/text/amounts.js'
import { isoOf } from '../src/cli/text/iso.js'
import { NONE_BEHIND } from '../src/model/service.js'

export default class Wait extends EfsCommand<undefined> {
  static override summary = 'wait until the other side has what this one has now'
  static override description =
    'The side that takes is asked, not the one that sends. Exit 10: the time ran out; 7: and the peer was never reached; 4: something is held up, or paused.'
  static override examples = [
    '<%= config.bin %> wait hawaii',
    '<%= config.bin %> wait hawaii --bucket Hawaii/Cola/bk1 --timeout 5m',
  ]
  static override args = { service: optional('the name of a service; without it, all that are enabled') }
  static override flags = {
    bucket: string({ helpValue: 'B', summary: 'only this bucket, as it is called here' }),
    object: string({ helpValue: 'KEY', summary: 'only this object of it', dependsOn: ['bucket'] }),
    timeout: string({ helpValue: 'TIME', summary: 'so long at most: 30s, 5m; 0 is for ever', default: '60s' }),
  }

  protected override readonly streams = true
  protected override readonly goesOn = true

  protected override async work(): Promise<undefined> {
    const { args, flags } = await this.parse(Wait)
    const { service } = args
    const { bucket, object } = flags
    const started = performance.now()
    const request = {
      ...(service === undefined ? {} : { service }),
      ...(bucket === undefined ? {} : { bucket }),
      ...(object === undefined ? {} : { object }),
      timeoutMs: durationFrom(flags.timeout, 'timeout'),
    }
    const seconds = (): number => (performance.now() - started) / 1000
    const tell = (one: Arrived): void => {
      const what = object === undefined ? allOf(one) : `${object} is`
      const of = service === undefined ? `${one.service}: ` : ''
      const where = one.direction === 'receive' ? `here, at ${one.at}` : `at ${one.at}`
      this.note(`${this.screen.yes} ${of}${what} ${where}, 0 behind, in ${secondsText(seconds())}`)
    }
    const app = this.app(flags)
    const done = await this.drawn(app, service, (aside) =>
      wait(app, request, this.signal, (one) => {
        const { at: to, ...rest } = one
        void this.event({ type: 'arrived', ...rest, to })
        aside(() => tell(one))
      }),
    )
    await this.tellHeldUp(done)
    const count = { arrived: done.arrived.length, heldUp: done.heldUp.length }
    await this.event({ type: 'summary', ...count, seconds: rounded(seconds()) })
    return undefined
  }

  protected override text(): string {
    return ''
  }

  /** On a terminal, what is behind meanwhile. */
  private async drawn<T>(
    app: App,
    service: string | undefined,
    work: (aside: (say: () => void) => void) => Promise<T>,
  ): Promise<T> {
    const screen = this.quiet || this.json ? PLAIN_SCREEN : this.screen
    let now: Outstanding | undefined
    const look = async (): Promise<void> => {
      now = await outstanding(app, service).catch((error) => ({ behind: NONE_BEHIND, why: wordsOf(error) }))
    }
    const timer = screen.live ? setInterval(look, LOOK_MS) : undefined
    try {
      return await withLine(screen, 'waiting', () => waitingText(now, screen), work)
    } finally {
      clearInterval(timer)
    }
  }

  private async tellHeldUp({ heldUp }: Waited): Promise<void> {
    if (heldUp.length === 0) return
    this.ends(4)
    for (const one of heldUp) {
      const { nextMs, ...what } = one
      await this.event({ type: 'heldUp', ...what, nextTry: isoOf(nextMs) })
      if (!this.json) await this.out(`${lineOf(one)}\n`)
    }
    const tried = heldUp.filter(({ tries }) => tries > 0)
    if (tried.length > 0)
      this.note(`${this.screen.no} ${countOf(tried.length, 'object')} held up: efs why PATH tells more`)
  }
}

const LOOK_MS = 1000

function allOf({ objects }: Arrived): string {
  if (objects === null) return 'what has changed since the first start is'
  return objects === 1 ? 'the only object is' : `all ${countOf(objects, 'object')} are`
}

const lineOf = ({ path, why, tries, nextMs }: HeldUp): string =>
  tries === 0
    ? `${path}: ${why}`
    : `${path}: ${why} (${countOf(tries, 'try', 'tries')}, next ${isoOf(nextMs) ?? 'when it changes, and at the next full pass'})`
