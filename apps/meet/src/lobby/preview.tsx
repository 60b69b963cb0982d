import type { LocalTrack } from '@switchyard/client';
import { Mic, MicOff, Video, VideoOff } from 'lucide-react';
import { type ReactElement, type ReactNode, useEffect, useRef } from 'react';
import { Avatar } from '../shared/avatar.tsx';
import { cx } from '../shared/cx.ts';
import { preferences } from '../shared/preferences.ts';
import { useStore } from '../shared/store.ts';
import css from './preview.module.css';
import type { LobbyDevice } from './use-lobby-devices.ts';

/** What others will see, with the two switches on it. */
export function Preview(props: {
  readonly camera: LobbyDevice;
  readonly microphone: LobbyDevice;
  readonly name: string;
}): ReactElement {
  const { camera, microphone, name } = props;
  return (
    <div className={css['preview']}>
      {camera.state.kind === 'open' ? (
        <PreviewVideo track={camera.state.track} />
      ) : (
        <div className={css['empty']}>
          <Avatar identity={name} name={name || '?'} size="fill" />
          <p>{cameraWords(camera)}</p>
        </div>
      )}
      <div className={css['switches']}>
        <Switch label="Microphone" device={microphone} on={<Mic />} off={<MicOff />} />
        <Switch label="Camera" device={camera} on={<Video />} off={<VideoOff />} />
      </div>
    </div>
  );
}

function cameraWords({ state }: LobbyDevice): string {
  switch (state.kind) {
    case 'opening':
      return 'Your camera is starting';
    case 'failed':
      return 'Your camera does not work yet';
    default:
      return 'Your camera is off';
  }
}

function PreviewVideo(props: { readonly track: LocalTrack }): ReactElement {
  const ref = useRef<HTMLVideoElement>(null);
  const { isMirrored } = useStore(preferences);
  const { track } = props;
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    track.attach(element);
    return () => void track.detach(element);
  }, [track]);
  return (
    <video
      ref={ref}
      className={cx(css['video'], isMirrored && css['mirrored'])}
      aria-label="Your camera"
      autoPlay
      muted
      playsInline
    />
  );
}

function Switch(props: {
  readonly label: string;
  readonly device: LobbyDevice;
  readonly on: ReactNode;
  readonly off: ReactNode;
}): ReactElement {
  const { label, device, on, off } = props;
  const isOn = device.isWanted && device.state.kind !== 'failed';
  return (
    <button
      type="button"
      className={css['switch']}
      aria-label={label}
      aria-pressed={isOn}
      title={isOn ? `Turn ${label.toLowerCase()} off` : `Turn ${label.toLowerCase()} on`}
      onClick={() => {
        if (device.isWanted && device.state.kind === 'failed') device.retry();
        else device.setWanted(!device.isWanted);
      }}
    >
      {isOn ? on : off}
      {device.state.kind === 'failed' && <span className={css['badge']}>!</span>}
    </button>
  );
}
