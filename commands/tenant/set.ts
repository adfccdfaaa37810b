import { setCommand } from '../../src/cli/name-commands.js'

export default setCommand('tenant', '--number-of-versions 30')
