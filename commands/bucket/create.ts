import { createCommand } from '../../src/cli/name-commands.js'

export default createCommand('bucket', '--chunk-size 1M --number-of-versions 30')
