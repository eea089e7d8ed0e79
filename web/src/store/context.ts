import { createContext } from "svelte";
import type { App } from "./app";

/** The parts of the client, for every component below App.svelte. */
export const [getApp, setApp] = createContext<App>();
