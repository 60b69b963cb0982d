import { lazy, type ReactElement, Suspense, useCallback, useState } from 'react';
import type { CallOutcome, CallSession } from '../call/session.ts';
import { EndPage } from '../end/end-page.tsx';
import { recentRooms } from '../landing/recent-rooms.ts';
import { type JoinRequest, LobbyPage } from '../lobby/lobby-page.tsx';
import { preferences } from '../shared/preferences.ts';
import { browserStorage } from '../shared/storage.ts';
import { invitationOf, requestAccess } from './access.ts';
import { browserIdentity, randomId, takeSeat } from './identity.ts';
import { knownProblem, type Problem, problemOf } from './problem.ts';

const CallView = lazy(() =>
  import('../call/index.ts').then(({ CallView: view }) => ({ default: view })),
);

type Phase =
  | { readonly kind: 'lobby'; readonly isJoining: boolean; readonly problem: Problem | null }
  | { readonly kind: 'call'; readonly session: CallSession }
  | { readonly kind: 'ended'; readonly outcome: CallOutcome };

const LOBBY: Phase = { kind: 'lobby', isJoining: false, problem: null };

/** `/{room}`: the lobby, then the call, then what is to say about it. */
export function RoomPage(props: { readonly room: string }): ReactElement {
  const { room } = props;
  const [phase, setPhase] = useState<Phase>(LOBBY);

  const join = useCallback(
    async (request: JoinRequest) => {
      setPhase({ kind: 'lobby', isJoining: true, problem: null });
      const result = await enter(room, request);
      if (result.kind === 'refused') {
        setPhase({ kind: 'lobby', isJoining: false, problem: result.problem });
        return;
      }
      recentRooms.add(room, Date.now());
      setPhase({ kind: 'call', session: result.session });
    },
    [room],
  );

  switch (phase.kind) {
    case 'lobby':
      return (
        <LobbyPage
          room={room}
          isJoining={phase.isJoining}
          problem={phase.problem}
          onJoin={(request) => void join(request)}
        />
      );
    case 'call':
      return (
        <Suspense>
          <CallView
            session={phase.session}
            onEnd={(outcome) => setPhase({ kind: 'ended', outcome })}
          />
        </Suspense>
      );
    case 'ended':
      return <EndPage room={room} outcome={phase.outcome} onRejoin={() => setPhase(LOBBY)} />;
  }
}

type Entrance =
  | { readonly kind: 'inside'; readonly session: CallSession }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** Seat, token, connection. Never rejects. */
async function enter(room: string, request: JoinRequest): Promise<Entrance> {
  const base = browserIdentity(browserStorage, randomId);
  const seat = await takeSeat(base, navigator.locks as LockManager | undefined, randomId);
  const refuse = (problem: Problem): Entrance => {
    seat.release();
    return { kind: 'refused', problem };
  };
  const access = await requestAccess({
    room,
    identity: seat.identity,
    name: request.name,
    invitation: invitationOf(location.hash),
  });
  if (access.kind === 'refused') return refuse(access.problem);
  const call = await import('../call/index.ts').catch(() => null);
  if (!call) return refuse(knownProblem('callNotLoaded'));
  try {
    const session = await call.CallSession.join({
      serverUrl: location.origin,
      token: access.token,
      name: request.name,
      speakerId: preferences.get().speakerId,
      release: seat.release,
    });
    session.publish(request.takeTracks());
    return { kind: 'inside', session };
  } catch (error) {
    return refuse(problemOf(error));
  }
}
