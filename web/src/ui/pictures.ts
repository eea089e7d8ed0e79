import { createContext } from "svelte";

/** The address of the picture of a custom emoji, given as :name:, for every widget below App.svelte. */
export const [getPicture, setPicture] = createContext<(code: string) => string | undefined>();
