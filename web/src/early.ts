// Arrives before the client, which is a hundred times larger: draws the look of last time, and sends the first requests of whoever was
// signed in here, so that the answers come while the client is loaded. main.ts hands them to net/api.
import "./lib/trust"; // before anything of Svelte runs
import { draw, LOOK } from "./lib/look";
import { firstRequests } from "./net/ahead";

const stored = (key: string): string => {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return ""; // the browser denies the storage: the client asks by itself
  }
};

const who = stored("canteen.who");
draw(stored(LOOK));
if (!who) document.getElementById("skeleton")?.remove();

export const answers = new Map(
  firstRequests(location.pathname, who, stored(`canteen.room.${who}`)).map((path) => {
    const answer = fetch(`/api/v1${path}`, { credentials: "same-origin", signal: AbortSignal.timeout(30_000) });
    answer.catch(() => undefined); // whoever takes it hears of it
    return [path, answer];
  }),
);
