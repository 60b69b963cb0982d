// The page of the room tests, bundled with the SDK by ../room-page.ts: shows everybody's pictures in labelled elements and
// notes what happens. Plain JavaScript like media.js; ../room-page.ts has the typed calls.

import { Room } from '@switchyard/client';
import { play, publish } from '@switchyard/client/whip';

const events = [];
let room = null;

/** Joins; resolves when camera and microphone, as far as wanted, are published. */
async function join({ url, token, camera, microphone, width, height, roomOptions }) {
  room = new Room(roomOptions);
  globalThis.conference.room = room;
  const note = (kind, ...rest) =>
    events.push({ kind, detail: rest.join(' '), at: performance.now() });
  for (const kind of [
    'connected',
    'reconnecting',
    'reconnected',
    'mediaStateChanged',
    'disconnected',
  ])
    room.on(kind, (...args) => note(kind, args[0] ?? ''));
  room.on('mediaFailed', (error) => note('mediaFailed', error.code, error.message));
  room.on('participantJoined', (participant) => note('participantJoined', participant.name));
  room.on('participantLeft', (participant, reason) =>
    note('participantLeft', participant.name, reason),
  );
  room.on('chatMessage', (message) => note('chatMessage', message.text));
  room.on('activeSpeakersChanged', (speakers) =>
    note('speakers', ...speakers.map((one) => one.name)),
  );
  room.on('trackMuted', (publication, participant) =>
    note('trackMuted', participant.name, publication.source),
  );
  room.on('trackUnmuted', (publication, participant) =>
    note('trackUnmuted', participant.name, publication.source),
  );
  room.on('trackPublished', (publication, participant) => {
    note('trackPublished', participant.name, publication.source);
    if (publication.kind !== 'video') return;
    const video = document.createElement('video');
    video.setAttribute('aria-label', `${participant.name}/${publication.source}`);
    video.style.cssText = `width:${width}px;height:${height}px`;
    document.body.append(video);
    video.requestVideoFrameCallback(() => note('firstFrame', video.ariaLabel));
    publication.track.attach(video);
  });
  room.on('trackUnpublished', (publication, participant) => {
    note('trackUnpublished', participant.name, publication.source);
    for (const element of publication.track.detach()) element.remove();
  });
  await room.connect(url, token);
  if (microphone) {
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    await room.localParticipant.setMicrophoneEnabled(true, plain);
  }
  if (camera) await room.localParticipant.setCameraEnabled(true);
}

globalThis.conference = { room, events, join, publish, play };
