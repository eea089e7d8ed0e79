// A picture that stands for a video until it is played: one of its first frames, as the sender's browser draws it.

/** How long the browser may take to read and draw a video, ms. */
const PATIENCE = 10_000;
/** The longest side of the picture, px. The server keeps no thumbnail of one that is not larger than that. */
const LEAST = 400,
  MOST = 960;
/** Where in the video it is taken, s. The very first frames are often black. */
const AT = 1;

/** Draws it, as a JPEG in base64; undefined when the browser cannot play the video. */
export async function poster(body: Blob): Promise<string | undefined> {
  const url = URL.createObjectURL(body),
    video = document.createElement("video");
  const happens = (what: string) =>
    new Promise<void>((yes, no) => {
      video.addEventListener(what, () => yes(), { once: true });
      video.addEventListener("error", () => no(new Error("The browser cannot play this video.")), { once: true });
      setTimeout(() => no(new Error("The browser takes too long.")), PATIENCE);
    });
  try {
    video.muted = true;
    video.preload = "auto";
    video.src = url;
    await happens("loadeddata");
    const sought = happens("seeked");
    video.currentTime = Math.min(AT, Number.isFinite(video.duration) ? video.duration / 2 : AT);
    await sought;
    const picture = drawn(video);
    return picture.slice(picture.indexOf(",") + 1) || undefined;
  } catch {
    return undefined;
  } finally {
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  }
}

function drawn(video: HTMLVideoElement): string {
  const { videoWidth: width, videoHeight: height } = video,
    longest = Math.max(width, height, 1),
    by = Math.max(LEAST, Math.min(longest, MOST)) / longest;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * by));
  canvas.height = Math.max(1, Math.round(height * by));
  canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.8);
}
