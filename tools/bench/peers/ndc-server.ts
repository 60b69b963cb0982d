/**
 * The smallest possible WHIP/WHEP forwarder over the npm package node-datachannel (libdatachannel): every RTP packet
 * passes through a JavaScript callback and one native send per subscriber. Not a product: no RTCP, no retransmission,
 * no renumbering. A yardstick for JavaScript on the packet path.
 */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { PeerConnection, type Track } from 'node-datachannel';

const GATHERING_MS = 5_000;
/** Subscribers' tracks by publisher and kind. */
const rooms = new Map<string, Record<'audio' | 'video', Track[]>>();
/** Native objects end when JavaScript forgets them. */
const kept: (PeerConnection | Track)[] = [];

function room(name: string): Record<'audio' | 'video', Track[]> {
  const found = rooms.get(name) ?? { audio: [], video: [] };
  rooms.set(name, found);
  return found;
}

function accept(offer: string, onTrack: (track: Track) => void): Promise<string> {
  const answer = Promise.withResolvers<string>();
  const pc = new PeerConnection('bench', {
    iceServers: [],
    bindAddress: '127.0.0.1',
    disableFingerprintVerification: true,
  });
  kept.push(pc);
  const timer = setTimeout(() => answer.reject(new Error('gathering took too long')), GATHERING_MS);
  pc.onTrack(onTrack);
  pc.onGatheringStateChange((state) => {
    if (state !== 'complete') return;
    clearTimeout(timer);
    answer.resolve(pc.localDescription()?.sdp ?? '');
  });
  // The package's type names this parameter by its enumeration only.
  pc.setRemoteDescription(offer, 'offer' as Parameters<PeerConnection['setRemoteDescription']>[1]);
  return answer.promise;
}

const server = createServer((request, response) => {
  const [, kind, name] = /^\/(whip|whep)\/(\w+)/.exec(request.url ?? '') ?? [];
  if (kind === undefined || name === undefined) {
    response.end('ok');
    return;
  }
  const subscribers = room(name);
  text(request)
    .then((offer) =>
      accept(offer, (track) => {
        kept.push(track);
        const list = track.mid() === '0' ? subscribers.audio : subscribers.video;
        if (kind === 'whep') track.onOpen(() => list.push(track));
        else track.onMessage((packet) => list.forEach((to) => void to.sendMessageBinary(packet)));
      }),
    )
    .then((answer) => response.writeHead(201, { 'content-type': 'application/sdp' }).end(answer))
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(Number(process.argv[2]), '127.0.0.1');
