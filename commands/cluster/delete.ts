import { deleteCommand } from '../../src/cli/command/names.js'

export default deleteCommand('cluster')
