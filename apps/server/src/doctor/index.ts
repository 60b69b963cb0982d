import { tlsIdentity } from '../composition/tls.ts';
import type { Config } from '../config/index.ts';
import { mediaAddresses, systemAddresses } from '../network/addresses.ts';
import { DataFolder } from '../secrets/data-folder.ts';
import { checkAddresses } from './addresses.ts';
import { checkCertificate } from './certificate.ts';
import type { Finding } from './check.ts';
import { checkPorts } from './ports.ts';
import { checkClock, checkNode, checkSockets } from './system.ts';

export { type Finding, printFinding } from './check.ts';

/** Looks at everything that a server with this configuration needs. */
export async function examine(config: Config): Promise<Finding[]> {
  const isDevelopment = Object.keys(config.keys).length === 0 && config.auth.issuer === undefined;
  const addresses = mediaAddresses(config.rtc.advertise, systemAddresses(), isDevelopment);
  return [
    checkNode(),
    checkClock(),
    await checkSockets(config),
    ...(await checkPorts(config, addresses)),
    ...(await checkAddresses(addresses)),
    certificate(config),
  ];
}

function certificate(config: Config): Finding {
  const { mode } = config.tls;
  try {
    const identity = tlsIdentity(config, new DataFolder(config.data.folder), systemAddresses());
    if (!identity.ok) return checkCertificate(identity.error, mode);
    return checkCertificate(identity.value?.cert.toString() ?? null, mode);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return checkCertificate({ message, fix: 'Make data.folder writable for this user.' }, mode);
  }
}
