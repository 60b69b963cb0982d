import { AudioLines, Camera, LoaderCircle, Mic, Volume2 } from 'lucide-react';
import { type ReactElement, useEffect, useState } from 'react';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import { Notice } from '../shared/notice.tsx';
import { preferences } from '../shared/preferences.ts';
import { useStore } from '../shared/store.ts';
import { deviceProblem } from './device-problem.ts';
import css from './device-row.module.css';
import { DeviceSelect } from './device-select.tsx';
import { LevelMeter } from './level-meter.tsx';
import { checkServer, type ServerCheck } from './server-check.ts';
import { playTestSound } from './speaker-test.ts';
import { type LobbyDevice, useDeviceList } from './use-lobby-devices.ts';

/** Choices under the preview, and what is wrong with what was chosen. */
export function DeviceRow(props: {
  readonly camera: LobbyDevice;
  readonly microphone: LobbyDevice;
}): ReactElement {
  const { camera, microphone } = props;
  const { cameraId, microphoneId, speakerId } = useStore(preferences);
  const revision = `${camera.state.kind} ${microphone.state.kind}`;
  const cameras = useDeviceList('camera', revision);
  const microphones = useDeviceList('microphone', revision);
  const speakers = useDeviceList('speaker', revision);
  const openTrack = microphone.state.kind === 'open' ? microphone.state.track : null;
  return (
    <div className={css['row']}>
      <div className={css['selects']}>
        <DeviceSelect
          label="Microphone device"
          Icon={Mic}
          devices={microphones}
          value={openTrack?.deviceId ?? microphoneId}
          onChange={(id) => preferences.change({ microphoneId: id, isMicrophoneOn: true })}
        />
        <DeviceSelect
          label="Camera device"
          Icon={Camera}
          devices={cameras}
          value={(camera.state.kind === 'open' && camera.state.track.deviceId) || cameraId}
          onChange={(id) => preferences.change({ cameraId: id, isCameraOn: true })}
        />
        <DeviceSelect
          label="Speaker device"
          Icon={Volume2}
          devices={speakers}
          value={speakerId}
          onChange={(id) => preferences.change({ speakerId: id })}
        />
      </div>
      <div className={css['checks']}>
        {openTrack ? (
          <LevelMeter key={openTrack.deviceId} track={openTrack} />
        ) : (
          <p className={css['quiet']}>
            {microphone.state.kind === 'failed'
              ? 'Your microphone does not work yet.'
              : 'Your microphone is off.'}
          </p>
        )}
        <SpeakerTest speakerId={speakerId} />
      </div>
      <Problems devices={[camera, microphone]} />
      <ServerLine />
    </div>
  );
}

/** One permission dialog serves both devices, so the same answer for both is told once. */
function Problems(props: { readonly devices: readonly LobbyDevice[] }): ReactElement {
  const told = new Set<string>();
  const failed = props.devices.flatMap(({ capture, state, retry }) => {
    if (state.kind !== 'failed') return [];
    const problem = deviceProblem(capture.source, state.code, navigator.userAgent);
    return [{ source: capture.source, code: state.code, problem, retry }];
  });
  const isOrigin = failed.some(({ code }) => code === 'insecureOrigin');
  return (
    <>
      {failed.map(({ source, code, problem, retry }) => {
        if (isOrigin && told.has(code)) return null;
        told.add(code);
        return (
          <Notice
            key={source}
            tone="warn"
            title={problem.title}
            action={
              problem.isRetryable && (
                <button
                  type="button"
                  className={cx(button['button'], button['small'], button['secondary'])}
                  onClick={retry}
                >
                  Try again
                </button>
              )
            }
          >
            {problem.fix}
          </Notice>
        );
      })}
    </>
  );
}

function SpeakerTest(props: { readonly speakerId: string }): ReactElement {
  const [isPlaying, setIsPlaying] = useState(false);
  const play = () => {
    setIsPlaying(true);
    // A browser that cannot route sound to this device has told so in its own way; the button is free again.
    void playTestSound(props.speakerId)
      .catch(() => undefined)
      .then(() => setIsPlaying(false));
  };
  return (
    <button
      type="button"
      className={cx(button['button'], button['quiet'], css['test'])}
      disabled={isPlaying}
      onClick={play}
    >
      {isPlaying ? (
        <AudioLines aria-hidden="true" size={18} strokeWidth={1.75} />
      ) : (
        <Volume2 aria-hidden="true" size={18} strokeWidth={1.75} />
      )}
      {isPlaying ? 'Playing' : 'Test speaker'}
    </button>
  );
}

/** One line about the way to the server. */
function ServerLine(): ReactElement {
  const [check, setCheck] = useState<ServerCheck>({ kind: 'checking' });
  useEffect(() => {
    let isOver = false;
    const run = () =>
      void checkServer(() => performance.now()).then((result) => isOver || setCheck(result));
    run();
    window.addEventListener('online', run);
    return () => {
      isOver = true;
      window.removeEventListener('online', run);
    };
  }, []);
  return (
    <p className={css['server']} data-state={check.kind} role="status">
      {check.kind === 'checking' ? (
        <LoaderCircle aria-hidden="true" size={14} />
      ) : (
        <span className={css['dot']} aria-hidden="true" />
      )}
      {serverWords(check)}
    </p>
  );
}

function serverWords(check: ServerCheck): string {
  switch (check.kind) {
    case 'checking':
      return 'Checking the way to the server';
    case 'reached':
      return `The server answers within ${Math.max(1, Math.ceil(check.roundTripMs))} ms.`;
    case 'unreachable':
      return 'The server does not answer. Check that you are online.';
  }
}
