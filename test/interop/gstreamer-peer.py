#!/usr/bin/python3
"""
GStreamer's webrtcbin as a WHIP encoder or a WHEP player.

    gstreamer-peer.py publish URL TOKEN VIDEO AUDIO ROLE    VP8 or H264; OPUS or PCMU; actpass, active or passive
    gstreamer-peer.py play URL TOKEN VIDEO AUDIO

An encoder shows plain red and a tone of 440 Hz until its standard input ends. A player prints a line of JSON with what
it decoded, once it has seen 20 frames and heard two seconds.
"""
import json
import math
import re
import sys
import threading
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

RATE = 48000
SECONDS = 2
FRAMES = 20
ENCODERS = {
    "VP8": "vp8enc deadline=1 cpu-used=8 keyframe-max-dist=30 ! rtpvp8pay pt=96",
    "H264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=500 ! video/x-h264,profile=constrained-baseline"
    " ! h264parse config-interval=-1 ! rtph264pay pt=96 aggregate-mode=zero-latency",
    "OPUS": "opusenc ! rtpopuspay pt=97",
    "PCMU": "audioresample ! audio/x-raw,rate=8000 ! mulawenc ! rtppcmupay pt=0",
}
DECODERS = {
    "VP8": "rtpvp8depay ! vp8dec",
    "H264": "rtph264depay ! h264parse ! avdec_h264",
    "OPUS": "rtpopusdepay ! opusdec",
    "PCMU": "rtppcmudepay ! mulawdec",
}


CAPS = {
    "VP8": "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000",
    "H264": "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000",
    "OPUS": "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000",
    "PCMU": "application/x-rtp,media=audio,encoding-name=PCMU,payload=0,clock-rate=8000",
}
# What a player offers; an encoder's own stream tells it.
WANTED = {**CAPS, "H264": CAPS["H264"] + ",packetization-mode=(string)1,profile-level-id=(string)42e01f"}


class Peer:
    def __init__(self, way, url, token, video, audio, role="actpass"):
        self.url, self.token, self.role = url, token, role
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.Pipeline.new("peer")
        self.webrtc = Gst.ElementFactory.make("webrtcbin", "webrtc")
        self.webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.pipeline.add(self.webrtc)
        self.samples, self.frames, self.seen = [], 0, {}
        self.is_offered = False
        if way == "publish":
            self.send(
                f"audiotestsrc is-live=true freq=440 volume=0.5 ! audioconvert ! audio/x-raw,channels=1 ! {ENCODERS[audio]}",
                audio,
            )
            self.send(
                "videotestsrc is-live=true pattern=red ! video/x-raw,width=320,height=180,framerate=15/1"
                f" ! videoconvert ! {ENCODERS[video]}",
                video,
            )
        else:
            for codec in (audio, video):
                self.webrtc.emit(
                    "add-transceiver",
                    GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY,
                    Gst.Caps.from_string(WANTED[codec]),
                )
            self.webrtc.connect("pad-added", self.on_pad)
        self.webrtc.connect("notify::ice-gathering-state", self.on_gathering)
        self.webrtc.connect("notify::connection-state", self.on_state)

    def send(self, description, codec):
        source = Gst.parse_bin_from_description(f"{description} ! capsfilter caps={CAPS[codec]}", True)
        self.pipeline.add(source)
        source.link(self.webrtc)

    def run(self, seconds):
        self.pipeline.set_state(Gst.State.PLAYING)
        # An encoder's caps have to be there, else the offer lacks its SSRCs.
        GLib.timeout_add(700, self.offer)
        GLib.timeout_add_seconds(seconds, self.loop.quit)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)

    def offer(self):
        self.webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self.on_offer, None))
        return False

    def on_offer(self, promise, _):
        promise.wait()
        reply = promise.get_reply()  # owns the description
        self.webrtc.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def on_gathering(self, _, __):
        if self.webrtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            GLib.idle_add(self.post)

    def post(self):
        if self.is_offered:
            return False
        self.is_offered = True
        sdp = self.webrtc.get_property("local-description").sdp.as_text()
        sdp = sdp.replace("a=setup:actpass", f"a=setup:{self.role}")
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/sdp"}
        request = urllib.request.Request(self.url, sdp.encode(), headers)
        try:
            answer = urllib.request.urlopen(request, timeout=10).read().decode()
        except urllib.error.HTTPError as error:
            print(f"{error} {error.read().decode()}\n{sdp}", file=sys.stderr)
            self.loop.quit()
            return False
        _, message = GstSdp.SDPMessage.new_from_text(answer)
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.webrtc.emit("set-remote-description", description, Gst.Promise.new())
        return False

    def on_state(self, _, __):
        tell({"state": self.webrtc.get_property("connection-state").value_nick})

    def on_pad(self, _, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        codec = re.search(r"encoding-name=\(string\)(\w+)", pad.get_current_caps().to_string())[1].upper()
        is_video = codec in ("VP8", "H264")
        tail = (
            "videoconvert ! video/x-raw,format=RGB"
            if is_video
            else f"audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate={RATE},channels=1"
        )
        sink = Gst.parse_bin_from_description(
            f"queue ! {DECODERS[codec]} ! {tail} ! fakesink name=end sync=false async=false", True
        )
        self.seen["video" if is_video else "audio"] = {"codec": codec}
        probe = self.on_frame if is_video else self.on_sound
        sink.get_by_name("end").get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, probe)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def on_frame(self, pad, info):
        structure = pad.get_current_caps().get_structure(0)
        width, height = structure.get_value("width"), structure.get_value("height")
        ok, data = info.get_buffer().map(Gst.MapFlags.READ)
        if ok:
            stride = (width * 3 + 3) // 4 * 4
            at = height // 2 * stride + width // 2 * 3
            self.seen["video"].update(width=width, height=height, colour=list(data.data[at : at + 3]))
            info.get_buffer().unmap(data)
        self.frames += 1
        self.check()
        return Gst.PadProbeReturn.OK

    def on_sound(self, _, info):
        ok, data = info.get_buffer().map(Gst.MapFlags.READ)
        if ok:
            self.samples.extend(memoryview(bytes(data.data)).cast("h"))
            info.get_buffer().unmap(data)
        self.check()
        return Gst.PadProbeReturn.OK

    def check(self):
        if self.frames < FRAMES or len(self.samples) < RATE * SECONDS or "done" in self.seen:
            return
        last = self.samples[-RATE // 2 :]
        self.seen["audio"].update(tone440=amplitude(last, 440), tone1000=amplitude(last, 1000))
        self.seen["done"] = True
        tell(self.seen)
        GLib.idle_add(self.loop.quit)


def tell(what):
    """In one write: GStreamer calls from many threads."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def amplitude(samples, frequency):
    """Of one frequency, 0 to 1 (Goertzel in a Hann window)."""
    coefficient = 2 * math.cos(2 * math.pi * frequency / RATE)
    before = last = 0.0
    count = len(samples)
    for i, sample in enumerate(samples):
        window = 0.5 - 0.5 * math.cos(2 * math.pi * i / count)
        before, last = last, sample / 32768 * window + coefficient * last - before
    return math.sqrt(max(0, last * last + before * before - coefficient * last * before)) * 4 / count


def main():
    Gst.init(None)
    peer = Peer(*sys.argv[1:])
    if sys.argv[1] == "publish":

        def wait():
            sys.stdin.read()
            GLib.idle_add(peer.loop.quit)

        threading.Thread(target=wait, daemon=True).start()
    peer.run(60)


main()
