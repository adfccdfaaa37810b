import { setCommand } from '../../src/cli/command/names.js'

export default setCommand('tenant')
