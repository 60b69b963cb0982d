import { Room, type RoomOptions, SwitchyardError } from '@switchyard/client';
import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
} from 'react';

const RoomContext = createContext<Room | null>(null);

export interface RoomProviderProps {
  readonly children: ReactNode;
  /** A room that the page made itself; it also connects and disconnects it. */
  readonly room?: Room;
  /** Connects to this server with this token, and leaves when unmounted. */
  readonly serverUrl?: string;
  readonly token?: string;
  /** For the room that is made here; later changes have no effect. */
  readonly options?: RoomOptions;
  readonly onError?: (error: SwitchyardError) => void;
}

/** Gives a room to every hook below it. */
export function RoomProvider(props: RoomProviderProps): ReactElement {
  const { children, serverUrl, token, onError } = props;
  const [own] = useState(() => props.room ?? new Room(props.options));
  const room = props.room ?? own;
  const report = useRef(onError);
  useEffect(() => {
    report.current = onError;
  });
  useEffect(() => {
    if (!serverUrl || !token) return;
    const leaving = new AbortController();
    room.connect(serverUrl, token, { signal: leaving.signal }).catch((error: unknown) => {
      if (leaving.signal.aborted || !(error instanceof SwitchyardError)) return;
      report.current?.(error);
    });
    return () => {
      leaving.abort();
      void room.disconnect();
    };
  }, [room, serverUrl, token]);
  return <RoomContext value={room}>{children}</RoomContext>;
}

/** The room of the nearest `RoomProvider`. */
export function useRoom(): Room {
  const room = useContext(RoomContext);
  if (!room) throw new Error('This hook needs a <RoomProvider> above it.');
  return room;
}
