// Injected into every page under test, before its own scripts: defines `switchyardTest`. Works in Chromium and Firefox.
// Plain JavaScript, because it runs in the browser as it is; ../page.ts has the typed calls.
(() => {
  if (globalThis.switchyardTest) return;
  const COLUMNS = 10;
  const ROWS = 4;
  const SYNC = 0b1011_0010;
  /** Luminance that white sync blocks must have over the black ones. */
  const MIN_CONTRAST = 40;

  // ---- marks ---------------------------------------------------------------------------------------------------

  function crc8(bytes) {
    let crc = 0;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
    }
    return crc;
  }

  function drawMark(context, width, height, source, frame) {
    const bytes = [SYNC, source & 0xff, (frame >> 8) & 0xff, frame & 0xff];
    bytes.push(crc8(bytes.slice(1)));
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    context.fillStyle = '#fff';
    for (let i = 0; i < COLUMNS * ROWS; i++) {
      if (!(bytes[i >> 3] & (0x80 >> (i & 7)))) continue;
      const left = Math.floor(((i % COLUMNS) * width) / COLUMNS);
      const right = Math.floor((((i % COLUMNS) + 1) * width) / COLUMNS);
      const top = Math.floor((Math.floor(i / COLUMNS) * height) / ROWS);
      const bottom = Math.floor(((Math.floor(i / COLUMNS) + 1) * height) / ROWS);
      context.fillRect(left, top, right - left, bottom - top);
    }
  }

  // Eight pixels a block are enough: the browser scales with a filter, and the edges are left out below.
  const scratch = document.createElement('canvas');
  scratch.width = COLUMNS * 8;
  scratch.height = ROWS * 8;
  const pixels = scratch.getContext('2d', { willReadFrequently: true });

  /** Reads a mark from a part of a video frame (fractions of its size); null when there is none or it is damaged. */
  function readMark(video, area = [0, 0, 1, 1]) {
    const { videoWidth: w, videoHeight: h } = video;
    if (!w || !h) return null;
    const [x, y, width, height] = area;
    pixels.drawImage(
      video,
      x * w,
      y * h,
      width * w,
      height * h,
      0,
      0,
      scratch.width,
      scratch.height,
    );
    const { data } = pixels.getImageData(0, 0, scratch.width, scratch.height);
    const levels = [];
    for (let i = 0; i < COLUMNS * ROWS; i++) levels.push(blockLevel(data, i));
    const sync = [...Array(8).keys()].map((bit) => (SYNC & (0x80 >> bit)) !== 0);
    const white = mean(levels.slice(0, 8).filter((_, i) => sync[i]));
    const black = mean(levels.slice(0, 8).filter((_, i) => !sync[i]));
    if (white - black < MIN_CONTRAST) return null;
    const bytes = [0, 0, 0, 0, 0];
    levels.forEach((level, i) => {
      if (level > (white + black) / 2) bytes[i >> 3] |= 0x80 >> (i & 7);
    });
    const [first, source, high, low, check] = bytes;
    if (first !== SYNC || check !== crc8([source, high, low])) return null;
    return { source, frame: (high << 8) | low };
  }

  /** Mean luminance of the middle of a block. */
  function blockLevel(data, index) {
    let sum = 0;
    for (let y = 2; y < 6; y++) {
      for (let x = 2; x < 6; x++) {
        const row = Math.floor(index / COLUMNS) * 8 + y;
        const at = 4 * (row * scratch.width + (index % COLUMNS) * 8 + x);
        sum += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
      }
    }
    return sum / 16;
  }

  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

  function findVideo(selector) {
    const video =
      typeof selector === 'number'
        ? document.querySelectorAll('video')[selector]
        : document.querySelector(selector);
    if (!video) throw new Error(`no video ${selector}`);
    return video;
  }

  /** Every video on the page that has a picture, with its size, its label and its mark. */
  function videos() {
    return [...document.querySelectorAll('video')]
      .map((video, index) => ({
        index,
        label: video.closest('[aria-label]')?.getAttribute('aria-label') ?? '',
        width: video.videoWidth,
        height: video.videoHeight,
        mark: readMark(video),
      }))
      .filter((video) => video.width > 0);
  }

  const recordings = new Map();

  /** Notes the time and mark of each new frame of a video from now on. */
  function record(name, selector) {
    const video = findVideo(selector);
    const recording = { frames: [], damaged: 0, running: true };
    recordings.set(name, recording);
    const look = () => {
      if (!recording.running) return;
      const mark = readMark(video);
      if (mark) recording.frames.push({ atMs: performance.now(), ...mark });
      else recording.damaged++;
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }

  /** Ends a recording. `longestGapMs` counts up to now, so a picture that froze for good shows too. */
  function recorded(name) {
    const recording = recordings.get(name);
    if (!recording) throw new Error(`no recording ${name}`);
    recording.running = false;
    const times = [...recording.frames.map((frame) => frame.atMs), performance.now()];
    const gaps = times.slice(1).map((time, i) => time - times[i]);
    return {
      frames: recording.frames,
      damaged: recording.damaged,
      sources: [...new Set(recording.frames.map((frame) => frame.source))],
      longestGapMs: gaps.length > 0 ? Math.max(...gaps) : Number.MAX_SAFE_INTEGER,
    };
  }

  // ---- peer connections and sound ------------------------------------------------------------------------------

  const peers = [];
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class RTCPeerConnection extends Native {
    constructor(...args) {
      super(...args);
      peers.push(this);
    }
  };

  /** The statistics of every open RTCPeerConnection of the page as plain objects, with the number of the connection. */
  async function stats(type) {
    const all = [];
    for (const [peer, pc] of peers.entries()) {
      if (pc.connectionState === 'closed') continue;
      for (const entry of (await pc.getStats()).values()) {
        if (!type || entry.type === type) all.push({ ...entry, peer });
      }
    }
    return all;
  }

  let audioContext = null;

  /**
   * How loud each frequency is in the sum of all remote audio tracks, as an amplitude from 0 to 1, over so long. A sine
   * of 0.5 sent by one participant is about 0.5 here. Needs a running AudioContext (Chromium; see `audioEnergy`).
   */
  async function tones(frequencies, durationMs = 500) {
    audioContext ??= new AudioContext();
    if (audioContext.state !== 'running') await Promise.race([audioContext.resume(), wait(1000)]);
    if (audioContext.state !== 'running')
      throw new Error('no sound server: the AudioContext stays suspended');
    const tracks = remoteTracks('audio');
    const mix = audioContext.createGain();
    const analyser = audioContext.createAnalyser();
    analyser.fftSize = 8192;
    mix.connect(analyser);
    const undo = tracks.map((track) => {
      const stream = new MediaStream([track]);
      // Chromium decodes a remote track for WebAudio only while an element plays it too.
      const element = new Audio();
      element.muted = true;
      element.srcObject = stream;
      element.play().catch(() => {});
      const source = audioContext.createMediaStreamSource(stream);
      source.connect(mix);
      return () => {
        source.disconnect();
        element.srcObject = null;
      };
    });
    const samples = new Float32Array(analyser.fftSize);
    const loudest = frequencies.map(() => 0);
    const end = performance.now() + durationMs;
    do {
      await wait(100);
      analyser.getFloatTimeDomainData(samples);
      frequencies.forEach((frequency, i) => {
        loudest[i] = Math.max(loudest[i], goertzel(samples, frequency / audioContext.sampleRate));
      });
    } while (performance.now() < end);
    for (const one of undo) one();
    return loudest;
  }

  /** The amplitude of one frequency (in cycles per sample) in a Hann window over the samples. */
  function goertzel(samples, frequency) {
    const coefficient = 2 * Math.cos(2 * Math.PI * frequency);
    let before = 0;
    let last = 0;
    for (let i = 0; i < samples.length; i++) {
      const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / samples.length);
      const next = samples[i] * window + coefficient * last - before;
      before = last;
      last = next;
    }
    const power = last * last + before * before - coefficient * last * before;
    return (Math.sqrt(Math.max(0, power)) * 4) / samples.length;
  }

  function remoteTracks(kind) {
    return peers
      .filter((pc) => pc.connectionState !== 'closed')
      .flatMap((pc) => pc.getReceivers())
      .map((receiver) => receiver.track)
      .filter((track) => track.kind === kind && track.readyState === 'live');
  }

  /** The mean level (RMS, 0 to 1) that each remote audio stream decoded to over so long, from getStats: any browser. */
  async function audioEnergy(durationMs = 1000) {
    const read = async () =>
      new Map(
        (await stats('inbound-rtp'))
          .filter((entry) => entry.kind === 'audio')
          .map((entry) => [`${entry.peer}/${entry.id}`, entry]),
      );
    const before = await read();
    await wait(durationMs);
    return [...(await read())].map(([key, entry]) => {
      const past = before.get(key);
      const energy = (entry.totalAudioEnergy ?? 0) - (past?.totalAudioEnergy ?? 0);
      const seconds = (entry.totalSamplesDuration ?? 0) - (past?.totalSamplesDuration ?? 0);
      return seconds > 0 ? Math.sqrt(energy / seconds) : 0;
    });
  }

  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  // ---- camera and microphone -----------------------------------------------------------------------------------

  /** Makes camera, screen and (given a tone) microphone of this page: marked pictures and a sine. */
  function fakeDevices({ source, screenSource, width, height, fps, toneHz }) {
    const devices = navigator.mediaDevices;
    const native = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (constraints = {}) => {
      const tracks = [];
      if (constraints.video) tracks.push(markedTrack(source, width, height, fps));
      if (constraints.audio) {
        if (toneHz) tracks.push(await toneTrack(toneHz));
        else tracks.push(...(await native({ audio: constraints.audio })).getAudioTracks());
      }
      if (tracks.length === 0) throw new TypeError('audio or video must be asked for');
      return new MediaStream(tracks);
    };
    devices.getDisplayMedia = async () =>
      new MediaStream([markedTrack(screenSource, width, height, fps)]);
  }

  function markedTrack(source, width, height, fps) {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d');
    let frame = 0;
    drawMark(context, width, height, source, frame);
    const track = canvas.captureStream(fps).getVideoTracks()[0];
    const timer = setInterval(() => {
      if (track.readyState === 'ended') clearInterval(timer);
      else drawMark(context, width, height, source, ++frame & 0xffff);
    }, 1000 / fps);
    return track;
  }

  async function toneTrack(frequency) {
    const context = new AudioContext();
    await context.resume();
    const oscillator = new OscillatorNode(context, { frequency });
    const destination = context.createMediaStreamDestination();
    oscillator.connect(new GainNode(context, { gain: 0.5 })).connect(destination);
    oscillator.start();
    return destination.stream.getAudioTracks()[0];
  }

  globalThis.switchyardTest = {
    readMark: (selector, area) => readMark(findVideo(selector), area),
    videos,
    record,
    recorded,
    stats,
    tones,
    audioEnergy,
    fakeDevices,
    peers,
  };
})();
