import { type Toggle, useDevices, useTrackToggle } from '@switchyard/react';
import { preferences } from '../shared/preferences.ts';
import { useStore } from '../shared/store.ts';

/** A microphone or camera button that opens the device chosen in the lobby, if it is still there. */
export function useDeviceToggle(source: 'camera' | 'microphone'): Toggle {
  const preferredId = useStore(preferences)[`${source}Id`];
  const { devices } = useDevices(source);
  const isThere = devices.some(({ deviceId }) => deviceId === preferredId);
  return useTrackToggle(source, preferredId && isThere ? { deviceId: preferredId } : {});
}
