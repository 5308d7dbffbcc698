/** For pages of plain text: their look, in the theme that the reader chose in the playground. */

import "./plain.css";
import { recall } from "./app/memory";

const theme = recall("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
