import { createContext } from "svelte";

/** The line that Notice shows, for every widget below App.svelte. */
export const [getNotice, setNotice] = createContext<() => string>();
