import {
  type CaptureOptions,
  type Device,
  type DeviceKind,
  type DevicePreview,
  devices,
  type LocalTrackPublication,
  type MediaState,
  type Participant,
  type StatsSample,
  SwitchyardError,
  type TrackPublication,
  type TrackSource,
} from '@switchyard/client';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useRoom } from './room-context.tsx';
import { useRevision, useSlice } from './use-slice.ts';

/** A publication with its person: what a tile shows. */
export interface TrackReference {
  readonly participant: Participant;
  readonly publication: TrackPublication;
}

const TRACK_EVENTS = [
  'trackPublished',
  'trackUnpublished',
  'localTrackPublished',
  'localTrackUnpublished',
  'participantLeft',
  'stateChanged',
] as const;

/** Publications of the given sources of everybody, oneself first. Renders when one comes or goes. */
export function useTracks(sources: readonly TrackSource[]): readonly TrackReference[] {
  const room = useRoom();
  const key = sources.join();
  const publications = useSlice(room, TRACK_EVENTS, () => {
    const found: TrackPublication[] = [];
    for (const participant of [room.localParticipant, ...room.remoteParticipants.values()]) {
      for (const publication of participant.trackPublications.values()) {
        if (sources.includes(publication.source)) found.push(publication);
      }
    }
    return found;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list stands for what is derived
  return useMemo(() => {
    const references: TrackReference[] = [];
    for (const participant of [room.localParticipant, ...room.remoteParticipants.values()]) {
      for (const publication of participant.trackPublications.values()) {
        if (publications.includes(publication)) references.push({ participant, publication });
      }
    }
    return references;
  }, [room, publications, key]);
}

/** One publication of a person; renders when it is muted, subscribed or changed. */
export function useTrack(participant: Participant, source: TrackSource): TrackPublication | null {
  const publication = useSlice(
    participant,
    ['updated'],
    () => participant.getTrack(source) ?? null,
  );
  useRevision(publication, ['updated']);
  return publication;
}

export interface Toggle {
  /** Shown at once, also while the browser still works on it. */
  readonly isEnabled: boolean;
  readonly isPending: boolean;
  /** Why the last try failed. */
  readonly error: SwitchyardError | null;
  readonly toggle: (isOn?: boolean) => Promise<void>;
}

/** State and action of a microphone or camera button. `capture`: how to open it, as which device. */
export function useTrackToggle(
  source: 'camera' | 'microphone',
  capture: CaptureOptions = {},
): Toggle {
  const { localParticipant } = useRoom();
  return useToggle(source, (isOn) =>
    source === 'camera'
      ? localParticipant.setCameraEnabled(isOn, capture)
      : localParticipant.setMicrophoneEnabled(isOn, capture),
  );
}

/** State and action of a screen share button. `audio`: offer to share sound too. */
export function useScreenShare(options: { audio?: boolean } = {}): Toggle {
  const { localParticipant } = useRoom();
  return useToggle('screenShare', (isOn) => localParticipant.setScreenShareEnabled(isOn, options));
}

function useToggle(
  source: TrackSource,
  set: (isOn: boolean) => Promise<LocalTrackPublication | null>,
): Toggle {
  const { localParticipant } = useRoom();
  const isOn = useSlice(localParticipant, ['updated'], () => {
    const publication = localParticipant.getTrack(source);
    return publication !== undefined && !publication.isMuted;
  });
  const [wish, setWish] = useState<boolean | null>(null);
  const [error, setError] = useState<SwitchyardError | null>(null);
  const isEnabled = wish ?? isOn;
  const toggle = async (next = !isEnabled) => {
    setWish(next);
    setError(null);
    try {
      await set(next);
    } catch (cause) {
      if (!(cause instanceof SwitchyardError)) throw cause;
      // Closing the browser's own dialog is a decision, not a failure.
      setError(cause.code === 'screenShareCancelled' ? null : cause);
    } finally {
      setWish(null);
    }
  };
  return { isEnabled, isPending: wish !== null, error, toggle };
}

/** The computer's devices of one kind, and the choice among them. */
export function useDevices(kind: DeviceKind): {
  readonly devices: readonly Device[];
  readonly activeId: string | null;
  readonly choose: (deviceId: string) => Promise<void>;
} {
  const room = useRoom();
  const { localParticipant } = room;
  const [list, setList] = useState<readonly Device[]>([]);
  const [chosen, setChosen] = useState<string | null>(null);
  const current = useSlice(localParticipant, ['updated'], () =>
    kind === 'speaker' ? null : (localParticipant.getTrack(kind)?.track.deviceId ?? null),
  );
  // Labels appear with the first permission: a new capture is a reason to look again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as said
  useEffect(() => devices.watch(setList, kind), [kind, current]);
  const choose = useCallback(
    async (deviceId: string) => {
      if (kind === 'speaker') await room.setAudioOutput(deviceId);
      else if (localParticipant.getTrack(kind)) await localParticipant.switchDevice(kind, deviceId);
      setChosen(deviceId);
    },
    [room, localParticipant, kind],
  );
  return { devices: list, activeId: chosen ?? current, choose };
}

/** Opens camera and microphone for a lobby; closes them with the component unless `keep` was called. */
export function useDevicePreview(options: {
  readonly camera: boolean;
  readonly microphone: boolean;
  readonly cameraId?: string;
  readonly microphoneId?: string;
}): { readonly preview: DevicePreview | null; readonly keep: () => void } {
  const { camera, microphone, cameraId, microphoneId } = options;
  const [preview, setPreview] = useState<DevicePreview | null>(null);
  const kept = useMemo(() => ({ isKept: false }), []);
  useEffect(() => {
    let isOver = false;
    let opened: DevicePreview | null = null;
    const end = () => {
      if (!kept.isKept) opened?.close();
    };
    void devices
      .preview({
        camera: camera && (cameraId ? { deviceId: cameraId } : true),
        microphone: microphone && (microphoneId ? { deviceId: microphoneId } : true),
      })
      .then((one) => {
        opened = one;
        if (isOver) end();
        else setPreview(one);
      });
    return () => {
      isOver = true;
      end();
    };
  }, [camera, microphone, cameraId, microphoneId, kept]);
  const keep = useCallback(() => {
    kept.isKept = true;
  }, [kept]);
  return { preview, keep };
}

/** The preview's microphone level, 0 to 1. For a leaf that draws the meter. */
export function usePreviewLevel(preview: DevicePreview | null): number {
  const [level, setLevel] = useState(0);
  useEffect(() => preview?.onLevel(setLevel), [preview]);
  return preview ? level : 0;
}

/** Whether the browser wants a click before it plays sound, and what to do in that click. */
export function useAudioPlayback(): {
  readonly isBlocked: boolean;
  readonly start: () => Promise<void>;
} {
  const room = useRoom();
  const isBlocked = useSlice(room, ['audioPlaybackBlocked'], () => room.isAudioBlocked);
  return { isBlocked, start: () => room.startAudio() };
}

export function useMediaState(): MediaState {
  const room = useRoom();
  return useSlice(room, ['mediaStateChanged'], () => room.mediaState);
}

/** Figures of the connection and each track, every `everyMs`; null until two reports were compared. */
export function useStats(everyMs = 1_000): StatsSample | null {
  const room = useRoom();
  const [sample, setSample] = useState<StatsSample | null>(null);
  useEffect(() => room.stats.subscribe(setSample, { everyMs }), [room, everyMs]);
  return sample;
}
