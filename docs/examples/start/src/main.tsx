// src/main.tsx
import { createRoot } from "react-dom/client";
import { Counter } from "./counter.tsx";

const root = document.getElementById("root");
if (root) createRoot(root).render(<Counter />);
