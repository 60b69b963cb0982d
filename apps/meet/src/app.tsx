import type { ReactElement } from 'react';
import { useLocation } from 'wouter';
import { LandingPage } from './landing/landing-page.tsx';
import { roomOfPath } from './landing/room-names.ts';
import { NotFoundPage } from './room/not-found-page.tsx';
import { RoomPage } from './room/room-page.tsx';

/** `/` is the landing page, `/{room}` a room. */
export function App(): ReactElement {
  const [path] = useLocation();
  if (path === '/' || path === '') return <LandingPage />;
  const room = roomOfPath(path);
  return room ? <RoomPage key={room} room={room} /> : <NotFoundPage />;
}
