import { Command } from 'commander';
import { VERSION } from '../version.ts';
import { configCommand } from './config.ts';
import { keysCommand, tokenCommand } from './credentials.ts';
import { doctorCommand } from './doctor.ts';
import { participantCommand } from './participants.ts';
import { roomCommand } from './rooms.ts';
import { startCommand } from './start.ts';

/** The `sy` program. Without a command it starts the server. */
export function createProgram(): Command {
  return new Command('sy')
    .description('Switchyard: rooms, calls and broadcasts from one server')
    .version(VERSION)
    .addCommand(startCommand(), { isDefault: true })
    .addCommand(configCommand())
    .addCommand(keysCommand())
    .addCommand(tokenCommand())
    .addCommand(roomCommand())
    .addCommand(participantCommand())
    .addCommand(doctorCommand());
}
