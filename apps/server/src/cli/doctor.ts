import { Command } from 'commander';
import { ExitCode, type SettingOptions, settingsOrExit, withSettings } from './settings.ts';

interface DoctorOptions extends SettingOptions {
  readonly json?: boolean;
}

/** `sy doctor`: exits with 5 when something would keep the server from working. */
export function doctorCommand(): Command {
  return withSettings(new Command('doctor'))
    .description('look at ports, addresses, certificate, clock and system for what is wrong')
    .option('--json', 'print the findings as JSON')
    .action(diagnose);
}

async function diagnose(options: DoctorOptions): Promise<void> {
  const { config } = await settingsOrExit(options);
  // Loaded here, so that the other commands answer at once.
  const { examine, printFinding } = await import('../doctor/index.ts');
  const findings = await examine(config);
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ findings })}\n`
      : `${findings.map(printFinding).join('\n')}\n`,
  );
  if (findings.some(({ status }) => status === 'fail')) process.exitCode = ExitCode.checkFailed;
}
