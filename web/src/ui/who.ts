import { createContext } from "svelte";

/** Shows who somebody is, beside an element; for every widget below Chat.svelte. */
export const [getWho, setWho] = createContext<(id: string, beside: Element) => void>();
