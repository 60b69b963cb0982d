// The programs that the end-to-end tests use and that do not come through npm. Plain JavaScript for older Nodes.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PACKAGES = [
  'chromium',
  'firefox-esr',
  'ffmpeg',
  'python3-gi',
  'gir1.2-gst-plugins-bad-1.0',
  'gir1.2-gstreamer-1.0',
  'gstreamer1.0-tools',
  'gstreamer1.0-nice',
  'gstreamer1.0-plugins-base',
  'gstreamer1.0-plugins-good',
  'gstreamer1.0-plugins-bad',
  'gstreamer1.0-plugins-ugly',
  'gstreamer1.0-libav',
];

/** Installs the missing packages where that is possible. Returns one sentence about what is left out, or ''. */
export function ensureDebianPackages() {
  if (!existsSync('/usr/bin/dpkg-query')) {
    return 'not a Debian system: tests that need chromium, firefox-esr or gstreamer are skipped unless these are found';
  }
  const missing = missingPackages();
  if (missing.length === 0) return '';
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    return `tests that need ${missing.join(', ')} are skipped: not installed, and only root may install packages`;
  }
  console.error(`Installing ${missing.join(', ')} (apt, once) …`);
  const lock = ['-o', 'DPkg::Lock::Timeout=300'];
  apt([...lock, 'update']);
  const output = apt([...lock, 'install', '-y', '--no-install-recommends', ...missing]);
  const left = missingPackages();
  if (left.length === 0) return '';
  const reason =
    output.split('\n').find((line) => line.startsWith('E:')) ?? 'apt could not install them';
  return `tests that need ${left.join(', ')} are skipped: ${reason}`;
}

function missingPackages() {
  const { stdout } = spawnSync(
    'dpkg-query',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the format language of dpkg-query
    ['-W', '-f=${Package} ${db:Status-Status}\\n', ...PACKAGES],
    {
      encoding: 'utf8',
    },
  );
  const present = new Set(
    stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return PACKAGES.filter((name) => !present.has(name));
}

function apt(args) {
  const { stdout, stderr } = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 600_000,
  });
  return `${stdout ?? ''}${stderr ?? ''}`;
}
