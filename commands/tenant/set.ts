import { setCommand } from '../../src/cli/name-commands.js'

export default setCommand('tenant')
