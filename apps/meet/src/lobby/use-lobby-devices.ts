import { type Device, type DeviceKind, devices } from '@switchyard/client';
import { useEffect, useState } from 'react';
import { preferences } from '../shared/preferences.ts';
import { useStore } from '../shared/store.ts';
import { Capture, type CaptureState } from './capture.ts';

export interface LobbyDevice {
  readonly capture: Capture;
  readonly state: CaptureState;
  readonly isWanted: boolean;
  readonly setWanted: (isWanted: boolean) => void;
  readonly retry: () => void;
}

/** Camera and microphone as the person wants them; both end with the lobby unless the call took them. */
export function useLobbyDevices(): {
  readonly camera: LobbyDevice;
  readonly microphone: LobbyDevice;
} {
  const { isCameraOn, isMicrophoneOn, cameraId, microphoneId } = useStore(preferences);
  return {
    camera: useLobbyDevice('camera', isCameraOn, cameraId),
    microphone: useLobbyDevice('microphone', isMicrophoneOn, microphoneId),
  };
}

function useLobbyDevice(
  source: 'camera' | 'microphone',
  isWanted: boolean,
  deviceId: string,
): LobbyDevice {
  const [capture] = useState(() => new Capture(source));
  const state = useStore(capture);
  useEffect(() => {
    if (isWanted) void capture.start(deviceId);
    else capture.stop();
  }, [capture, isWanted, deviceId]);
  useEffect(() => () => capture.stop(), [capture]);
  const setWanted = (next: boolean) =>
    preferences.change(source === 'camera' ? { isCameraOn: next } : { isMicrophoneOn: next });
  return { capture, state, isWanted, setWanted, retry: () => void capture.start(deviceId) };
}

/** Devices of one kind. Their names appear with the first permission, so `revision` asks again. */
export function useDeviceList(kind: DeviceKind, revision: string): readonly Device[] {
  const [list, setList] = useState<readonly Device[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: as the comment above says
  useEffect(() => devices.watch(setList, kind), [kind, revision]);
  return list;
}
