export { Suspense } from "react";
