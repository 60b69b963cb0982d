import type { LocalTrack } from '@switchyard/client';
import { LoaderCircle } from 'lucide-react';
import { type FormEvent, type ReactElement, useEffect, useState } from 'react';
import type { Problem } from '../room/problem.ts';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import field from '../shared/field.module.css';
import { Notice } from '../shared/notice.tsx';
import { PageHeader } from '../shared/page-header.tsx';
import { preferences } from '../shared/preferences.ts';
import { useStore } from '../shared/store.ts';
import { DeviceRow } from './device-row.tsx';
import css from './lobby.module.css';
import { Preview } from './preview.tsx';
import { type LobbyDevice, useLobbyDevices } from './use-lobby-devices.ts';

/** What somebody takes along into the call. Null: that device stays off. */
export interface JoinRequest {
  readonly name: string;
  /** Hands the running captures over; to be called once, when the room is open. */
  readonly takeTracks: () => { camera: LocalTrack | null; microphone: LocalTrack | null };
}

/** Name, devices, and the door. */
export function LobbyPage(props: {
  readonly room: string;
  readonly isJoining: boolean;
  readonly problem: Problem | null;
  readonly onJoin: (request: JoinRequest) => void;
}): ReactElement {
  const { room, isJoining, problem, onJoin } = props;
  const { name } = useStore(preferences);
  const { camera, microphone } = useLobbyDevices();
  const [isAsked, setIsAsked] = useState(false);
  const isNameMissing = isAsked && name.trim() === '';

  const join = (isListening: boolean) => {
    setIsAsked(true);
    if (name.trim() === '') {
      document.getElementById('name')?.focus();
      return;
    }
    preferences.change({ name: name.trim() });
    const take = (device: LobbyDevice) => (isListening ? null : device.capture.take());
    onJoin({
      name: name.trim(),
      takeTracks: () => ({ camera: take(camera), microphone: take(microphone) }),
    });
  };

  return (
    <div className={css['page']}>
      <title>{`${room} · Switchyard Meet`}</title>
      <PageHeader />
      <main className={css['main']}>
        <section className={css['devices']} aria-label="Camera, microphone and speaker">
          <Preview camera={camera} microphone={microphone} name={name} />
          <DeviceRow camera={camera} microphone={microphone} />
        </section>
        <form
          className={css['door']}
          noValidate
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            join(false);
          }}
        >
          <header className={css['heading']}>
            <p className={css['eyebrow']}>You are about to join</p>
            <h1 className={css['room']}>{room}</h1>
          </header>
          <div className={field['field']}>
            <label className={field['label']} htmlFor="name">
              Your name
            </label>
            <input
              id="name"
              className={field['input']}
              autoComplete="name"
              maxLength={64}
              placeholder="As others will see it"
              value={name}
              aria-invalid={isNameMissing || undefined}
              aria-describedby={isNameMissing ? 'name-error' : undefined}
              onChange={(event) => preferences.change({ name: event.target.value })}
            />
            {isNameMissing && (
              <p id="name-error" className={css['error']} role="alert">
                Please tell the others your name.
              </p>
            )}
          </div>
          {problem && (
            <Notice tone="danger" title={problem.title} isUrgent>
              {problem.fix}
            </Notice>
          )}
          <div className={css['buttons']}>
            <button
              type="submit"
              className={cx(button['button'], button['large'], button['wide'], button['primary'])}
              disabled={isJoining}
            >
              {isJoining && (
                <LoaderCircle aria-hidden="true" className={css['spinner']} size={18} />
              )}
              {isJoining ? 'Joining' : 'Join'}
            </button>
            <button
              type="button"
              className={cx(button['button'], button['wide'], button['quiet'])}
              disabled={isJoining}
              onClick={() => join(true)}
            >
              Join without camera and microphone
            </button>
          </div>
        </form>
      </main>
      <LoadCallAhead />
    </div>
  );
}

/** Brings the code of the call while the person looks into the mirror. */
function LoadCallAhead(): null {
  useEffect(() => {
    const timer = setTimeout(() => void import('../call/index.ts').catch(() => undefined), 300);
    return () => clearTimeout(timer);
  }, []);
  return null;
}
