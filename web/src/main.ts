import "./lib/trust";
import { mount } from "svelte";
import "./styles/base.css";
import App from "./App.svelte";
import { answers } from "./early";
import { startWith } from "./net/api";

startWith(answers);
mount(App, { target: document.getElementById("app")! });
