import { render } from "preact";
import { Page } from "./page.tsx";
import "./page.css";

const root = document.querySelector("#root");
if (!root) throw new Error("index.html has no element #root.");
render(<Page />, root);
