import { ArrowRight, ShieldCheck, Video, X } from 'lucide-react';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useLocation } from 'wouter';
import button from '../shared/button.module.css';
import { cx } from '../shared/cx.ts';
import field from '../shared/field.module.css';
import { PageHeader } from '../shared/page-header.tsx';
import { useStore } from '../shared/store.ts';
import { timeAgo } from '../shared/time-words.ts';
import css from './landing.module.css';
import { recentRooms } from './recent-rooms.ts';
import { makeRoomName, pathOfRoom, randomBits, toRoomName } from './room-names.ts';
import { RoomPicture } from './room-picture.tsx';

/** `/`: a new meeting in one click, a known one by its name or link. */
export function LandingPage(): ReactElement {
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState('');
  const room = toRoomName(typed);

  const join = (event: FormEvent) => {
    event.preventDefault();
    if (room) navigate(pathOfRoom(room));
  };

  return (
    <div className={css['page']}>
      <title>Switchyard Meet</title>
      <PageHeader />
      <main className={css['main']}>
        <section className={css['start']}>
          <h1 className={css['title']}>Meetings on your own server</h1>
          <p className={css['lead']}>
            No account and nothing to install. Share a link, and whoever opens it is in the room.
          </p>
          <div className={css['actions']}>
            <button
              type="button"
              className={cx(button['button'], button['large'], button['primary'])}
              onClick={() => navigate(pathOfRoom(makeRoomName(randomBits)))}
            >
              <Video aria-hidden="true" size={20} strokeWidth={1.75} />
              New meeting
            </button>
            <form className={css['join']} onSubmit={join}>
              <label className="visually-hidden" htmlFor="room">
                Room name or link
              </label>
              <input
                id="room"
                className={cx(field['input'], css['room'])}
                placeholder="Room name or link"
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                maxLength={512}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
              <button
                type="submit"
                className={cx(button['button'], button['large'], button['secondary'], css['go'])}
                disabled={room === null}
              >
                Join
                <ArrowRight aria-hidden="true" size={18} strokeWidth={1.75} />
              </button>
            </form>
          </div>
          <p className={css['promise']}>
            <ShieldCheck aria-hidden="true" size={18} strokeWidth={1.75} />
            Sound and pictures are encrypted on their way. This page loads nothing from anywhere
            else.
          </p>
          <RecentRoomList />
        </section>
        <RoomPicture />
      </main>
    </div>
  );
}

function RecentRoomList(): ReactElement | null {
  const rooms = useStore(recentRooms);
  const [, navigate] = useLocation();
  if (rooms.length === 0) return null;
  return (
    <section className={css['recent']} aria-labelledby="recent">
      <h2 id="recent" className={css['subtitle']}>
        Recent rooms
      </h2>
      <ul className={css['list']}>
        {rooms.map(({ room, visitedAt }) => (
          <li key={room} className={css['item']}>
            <a
              className={css['link']}
              href={pathOfRoom(room)}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                event.preventDefault();
                navigate(pathOfRoom(room));
              }}
            >
              <span className={css['name']}>{room}</span>
              <span className={css['time']}>{timeAgo(visitedAt, Date.now())}</span>
            </a>
            <button
              type="button"
              className={css['forget']}
              aria-label={`Forget ${room}`}
              onClick={() => recentRooms.forget(room)}
            >
              <X aria-hidden="true" size={16} strokeWidth={1.75} />
            </button>
          </li>
        ))}
      </ul>
      <p className={css['hint']}>Kept in this browser only.</p>
    </section>
  );
}
