import { createElement } from "react";
import { hydrateRoot } from "react-dom/client";
import { Page } from "./react-page.ts";

const root = document.querySelector("#root");
// As the Worker has written it.
const snapshot = JSON.parse(document.querySelector("#snapshot")?.textContent ?? "") as string;
if (root) {
  hydrateRoot(root, createElement(Page, { snapshot }), {
    onRecoverableError: (error) => console.error("not what the server has rendered", error),
  });
}
