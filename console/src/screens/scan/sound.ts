/** A sound for each end of a scan, made on the spot: high for accepted, twice for already there, low for refused. */
import type { ScanEnd } from "./queue";

const TONES: Record<ScanEnd, readonly { hertz: number; at: number; lasts: number }[]> = {
  accepted: [{ hertz: 1320, at: 0, lasts: 0.09 }],
  present: [
    { hertz: 660, at: 0, lasts: 0.09 },
    { hertz: 660, at: 0.15, lasts: 0.09 },
  ],
  refused: [{ hertz: 196, at: 0, lasts: 0.45 }],
};
const VIBRATIONS = { accepted: 40, present: [40, 60, 40], refused: 400 };

let audio: AudioContext | undefined;

/** Sound for a state; browsers allow it after the first key or touch on the page, which every scan is. */
export function sound(state: ScanEnd) {
  navigator.vibrate?.(VIBRATIONS[state]);
  audio ??= new AudioContext();
  const now = audio.currentTime;
  for (const { hertz, at, lasts } of TONES[state]) {
    const tone = new OscillatorNode(audio, { frequency: hertz, type: state === "refused" ? "square" : "sine" });
    const volume = new GainNode(audio, { gain: 0.25 });
    tone.connect(volume).connect(audio.destination);
    tone.start(now + at);
    tone.stop(now + at + lasts);
  }
}
