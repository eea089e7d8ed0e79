// What becomes of a text when it is sent: :shortcodes: are emoji.

/** How long a message waits for the emoji that it names, ms. */
const FINISHED_WITHIN = 3000;

/** The text as it is sent: :shortcodes: become emoji. If the emoji do not come in time, the codes stay as they were typed. */
export function finish(text: string, tone: number): string | Promise<string> {
  if (!/:[a-z0-9_+-]{1,60}:/i.test(text)) return text;
  const late = new Promise<string>((done) => setTimeout(done, FINISHED_WITHIN, text));
  return Promise.race([converted(text, tone), late]);
}

async function converted(text: string, tone: number): Promise<string> {
  try {
    const { load, convert } = await import("./emoji");
    return convert(await load(), text, tone);
  } catch {
    return text; // the emoji could not be loaded
  }
}
