// Recording a voice message: its sound, how long it is, and how loud each part of it is.
import { waveform } from "./wave";

/** How often the loudness is measured, ms. */
const EVERY = 50;
/** The formats of sound that servers and browsers know, the best first. */
const FORMATS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

export interface Recorded {
  readonly body: Blob;
  readonly name: string;
  readonly waveform: string;
  /** ms */
  readonly duration: number;
}

/** Whether the browser can record. */
export const canRecord = (): boolean => typeof MediaRecorder === "function" && !!navigator.mediaDevices && !!format();

const format = (): string | undefined => FORMATS.find((f) => MediaRecorder.isTypeSupported(f));

export class Recorder {
  private parts: Blob[] = [];
  private levels: number[] = [];
  private begun = performance.now();
  private timer: ReturnType<typeof setInterval>;

  private constructor(
    private stream: MediaStream,
    private media: MediaRecorder,
    private context: AudioContext,
    analyser: AnalyserNode,
    heard: (level: number, ms: number) => void,
  ) {
    const samples = new Float32Array(analyser.fftSize);
    media.ondataavailable = (e) => this.parts.push(e.data);
    media.start(1000);
    this.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const level = Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length);
      this.levels.push(level);
      heard(level, this.ms);
    }, EVERY);
  }

  /** Asks for the microphone, and begins. `heard` is told how loud it is and how long it takes. Throws when it is denied. */
  static async begin(heard: (level: number, ms: number) => void): Promise<Recorder> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true }),
      mimeType = format();
    const context = new AudioContext(),
      analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const media = new MediaRecorder(stream, { ...(mimeType && { mimeType }), audioBitsPerSecond: 32_000 });
    return new Recorder(stream, media, context, analyser, heard);
  }

  private get ms(): number {
    return performance.now() - this.begun;
  }

  /** Ends it and gives the microphone back. */
  async end(): Promise<Recorded> {
    const duration = Math.round(this.ms),
      type = this.media.mimeType.split(";")[0]!;
    const stopped = new Promise((yes) => (this.media.onstop = yes));
    if (this.media.state !== "inactive") this.media.stop();
    else this.media.onstop?.(new Event("stop"));
    this.release();
    await stopped;
    const ending = type === "audio/mp4" ? "m4a" : type === "audio/ogg" ? "ogg" : "webm";
    return {
      body: new Blob(this.parts, { type }),
      name: `Voice message.${ending}`,
      waveform: waveform(this.levels),
      duration,
    };
  }

  /** Ends it, and nothing of it is kept. */
  cancel(): void {
    this.media.ondataavailable = null;
    if (this.media.state !== "inactive") this.media.stop();
    this.release();
  }

  private release(): void {
    clearInterval(this.timer);
    for (const track of this.stream.getTracks()) track.stop();
    void this.context.close();
  }
}
