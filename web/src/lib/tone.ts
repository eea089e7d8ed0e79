// A short, soft tone, made by the browser and not loaded.

/** Its length, in seconds, and its two pitches, Hz. */
const LENGTH = 0.5;
const PITCHES = [587.33, 880];
const LOUD = 0.06;

/** How long it is waited for a browser that lets the page make no sound before one has clicked in it, ms. */
const PATIENCE = 1500;

/** Plays it, where the browser lets the page make a sound. It is never played late. */
export function tone(): void {
  if (typeof AudioContext === "undefined") return;
  const sound = new AudioContext();
  PITCHES.forEach((pitch, i) => {
    const from = sound.currentTime + i * 0.12,
      voice = sound.createOscillator(),
      loudness = sound.createGain();
    voice.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, from);
    loudness.gain.linearRampToValueAtTime(LOUD, from + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, from + LENGTH);
    voice.connect(loudness).connect(sound.destination);
    voice.start(from);
    voice.stop(from + LENGTH);
  });
  setTimeout(() => void sound.close(), PATIENCE);
}
