import "./lib/trust";
import { mount } from "svelte";
import "./styles/base.css";
import App from "./App.svelte";
import { answers } from "./early";
import { startWith } from "./net/api";

startWith(answers);
const target = document.getElementById("app")!;
if (location.pathname === "/unsubscribe") {
  document.getElementById("skeleton")?.remove();
  import("./features/unsubscribe/Unsubscribe.svelte").then(
    ({ default: Page }) => mount(Page, { target, props: { token: location.hash.slice(1) } }),
    () => (target.textContent = "This page could not be loaded. Check the connection, then load it again."),
  );
} else mount(App, { target });
