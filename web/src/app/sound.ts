import { preferences } from "./preferences";

export type Tune = "ring" | "risk" | "due" | "tick";

interface Note {
  hz: number;
  /** Seconds from the beginning. */
  at: number;
  lasts: number;
}

// soft, at most 400 ms, never repeated: an aid to the phone, not a second phone
const TUNES: Readonly<Record<Tune, readonly Note[]>> = {
  ring: [
    { hz: 660, at: 0, lasts: 0.18 },
    { hz: 880, at: 0.18, lasts: 0.22 },
  ],
  risk: [
    { hz: 440, at: 0, lasts: 0.18 },
    { hz: 330, at: 0.18, lasts: 0.22 },
  ],
  due: [{ hz: 523, at: 0, lasts: 0.3 }],
  tick: [{ hz: 1200, at: 0, lasts: 0.05 }],
};
const LOUDEST = 0.2;

let context: AudioContext | null = null;

/** Play a tune once, if sounds are wanted. A browser that wants a click first stays silent. */
export function play(tune: Tune, quiet = false): void {
  const { sound, volume, soundAlways } = preferences.get();
  if (!sound || volume === 0 || (!soundAlways && !document.hidden)) return;
  sing(tune, quiet ? volume / 4 : volume);
}

/** Play it whatever is chosen: somebody wants to hear how loud it is. */
export function sing(tune: Tune, volume: number): void {
  try {
    context ??= new AudioContext();
    void context.resume().catch(() => undefined);
    for (const note of TUNES[tune]) strike(context, note, volume * LOUDEST);
  } catch {
    // no sound on this computer: the page says everything without it
  }
}

function strike(audio: AudioContext, { hz, at, lasts }: Note, level: number): void {
  const tone = audio.createOscillator();
  const gain = audio.createGain();
  const start = audio.currentTime + at;
  tone.frequency.value = hz;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(level, start + 0.02);
  gain.gain.linearRampToValueAtTime(0, start + lasts);
  tone.connect(gain).connect(audio.destination);
  tone.start(start);
  tone.stop(start + lasts);
}
