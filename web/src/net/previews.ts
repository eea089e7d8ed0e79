// The command about previews of links. It is loaded with the first link that is written.
import type * as wire from "../wire/types";
import { send } from "./api";

export const preview = (url: string) => send<wire.MadePreview>("POST", "/previews", { url } satisfies wire.AskPreview);
