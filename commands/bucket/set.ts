import { setCommand } from '../../src/cli/name-commands.js'

export default setCommand('bucket', '--chunk-size 1M --number-of-versions 30')
